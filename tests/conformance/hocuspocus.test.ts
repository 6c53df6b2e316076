import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Hooks, StatelessEvent } from '../../server/hooks/hooks.js';
import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import { BusHub } from '../support/bus-hub.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import {
  type ClientOptions,
  HOCUSPOCUS_VERSIONS,
  type HocuspocusClient,
  HocuspocusConnection,
  type HocuspocusVersion,
} from '../support/hocuspocus-client.js';
import { quickClock } from '../support/quick-clock.js';
import { RawClient } from '../support/raw-client.js';
import { RegisterAccess } from '../support/register-access.js';
import { until } from '../support/until.js';

const access = new RegisterAccess();
let server: GatewayServer;
let documents = 0;
const connections: HocuspocusConnection[] = [];
const own: RawClient[] = [];

beforeAll(async () => {
  for (const editor of ['ann', 'ben', 'cleo']) access.add(editor, 'editor');
  access.add('vera', 'viewer');
  server = await startGateway({ access });
});

afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy();
  for (const client of own.splice(0)) client.close();
});

afterAll(() => server.stop());

function newName(): string {
  return `acme/note-${++documents}`;
}

function connection(version: HocuspocusVersion, url = server.url): HocuspocusConnection {
  const made = new HocuspocusConnection(version, url);
  connections.push(made);
  return made;
}

function connect(version: HocuspocusVersion, name: string, options: ClientOptions = {}): HocuspocusClient {
  return connection(version).open(name, { token: 'ann', ...options });
}

async function accessChanged(name: string): Promise<void> {
  const id = parseDocumentId(name);
  await server.store.changeAccess({ kind: 'document', id }, Date.now());
  await server.documents.accessChanged(id);
}

async function connectOwn(document: string, token = 'cleo'): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { document, auth: { protocol: 1, token } });
  own.push(client);
  return client;
}

describe.each(HOCUSPOCUS_VERSIONS)("Hocuspocus' own provider, %s", (version) => {
  test('[HOCUS1] writes into one document with others of its kind and with ours, both ways', async () => {
    const name = newName();
    const [one, two] = [connect(version, name), connect(version, name, { token: 'ben' })];
    const ours = await connectOwn(name);
    await until(() => one.isSaved && two.isSaved, 'both to be synced');
    one.type('one ');
    await until(() => two.text === 'one ' && ours.text === 'one ', 'the one to have written');
    two.type('two ');
    await until(() => one.text === 'one two ' && ours.text === 'one two ', 'the other to have written');
    await ours.type('ours');
    await until(() => one.text === 'one two ours' && two.text === 'one two ours', 'ours to have written');
    await until(() => one.isSaved && two.isSaved, 'all to be saved');
    expect([one.scopes, one.denied, two.denied]).toEqual([['read-write'], [], []]);
  });

  test('[HOCUS2] has several documents over one connection, each with a right of its own', async () => {
    const shared = connection(version);
    const [mine, read, denied] = [newName(), newName(), newName()];
    const ours = await connectOwn(read);
    await ours.type('read this');
    const editor = shared.open(mine, { token: 'ann' });
    const reader = shared.open(read, { token: 'vera' });
    const stranger = shared.open(denied, { token: 'eve' });
    const nameless = shared.open('no such name', { token: 'ann' });
    await until(() => stranger.denied.length > 0 && nameless.denied.length > 0, 'the two to be denied');
    await until(() => editor.isSaved && reader.text === 'read this', 'the others to be in');
    expect(stranger.denied).toEqual([
      'unauthenticated: A valid token is needed here; sign in and connect again.',
    ]);
    expect(nameless.denied[0]).toMatch(/^invalid-document-id: A document is named/);
    expect([editor.scopes, reader.scopes]).toEqual([['read-write'], ['readonly']]);
    editor.type('mine');
    await until(() => editor.isSaved, 'it to be saved');
    expect([stranger.text, shared.closed]).toEqual(['', []]);
  });

  test('[HOCUS5] says that what a reader writes is not saved, and saves it once he may write', async () => {
    const name = newName();
    const ours = await connectOwn(name);
    await ours.type('read ');
    access.add('rob', 'viewer');
    const reader = connect(version, name, { token: 'rob' });
    await until(() => reader.isSaved && reader.text === 'read ', 'the text');
    reader.type('me');
    reader.erase(1);
    await ours.type('this');
    await until(() => reader.text.includes('this'), 'what comes later');
    expect([ours.text, reader.provider.unsyncedChanges]).toEqual(['read this', 2]);
    access.roles.set('rob', 'editor');
    await accessChanged(name);
    await until(() => reader.isSaved && ours.text.includes('me'), 'it to be saved');
    expect([reader.scopes, reader.provider.unsyncedChanges]).toEqual([['readonly', 'read-write'], 0]);
    expect(ours.text).toBe(reader.text);
  });

  test('[HOCUS6] is told why it is sent away, and its other documents stay', async () => {
    const [lost, kept] = [newName(), newName()];
    access.add('rita', 'editor');
    const shared = connection(version);
    const revoked = shared.open(lost, { token: 'rita' });
    const staying = shared.open(kept, { token: 'ann' });
    await until(() => revoked.isSaved && staying.isSaved, 'both to be in');
    access.roles.delete('rita');
    await accessChanged(lost);
    await until(() => revoked.denied.length > 0, 'the one to be out');
    expect(revoked.denied[0]).toMatch(/^no-access: /);
    staying.type('still here');
    await until(() => staying.isSaved, 'the other to go on');
    await server.store.remove(parseDocumentId(kept), Date.now());
    await server.documents.deleted(parseDocumentId(kept));
    await until(() => staying.denied.length > 0, 'the document to be gone');
    expect(staying.denied[0]).toMatch(/^document-deleted: /);
    // 2.x knows no other word for it.
    const closes = version === '2.15.3' ? [[], []] : [revoked.denied, staying.denied];
    expect([revoked.closed, staying.closed, shared.closed]).toEqual([...closes, []]);
  });

  test('[HOCUS7] sees who is there, is seen, and is gone when it leaves', async () => {
    const name = newName();
    const [one, two] = [connect(version, name), connect(version, name, { token: 'ben' })];
    one.show('Ann');
    await until(() => two.names.includes('Ann'), 'Ann to be seen');
    two.show('Ben');
    await until(() => one.names.includes('Ben'), 'Ben to be seen');
    one.destroy();
    await until(() => !two.names.includes('Ann'), 'Ann to be gone');
  });

  test('[HOCUS9] leaves one document and keeps the others', async () => {
    const [left, kept] = [newName(), newName()];
    const shared = connection(version);
    const [leaving, staying] = [shared.open(left, { token: 'ann' }), shared.open(kept, { token: 'ann' })];
    const witness = connect(version, left, { token: 'ben' });
    leaving.show('Ann');
    await until(() => staying.isSaved && witness.names.includes('Ann'), 'all to be in');
    leaving.destroy();
    await until(() => !witness.names.includes('Ann'), 'the one to be gone');
    staying.type('still here');
    await until(() => staying.isSaved, 'the other to go on');
    const back = shared.open(left, { token: 'ann' });
    back.type('back');
    await until(() => back.isSaved && witness.text === 'back', 'the one to be back');
    expect(shared.closed).toEqual([]);
  });

  test('[HOCUS1] counts as synced once it has everything, and brings what it wrote before', async () => {
    const name = newName();
    const ours = await connectOwn(name);
    await ours.type('x'.repeat(100_000));
    await ours.type('end');
    const client = connect(version, name);
    client.type('mine ');
    await until(() => client.isSaved, 'it to be synced');
    expect(client.syncedWith[0]).toHaveLength(100_008);
    await until(() => ours.text === client.text, 'what it wrote before');
    expect(client.provider.unsyncedChanges).toBe(0);
  });
});

test('[HOCUS6] a provider is sent away with its token, and comes back with another one over the same connection', async () => {
  let isRenewed = false;
  const all = (['4.8.0', '3.4.4', '2.15.3'] as const).map((version) => {
    const [user, name] = [`theo with ${version}`, newName()];
    access.add(user, 'editor', { expiresAt: Date.now() + 300 });
    const token = (): string => (isRenewed ? `${user} again` : user);
    return { user, name, client: connect(version, name, { token }) };
  });
  for (const { client } of all) client.type('before ');
  await until(() => all.every(({ client }) => client.isSaved), 'all to be in');
  await until(() => all.every(({ client }) => client.denied.length > 0), 'the end');
  isRenewed = true;
  for (const { user, name, client } of all) {
    expect(client.denied[0]).toMatch(/^token-expired: /);
    // 2.x leaves for good.
    if (client.provider.sendToken === undefined) continue;
    client.type('meanwhile ');
    client.erase(1);
    const ours = await connectOwn(name);
    await ours.type('others ');
    expect(client.provider.unsyncedChanges).toBe(2);
    access.add(`${user} again`, 'editor', { user });
    await client.provider.sendToken();
    await until(() => client.isSaved && client.text.includes('others'), 'it to be back');
    expect([client.provider.unsyncedChanges, client.socket.closed]).toEqual([0, []]);
    await until(() => ours.text === client.text, 'all of it');
  }
});

test('[HOCUS11] what cannot be opened at the moment is waited for, and what has to begin anew does', async () => {
  server.store.openError = new CoscribeError('store-unavailable');
  const all = HOCUSPOCUS_VERSIONS.map((version) => {
    const name = newName();
    return { name, client: connect(version, name) };
  });
  for (const { client } of all) client.type('waits');
  await until(() => all.every(({ client }) => client.scopes.length > 0), 'all to be let in');
  expect(all.filter(({ client }) => client.isSaved)).toEqual([]);
  server.store.openError = undefined;
  await until(() => all.every(({ client }) => client.isSaved), 'all to be in');
  expect(all.flatMap(({ client }) => [client.denied, client.socket.closed].flat())).toEqual([]);
  for (const { name, client } of all) {
    server.store.reset(parseDocumentId(name));
    client.type(' on');
  }
  await until(() => all.every(({ client }) => client.socket.closed.length > 0), 'all to begin anew');
  await until(() => all.every(({ client }) => client.isSaved), 'all to be back');
  for (const { name, client } of all) {
    expect(client.socket.closed[0]?.code).toBe(4205);
    const ours = await connectOwn(name);
    expect(ours.text).toBe('waits on');
  }
});

test('[HOCUS6] providers are asked for another token before theirs ends, and go on with it', async () => {
  // The server looks every second, and asks in the last third.
  const expiresAt = Date.now() + 3_300;
  access.add('toni', 'editor', { expiresAt });
  access.add('toni again', 'editor', { user: 'toni' });
  const all = (['4.8.0', '3.4.4'] as const).map((version) => {
    let asked = 0;
    return connect(version, newName(), { token: () => (asked++ === 0 ? 'toni' : 'toni again') });
  });
  await until(() => all.every(({ isSaved }) => isSaved), 'all to be in');
  await until(() => Date.now() > expiresAt + 1_000, 'the first token to be over');
  for (const client of all) client.type('still here');
  await until(() => all.every(({ isSaved }) => isSaved), 'all to be saved');
  for (const { denied, scopes, socket } of all)
    expect([denied, scopes, socket.closed]).toEqual([[], ['read-write', 'read-write'], []]);
});

test('[HOCUS6] a provider of 2.x, which sends no token if it has none, is let in where that is allowed', async () => {
  access.add('', 'editor', {});
  const anybody = connection('2.15.3').open(newName());
  await until(() => anybody.isSaved, 'it to be in without a token');
  access.people.delete('');
});

test('[HOCUS2] two providers of one document share a connection with `sessionAwareness`', async () => {
  const name = newName();
  const shared = connection('4.8.0');
  const more = { token: 'ann', sessionAwareness: true };
  const [one, two] = [shared.open(name, more), shared.open(name, more)];
  one.show('one');
  two.show('two');
  await until(() => one.isSaved && two.isSaved, 'both to be in');
  one.type('one ');
  await until(() => two.text === 'one ', 'the one to have written');
  two.type('two');
  await until(() => one.text === 'one two' && one.names.length === 2, 'the other to have written');
  one.destroy();
  await until(() => two.names.join() === 'two', 'the one to be gone');
  two.type('!');
  await until(() => two.isSaved, 'the other to go on');
});

test('[HOCUS4] a provider that sends what it gathers (`flushDelay`) counts to 0 as well', async () => {
  const client = connect('4.8.0', newName(), { flushDelay: 20 });
  await until(() => client.isSaved, 'it to be in');
  for (const letter of 'gathered') client.type(letter);
  expect(client.provider.unsyncedChanges).toBe(1);
  await until(() => client.isSaved, 'all to be saved');
  for (const letter of ' again') client.type(letter);
  expect(client.provider.hasUnsyncedChanges).toBe(true);
  await until(() => client.isSaved, 'all to be saved again');
  expect(client.provider.unsyncedChanges).toBe(0);
});

describe('between several nodes', () => {
  const nodes: GatewayServer[] = [];
  const said: StatelessEvent[] = [];
  beforeAll(async () => {
    const hub = new BusHub();
    const store = new GatedStore();
    const hooks: Hooks = {
      onStateless(event) {
        said.push(event);
        if (event.payload === 'fail') throw new Error('the application fails');
        if (event.payload.startsWith('all: ')) return { reply: 'told', broadcast: event.payload.slice(5) };
        return event.payload === 'nothing' ? undefined : `you said ${event.payload}`;
      },
    };
    for (const name of ['a', 'b'])
      nodes.push(await startGateway({ access, hooks, store, bus: hub.node(name), unloadAfterMs: 60_000 }));
  });
  afterAll(async () => {
    for (const node of nodes) await node.stop();
  });

  test('[HOCUS8] stateless messages reach the application, which answers and tells all, on every node', async () => {
    const [a = '', b = ''] = nodes.map(({ url }) => url);
    const name = newName();
    const [one, two] = [connection('4.8.0', a), connection('3.4.4', a)].map((made) =>
      made.open(name, { token: 'ann' }),
    ) as [HocuspocusClient, HocuspocusClient];
    const far = connection('2.15.3', b).open(name, { token: 'ben' });
    const elsewhere = connection('4.8.0', b).open(newName(), { token: 'ben' });
    await until(() => [one, two, far, elsewhere].every(({ isSaved }) => isSaved), 'all to be in');
    for (const payload of ['fail', 'nothing', 'hello']) one.provider.sendStateless(payload);
    await until(() => one.stateless.length > 0, 'the answer');
    far.provider.sendStateless('all: now');
    await until(() => one.stateless.length > 1 && two.stateless.length > 0, 'all to be told');
    await until(() => far.stateless.length > 0, 'the sender to be answered');
    expect([one, two, far, elsewhere].map(({ stateless }) => stateless)).toEqual([
      ['you said hello', 'now'],
      ['now'],
      ['told'],
      [],
    ]);
    expect(said.at(-1)).toEqual({
      document: name,
      session: expect.any(String),
      identity: { user: 'ben' },
      role: 'editor',
      payload: 'all: now',
    });
  });

  test('[HOCUS11] a stop sends them away spread over some time, with a code that brings them back', async () => {
    const [a] = nodes;
    if (a === undefined) throw new Error('there is no node');
    const made = connection('4.8.0', a.url);
    const all = Array.from({ length: 5 }, () => made.open(newName(), { token: 'ann' }));
    await until(() => all.every(({ isSaved }) => isSaved), 'all to be in');
    await a.documents.stop({ drainMs: 400 });
    await until(() => made.closed.length > 0, 'the connection to end');
    expect(made.closed[0]).toEqual({ code: 4205, reason: expect.stringMatching(/^shutting-down: /) });
    expect(all.flatMap(({ denied, closed }) => [...denied, ...closed])).toEqual([]);
  });
});

test('[HOCUS10] a connection over which nothing happens stays', async () => {
  const quick = await startGateway({ clock: quickClock(20) });
  // Shows nothing of itself: then nothing is said but what the server says.
  const waiting = HOCUSPOCUS_VERSIONS.map((version) => {
    const made = connection(version, quick.url);
    const client = made.open('quiet');
    client.provider.awareness.setLocalState(null);
    return client;
  });
  await until(() => waiting.every(({ isSaved }) => isSaved), 'all to be in');
  const before = waiting.map(({ socket }) => socket.received);
  await until(
    () => waiting.every(({ socket }, at) => socket.received >= (before[at] ?? 0) + 3),
    'three messages',
  );
  expect(waiting.flatMap(({ socket }) => socket.closed)).toEqual([]);
  for (const made of connections.splice(0)) made.destroy();
  await quick.stop();
});
