import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { awarenessOf, ownUpdate } from '../support/presence-people.js';
import { quickClock } from '../support/quick-clock.js';
import { RawClient } from '../support/raw-client.js';
import { RegisterAccess } from '../support/register-access.js';
import { until } from '../support/until.js';
import { VERSIONS, YWebSocketClient, type YWebSocketVersion } from '../support/y-websocket-client.js';

const access = new RegisterAccess();
let server: GatewayServer;
let documents = 0;
const clients: YWebSocketClient[] = [];
const own: RawClient[] = [];

beforeAll(async () => {
  for (const editor of ['ann', 'ben', 'cleo']) access.add(editor, 'editor');
  access.add('vera', 'viewer');
  server = await startGateway({ access });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  for (const client of own.splice(0)) client.close();
});

afterAll(() => server.stop());

function newRoom(): string {
  return `acme/note-${++documents}`;
}

function connect(version: YWebSocketVersion, room: string, token = 'ann'): YWebSocketClient {
  const client = new YWebSocketClient(version, server.url, { room, token });
  clients.push(client);
  return client;
}

async function connectOwn(document: string, token = 'cleo'): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { document, auth: { protocol: 1, token } });
  own.push(client);
  return client;
}

async function accessChanged(room: string): Promise<void> {
  const id = parseDocumentId(room);
  await server.store.changeAccess({ kind: 'document', id }, Date.now());
  await server.documents.accessChanged(id);
}

describe.each(VERSIONS)("y-websocket's own client, %s", (version) => {
  test('[YWS1] writes into one document with others of its kind and with ours, both ways', async () => {
    const room = newRoom();
    const [one, two] = [connect(version, room), connect(version, room, 'ben')];
    const ours = await connectOwn(room);
    await until(() => one.synced && two.synced, 'both to be synced');
    one.type('one ');
    await until(() => two.text === 'one ' && ours.text === 'one ', 'the one to have written');
    two.type('two ');
    await until(() => one.text === 'one two ' && ours.text === 'one two ', 'the other to have written');
    await ours.type('ours');
    await until(() => one.text === 'one two ours' && two.text === 'one two ours', 'ours to have written');
  });

  test('[YWS2] counts as synced once it has everything, and brings what it wrote before', async () => {
    const room = newRoom();
    const ours = await connectOwn(room);
    await ours.type('x'.repeat(100_000));
    await ours.type('end');
    const client = connect(version, room);
    client.type('mine ');
    await until(() => client.synced, 'it to be synced');
    expect(client.syncedWith[0]).toHaveLength(100_008);
    await until(() => ours.text === client.text, 'what it wrote before');
  });

  test('[YWS4] sees who is there, is seen, and is gone when it leaves', async () => {
    const room = newRoom();
    const [one, two] = [connect(version, room), connect(version, room, 'ben')];
    one.show('Ann');
    await until(() => two.names.includes('Ann'), 'Ann to be seen');
    two.show('Ben');
    await until(() => one.names.includes('Ben'), 'Ben to be seen');
    one.destroy();
    await until(() => !two.names.includes('Ann'), 'Ann to be gone');
  });

  test('[YWS6] reads where it may not write, and is told so once', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const room = newRoom();
    const ours = await connectOwn(room);
    await ours.type('read ');
    const viewer = connect(version, room, 'vera');
    await until(() => viewer.text === 'read ', 'the text');
    viewer.type('me');
    viewer.type('!');
    await until(() => warn.mock.calls.length > 0, 'it to be told');
    await ours.type('this');
    await until(() => viewer.text.includes('this'), 'what comes later');
    expect(ours.text).toBe('read this');
    expect(warn.mock.calls).toEqual([[expect.stringContaining('may read the document but not change it')]]);
    warn.mockRestore();
  });

  test('[YWS6] brings what it typed meanwhile when it becomes an editor', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const room = newRoom();
    const ours = await connectOwn(room);
    await ours.type('read ');
    access.add('nils', 'viewer');
    const viewer = connect(version, room, 'nils');
    await until(() => viewer.text === 'read ', 'the text');
    viewer.type('mine');
    await until(() => warn.mock.calls.length > 0, 'it to be told');
    access.add('nils', 'editor');
    await accessChanged(room);
    await until(() => ours.text === 'read mine', 'what it typed');
    warn.mockRestore();
  });

  test.each([
    ['bad name!', 'ann', 4400, 'A document is named'],
    ['acme/note/three', 'ann', 4400, 'A document is named'],
    ['acme/nothing', 'vera', 4404, 'There is no such document'],
    ['acme/notes', 'nobody', 4401, 'A valid token is needed here'],
  ])('[YWS7] is refused with code and sentence: %s for %s', async (room, token, code, sentence) => {
    const client = connect(version, room, token);
    await until(() => client.closed.length > 0, 'the refusal');
    expect(client.closed[0]).toEqual({ code, reason: expect.stringContaining(sentence) });
    expect(client.syncedWith).toEqual([]);
    // Since 3.1 it knows what that means.
    expect(client.provider.shouldConnect).toBe(version !== '3.1.0');
  });

  test('[YWS8] is ended when it may not be there any longer, and when the document is gone', async () => {
    const room = newRoom();
    const ours = await connectOwn(room);
    await ours.type('text');
    access.add('rita', 'editor');
    const [revoked, staying] = [connect(version, room, 'rita'), connect(version, room)];
    await until(() => revoked.synced && staying.synced, 'both to be synced');
    access.roles.delete('rita');
    await accessChanged(room);
    await until(() => revoked.closed[0]?.code === 4404, 'the one to be out');
    revoked.destroy();
    expect(staying.closed).toEqual([]);
    await server.store.remove(parseDocumentId(room), Date.now());
    await server.documents.deleted(parseDocumentId(room));
    await until(() => staying.closed[0]?.code === 4410, 'the document to be gone');
  });

  test('[YWS9] loses nothing of what cannot be taken at the moment', async () => {
    const room = newRoom();
    const ours = await connectOwn(room);
    const client = connect(version, room);
    client.type('a');
    await until(() => ours.text === 'a', 'the first');
    server.store.appendError = new CoscribeError('store-unavailable');
    for (const letter of 'bcdef') client.type(letter);
    // Another connection does not help.
    client.provider.disconnect();
    client.type('g');
    client.provider.connect();
    await until(() => client.provider.wsconnected, 'it to be back');
    server.store.appendError = undefined;
    await until(() => ours.text === 'abcdefg', 'all of it');
  });

  test('[YWS13] may paste more at once than one update may be, and work offline for longer', async () => {
    const room = newRoom();
    const ours = await connectOwn(room);
    const client = connect(version, room);
    await until(() => client.synced, 'it to be synced');
    client.type('x'.repeat(600_000));
    client.type('!');
    await until(() => ours.text.length === 600_001, 'what was pasted');
    client.provider.disconnect();
    for (let nth = 0; nth < 4; nth++) client.type('y'.repeat(750_000));
    client.provider.connect();
    await until(() => ours.text.length === 3_600_001, 'what was written offline');
    expect(ours.text).toBe(client.text);
    // 1.5.4 tells of its own end, too.
    expect(client.closed.filter(({ code }) => code !== 1005)).toEqual([]);
  });
});

test('[YWS8] a session ends with its token', async () => {
  const room = newRoom();
  access.add('toni', 'editor', { expiresAt: Date.now() + 500 });
  const client = connect('3.1.0', room, 'toni');
  await until(() => client.synced, 'it to be synced');
  await until(() => client.closed.length > 0, 'the end of the token');
  expect(client.closed[0]).toEqual({
    code: 4401,
    reason: 'The token has expired; get a new one and connect again.',
  });
  // The application gives it a new one.
  access.add('toni again', 'editor');
  client.provider.params.token = 'toni again';
  client.provider.connect();
  await until(() => client.synced, 'it to be synced again');
});

describe('in a server whose time goes 40 times as fast', () => {
  let quick: GatewayServer;
  beforeAll(async () => {
    quick = await startGateway({
      clock: quickClock(40),
      gatewayLimits: { maxUpdatesPerSecond: 10, updateBurst: 5 },
    });
  });
  afterAll(() => quick.stop());

  test('[YWS5] every client hears something every 15 s, though nothing happens', async () => {
    const waiting = VERSIONS.map((version) => new YWebSocketClient(version, quick.url));
    clients.push(...waiting);
    await until(() => waiting.every(({ synced }) => synced), 'all to be synced');
    const heard = waiting.map(() => new Set<number>());
    await until(() => {
      for (const [at, { provider }] of waiting.entries()) heard[at]?.add(provider.wsLastMessageReceived);
      return heard.every(({ size }) => size > 3);
    }, 'three messages for each');
    expect(waiting.flatMap(({ closed }) => closed)).toEqual([]);
  });

  test.each(VERSIONS)(
    '[YWS4] %s goes on seeing who does not move, and sees him again when it comes back',
    async (version) => {
      const silent = await RawClient.joined(quick.url, { document: 'default/still' });
      own.push(silent);
      const me = awarenessOf({ user: { name: 'Still' } }, silent.doc.clientID);
      silent.socket.emit('awareness', ownUpdate(me));
      const client = new YWebSocketClient(version, quick.url, { room: 'still' });
      clients.push(client);
      client.show('Mover');
      await until(() => client.names.join() === 'Mover,Still', 'both to be seen');
      const { meta } = client.provider.awareness;
      const heardAt = (): number => meta.get(silent.doc.clientID)?.lastUpdated ?? 0;
      const before = heardAt();
      await until(() => heardAt() > before, 'to hear of him again');
      client.provider.disconnect();
      await until(() => client.names.join() === 'Mover', 'it to have left');
      client.provider.connect();
      await until(() => client.names.join() === 'Mover,Still', 'both to be seen again');
      // Nothing but its own changes makes its own clock go on: it is not told what it has said itself.
      expect(meta.get(client.doc.clientID)?.clock).toBeLessThan(100);
    },
  );

  test('[YWS9] what comes faster than it may arrives later', async () => {
    const client = new YWebSocketClient('3.1.0', quick.url, { room: 'fast' });
    clients.push(client);
    await until(() => client.synced, 'it to be synced');
    for (let nth = 0; nth < 40; nth++) client.type(`${nth % 10}`);
    const reader = await RawClient.joined(quick.url, { document: 'default/fast' });
    own.push(reader);
    await until(() => reader.text === '0123456789'.repeat(4), 'all of it');
    expect(quick.refused).toContain('update too-many-updates');
    expect(client.closed).toEqual([]);
  });
});
