import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Server, type ServerOptions } from 'socket.io';
import { Manager, type Socket } from 'socket.io-client';
import type { Authenticator } from '../../../server/auth/access.js';
import { Embedding, listenersOf } from '../../support/embedding.js';
import { ask } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

let given: Embedding;
beforeEach(() => {
  given = new Embedding();
});
afterEach(() => given.end());

/** Enough for the largest update that `maxUpdateBytes` lets in. */
const LARGE = 2 ** 21;

/** Anybody who says who he is may write. */
const USERS: Authenticator = {
  authenticate: ({ token }) => (token ? { user: token } : {}),
  authorize: ({ user }) => (user === undefined ? 'none' : 'editor'),
};

/** An application with a chat, which not everybody may enter, and rooms. */
async function chat(options: Partial<ServerOptions> = {}) {
  const http = createServer((_, response) => response.end('the application'));
  const io = new Server(http, { maxHttpBufferSize: LARGE, cleanupEmptyChildNamespaces: true, ...options });
  const met: string[] = [];
  io.on('connection', (socket) => {
    met.push('/');
    socket.on('double', (n: number, answer: (doubled: number) => void) => answer(2 * n));
  });
  io.of('/chat').use((socket, next) =>
    next(socket.handshake.auth.token === 'nobody' ? new Error('not you') : undefined),
  );
  io.of('/chat').on('connection', async (socket) => {
    met.push('/chat');
    await socket.join('everybody');
    socket.on('say', (words: string) => io.of('/chat').to('everybody').emit('said', words));
  });
  io.of(/^\/dynamic-\d+$/).on('connection', (socket) => socket.emit('hello', socket.nsp.name));
  const url = await given.listen(http);
  given.atEnd(() => io.close());
  const managers: Manager[] = [];
  given.atEnd(() => {
    for (const manager of managers) manager._close();
  });
  const connect = (namespace: string, token = 'ada', manager = newManager()): Socket =>
    manager.socket(namespace, { auth: { token, protocol: 1 } });
  function newManager(): Manager {
    const manager = new Manager(url, { reconnection: false });
    managers.push(manager);
    return manager;
  }
  return { http, io, url, met, connect };
}

type Chat = Awaited<ReturnType<typeof chat>>;

async function expectChat({ connect }: Chat): Promise<Socket> {
  const root = connect('/');
  expect(await root.emitWithAck('double', 21)).toBe(42);
  const [one, two] = [connect('/chat'), connect('/chat', 'bob')];
  await Promise.all([one, two].map((socket) => socket.connected || once(asEmitter(socket), 'connect')));
  const heard = once(asEmitter(two), 'said');
  one.emit('say', 'hello');
  expect(await heard).toEqual(['hello']);
  const [refused] = (await once(asEmitter(connect('/chat', 'nobody')), 'connect_error')) as [Error];
  expect(refused.message).toBe('not you');
  expect(await once(asEmitter(connect('/dynamic-1')), 'hello')).toEqual(['/dynamic-1']);
  const [unknown] = (await once(asEmitter(connect('/none')), 'connect_error')) as [Error];
  expect(unknown.message).toBe('Invalid namespace');
  return one;
}

/** Its type has other events than Node's. */
function asEmitter(socket: Socket): NodeJS.EventEmitter {
  return socket as unknown as NodeJS.EventEmitter;
}

describe("in an application's own Socket.IO server", () => {
  test('[EMBED7] documents are edited, and its namespaces, middleware, rooms and pages are not touched', async () => {
    const app = await chat();
    const before = await expectChat(app);
    (await given.coscribe({ authenticator: USERS })).attach(app.io);
    await given.twoWrite(app.url, { token: 'ada' });
    await expectChat(app);
    before.emit('say', 'still here');
    await once(asEmitter(before), 'said');
    expect((await ask(app.url)).text).toBe('the application');
  });

  test('[EMBED7] documents and chat go over one connection, and each ends without the other', async () => {
    const app = await chat();
    (await given.coscribe({ authenticator: USERS, joinTimeoutMs: 1_000 })).attach(app.io);
    const talk = app.connect('/chat');
    await once(asEmitter(talk), 'connect');
    const document = app.connect('/docs/team/note', 'ada', talk.io);
    await once(asEmitter(document), 'connect');
    expect(app.io.engine.clientsCount).toBe(1);
    const joined = await document.emitWithAck('join', { clientId: 7, clientKey: 'the key of number 7' });
    expect(joined).toMatchObject({ ok: true });
    const [refused] = (await once(
      asEmitter(app.connect('/docs/team/other', '', talk.io)),
      'connect_error',
    )) as [Error & { data: unknown }];
    expect(refused.data).toMatchObject({ code: 'no-access' });
    document.disconnect();
    const next = app.connect('/docs/team/next', 'ada', talk.io);
    // Who does not join is dismissed; the connection is not ours to end.
    await once(asEmitter(next), 'disconnect');
    expect(talk.connected).toBe(true);
    talk.emit('say', 'hello');
    expect(await once(asEmitter(talk), 'said')).toEqual(['hello']);
  });

  test('[EMBED8] when Coscribe is stopped nothing of it is left there, and the others stay connected', async () => {
    const app = await chat();
    const talk = app.connect('/chat');
    await once(asEmitter(talk), 'connect');
    const left = () => ({
      http: listenersOf(app.http),
      engine: app.io.engine.eventNames().map((name) => app.io.engine.listenerCount(name)),
      io: app.io.eventNames(),
      namespaces: [...app.io._nsps.keys()].sort(),
      dynamic: (app.io as unknown as { parentNsps: Map<unknown, unknown> }).parentNsps.size,
    });
    const before = left();
    for (let round = 0; round < 2; round++) {
      const coscribe = await given.coscribe({ authenticator: USERS });
      coscribe.attach(app.io);
      const { document } = await given.twoWrite(app.url, { token: 'ada' });
      expect(app.io._nsps.has(`/docs/${document}`)).toBe(true);
      given.clients.destroy();
      const stays = given.clients.connect(app.url, { document, token: 'ada' });
      await until(() => stays.synced, 'somebody stays');
      const hesitates = app.connect('/docs/team/hesitates');
      await once(asEmitter(hesitates), 'connect');
      expect(await coscribe.stop()).toBe(true);
      await until(() => !stays.synced, 'he is told');
      stays.destroy();
      await until(() => hesitates.disconnected, 'so is who has not joined');
      await until(() => app.io._nsps.size === before.namespaces.length, 'its namespaces are gone');
      expect(left()).toEqual(before);
      const [refused] = (await once(asEmitter(app.connect('/docs/team/note')), 'connect_error')) as [Error];
      expect(refused.message).toBe('Invalid namespace');
    }
    expect(talk.connected).toBe(true);
    await expectChat(app);
    expect(app.met.filter((name) => name === '/chat')).toHaveLength(3);
  });

  test.each<[string, Partial<ServerOptions>, string]>([
    ['keeps namespaces', { cleanupEmptyChildNamespaces: false }, 'cleanupEmptyChildNamespaces'],
    ['takes small messages only', { maxHttpBufferSize: 100_000 }, 'maxHttpBufferSize'],
  ])('[EMBED9] one that %s is refused with what to set', async (_, options, what) => {
    const { io } = await chat(options);
    const coscribe = await given.coscribe({ authenticator: USERS });
    expect(() => coscribe.attach(io)).toThrow(what);
    expect(() => coscribe.attach(io)).toThrow(TypeError);
  });

  test('[EMBED9] smaller messages will do where updates are smaller', async () => {
    const app = await chat({ maxHttpBufferSize: 100_000 });
    (await given.coscribe({ authenticator: USERS, maxUpdateBytes: 50_000 })).attach(app.io);
    await given.twoWrite(app.url, { token: 'ada' });
  });

  test('[EMBED9] one that listens nowhere, has another parser, or a Coscribe is refused', async () => {
    const coscribe = await given.coscribe({ authenticator: USERS });
    const nowhere = new Server({ cleanupEmptyChildNamespaces: true, maxHttpBufferSize: LARGE });
    expect(() => coscribe.attach(nowhere)).toThrow('attached to no HTTP server');
    const { io: strange } = await chat({ parser: { Encoder: class {}, Decoder: class {} } });
    expect(() => coscribe.attach(strange)).toThrow('default parser');
    const app = await chat();
    coscribe.attach(app.io);
    expect(() => coscribe.attach(app.io)).toThrow('already');
    const other = await given.coscribe({ authenticator: USERS });
    expect(() => other.attach(app.io)).toThrow('already');
    await coscribe.stop();
    other.attach(app.io);
    await given.twoWrite(app.url, { token: 'ada' });
  });

  test('[EMBED9] it is not opened to everybody unless somebody says so', async () => {
    const app = await chat();
    const open = await given.coscribe();
    expect(() => open.attach(app.io)).toThrow('authenticator');
    (await given.coscribe({ openToAll: 'yes' })).attach(app.io);
    await given.twoWrite(app.url);
  });
});
