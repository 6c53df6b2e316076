import type { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { startAccessServer } from '../support/access-server.js';
import { BusHub } from '../support/bus-hub.js';
import { Clients, textOf, type } from '../support/clients.js';
import { NOTES } from '../support/document-node.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { tokenOf } from '../support/jwt.js';
import { readProjectFile } from '../support/project-files.js';
import { until } from '../support/until.js';
import {
  connectYSocketIo,
  publishedYSocketIo,
  type YSocketIoProvider,
} from '../support/y-socket-io-client.js';

const servers: { stop(): Promise<unknown> }[] = [];
const providers: YSocketIoProvider[] = [];
const clients = new Clients();

afterEach(async () => {
  for (const provider of providers.splice(0)) {
    provider.destroy();
    provider.doc.destroy();
  }
  clients.destroy();
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: Parameters<typeof startGateway>[0] = {}): Promise<GatewayServer> {
  const server = await startGateway(options);
  servers.push(server);
  return server;
}

function connect(url: string, room: string, auth?: Readonly<Record<string, unknown>>): YSocketIoProvider {
  const provider = connectYSocketIo(url, room, new Y.Doc(), auth);
  providers.push(provider);
  return provider;
}

function write({ doc }: YSocketIoProvider, words: string): void {
  const text = doc.getText('text');
  text.insert(text.length, words);
}

function read({ doc }: YSocketIoProvider): string {
  return doc.getText('text').toString();
}

describe('y-socket.io', () => {
  test('[YSIO1] [YSIO2] its published client meets ours in a document, with and without its workspace', async () => {
    const { url } = await start();
    const own = clients.connect(url, { document: 'default/notes' });
    type(own, 'ours, ');
    await own.whenSaved();
    const [ann, bob] = [connect(url, 'notes'), connect(url, 'default/notes')];
    await until(() => ann.synced && bob.synced, 'both are synced');
    // What it counts as synced is there by then.
    expect([read(ann), read(bob)]).toEqual(['ours, ', 'ours, ']);
    write(ann, 'theirs, ');
    await until(() => read(bob).includes('theirs') && textOf(own).includes('theirs'), 'all have it');
    write(bob, 'and theirs');
    await until(() => textOf(own) === 'ours, theirs, and theirs', 'ours has both');
    expect(read(ann)).toBe(textOf(own));
  });

  test('[YSIO2] a late one on the second node is never shown an empty document', async () => {
    const hub = new BusHub();
    const store = new GatedStore();
    const nodes = [
      await start({ bus: hub.node('one'), store }),
      await start({ bus: hub.node('two'), store }),
    ] as const;
    const ann = connect(nodes[0].url, 'acme/notes');
    await until(() => ann.synced, 'ann is synced');
    write(ann, 'before anybody else came');
    const own = clients.connect(nodes[0].url);
    await until(() => textOf(own) === 'before anybody else came', 'it is in the log');
    const seen: string[] = [];
    const bob = connect(nodes[1].url, 'acme/notes');
    bob.on('synced', () => seen.push(read(bob)));
    await until(() => seen.length > 0, 'bob is synced');
    expect(seen).toEqual(['before anybody else came']);
    write(bob, '!');
    await until(() => read(ann).endsWith('!'), 'ann has what bob wrote on the other node');
  });

  test('[YSIO3] they see one another, and who leaves is gone', async () => {
    const { url } = await start();
    const [ann, bob] = [connect(url, 'acme/notes'), connect(url, 'acme/notes')];
    ann.awareness.setLocalStateField('user', { name: 'Ann' });
    const own = clients.connect(url);
    await until(
      () => [bob.awareness, own.awareness].every((one) => one.getStates().has(ann.doc.clientID)),
      'the others see her',
    );
    expect(own.awareness.getStates().get(ann.doc.clientID)).toMatchObject({ user: { name: 'Ann' } });
    ann.disconnect();
    await until(() => !bob.awareness.getStates().has(ann.doc.clientID), 'she is gone');
  });

  test('[YSIO3] who does not move is told of with every answer to a ping: these clients forget whoever says nothing', async () => {
    const { url, io } = await start();
    const own = clients.connect(url);
    own.awareness?.setLocalStateField('user', { name: 'quiet' });
    const ann = connect(url, 'acme/notes');
    await until(() => ann.awareness.getStates().has(own.doc.clientID), 'she sees him');
    const clock = (): number => ann.awareness.meta.get(own.doc.clientID)?.clock ?? 0;
    const before = clock();
    const { clients: connections } = io.engine as unknown as {
      readonly clients: Readonly<Record<string, EventEmitter>>;
    };
    for (const connection of Object.values(connections)) connection.emit('heartbeat');
    await until(() => clock() > before, 'she is told again');
    expect(ann.awareness.getStates().get(own.doc.clientID)).toMatchObject({ user: { name: 'quiet' } });
  });

  test('[YSIO4] what was written without a connection comes with the next one, once', async () => {
    const { url, store } = await start();
    const [ann, bob] = [connect(url, 'acme/notes'), connect(url, 'acme/notes')];
    await until(() => ann.synced && bob.synced, 'both are synced');
    write(ann, 'one ');
    await until(() => read(bob) === 'one ', 'bob has it');
    // As a network does, and not as somebody who says goodbye.
    ann.socket.io.engine.close();
    await until(() => !ann.socket.connected, 'she is cut off');
    write(ann, 'two ');
    write(bob, 'three ');
    await until(() => read(ann) === read(bob) && read(ann).length === 14, 'both have all of it');
    const rows = await store.readLog(NOTES, 0, 100);
    expect(rows).toHaveLength(3);
  });

  test('[YSIO5] tokens count as everywhere: readers read, strangers are refused with a code', async () => {
    const server = await startAccessServer();
    servers.push(server);
    const editor = connect(server.url, 'acme/notes', { token: tokenOf('ann', 'editor') });
    await until(() => editor.synced, 'the editor is synced');
    write(editor, 'text');
    const reader = connect(server.url, 'acme/notes', { token: tokenOf('bob', 'viewer') });
    await until(() => read(reader) === 'text', 'the reader reads');
    write(reader, ' of a reader');
    write(editor, ', and more');
    await until(() => read(reader).includes(', and more'), 'the reader goes on reading');
    expect(read(editor)).toBe('text, and more');
    const stranger = connect(server.url, 'acme/notes');
    const refusals: { data?: { code?: string } }[] = [];
    stranger.socket.on('connect_error', (error) => refusals.push(error as (typeof refusals)[number]));
    await until(() => refusals.length > 0, 'the stranger is refused');
    expect(refusals[0]?.data?.code).toBe('unauthenticated');
  });

  test('[YSIO6] junk ends its sender’s session and nobody else’s', async () => {
    const { url } = await start();
    const [ann, mallory] = [connect(url, 'acme/notes'), connect(url, 'acme/notes')];
    await until(() => ann.synced && mallory.synced, 'both are synced');
    const socket = mallory.socket as unknown as { emit(event: string, ...args: unknown[]): void };
    const ended: unknown[] = [];
    mallory.socket.on('bye', (reason) => ended.push(reason));
    mallory.socket.on('disconnect', (reason) => ended.push(reason));
    socket.emit('sync-update', 'no bytes');
    await until(() => ended.length === 2, 'it is over');
    expect(ended).toMatchObject([{ code: 'bad-request' }, 'io server disconnect']);
    write(ann, 'still here');
    await until(() => read(ann) === 'still here', 'ann writes');
    const late = connect(url, 'acme/notes');
    await until(() => read(late) === 'still here', 'and it is there');
  });
});

test('[YSIO1] it connects as the guide says', async () => {
  const { url } = await start();
  const [, line = ''] =
    /^\+(const provider = new SocketIOProvider.*;)$/m.exec(readProjectFile('docs/guides/y-websocket.md')) ??
    [];
  const connectAs = new Function('SocketIOProvider', 'doc', 'token', `${line} return provider;`);
  const provider: YSocketIoProvider = connectAs(publishedYSocketIo(url), new Y.Doc(), undefined);
  providers.push(provider);
  await until(() => provider.synced, 'it to be synced');
  const own = clients.connect(url, { document: 'acme/notes' });
  write(provider, 'as the guide says');
  await until(() => textOf(own) === 'as the guide says', 'ours has it');
});

describe('what is large', () => {
  test('[YSIO7] what is pasted or done offline may be as large as a document', async () => {
    const { url } = await start();
    const [ann, bob] = [connect(url, 'acme/notes'), connect(url, 'acme/notes')];
    await until(() => ann.synced && bob.synced, 'both are synced');
    write(ann, 'p'.repeat(700_000));
    await until(() => read(bob).length === 700_000, 'what was pasted');
    ann.disconnect();
    for (let nth = 0; nth < 3; nth++) write(ann, 'o'.repeat(800_000));
    ann.socket.connect();
    await until(() => read(bob).length === 3_100_000, 'what was done offline');
    expect(read(bob)).toBe(read(ann));
  });

  test('[YSIO7] what is larger ends its connection with a reason, a line in the log and a count, and nobody else’s', async () => {
    const server = await start({ limits: { maxDocumentBytes: 600_000 } });
    const [ann, bob] = [connect(server.url, 'acme/notes'), connect(server.url, 'acme/notes')];
    await until(() => ann.synced && bob.synced, 'both are synced');
    const ended = new Promise<unknown>((resolve) => {
      ann.socket.on('disconnect', (_reason, details) => resolve(details));
    });
    write(ann, 'x'.repeat(700_000));
    expect(await ended).toMatchObject({
      context: { code: 1009, reason: expect.stringContaining('larger than one update may be') },
    });
    expect(server.refused).toContain('update update-too-large');
    expect(server.log.entries).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'a message is too large' }),
    );
    write(bob, 'goes on');
    await until(() => read(ann).includes('goes on'), 'the others go on');
  });
});
