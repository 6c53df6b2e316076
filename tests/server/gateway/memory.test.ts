import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Namespace } from 'socket.io';
import { Manager } from 'socket.io-client';
import { type GatewayServer, namespacesOf, startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

let server: GatewayServer;
const open: { terminate(): void }[] = [];

beforeAll(async () => {
  server = await startGateway({ edge: { allowedOrigins: ['http://pages.example'] } });
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await until(() => namespacesOf(server).length === 0, 'every namespace to be gone');
});

/** Follows the HTTP requests that come from now on; tells how many of them are still in memory. */
function watchRequests(): () => Promise<number> {
  const requests: WeakRef<IncomingMessage>[] = [];
  const watch = (request: IncomingMessage): void => {
    requests.push(new WeakRef(request));
  };
  const { httpServer } = server.io as unknown as { httpServer: HttpServer };
  httpServer.on('upgrade', watch).on('request', watch);
  return async () => {
    httpServer.off('upgrade', watch).off('request', watch);
    // What a WeakRef was made of lives until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
    expect(requests.length).toBeGreaterThan(0);
    return requests.filter((request) => request.deref() !== undefined).length;
  };
}

/** A connection that began with polling. */
async function upgraded(): Promise<RawWebSocket> {
  const begin = await (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).text();
  const { sid } = JSON.parse(begin.slice(1)) as { sid: string };
  const socket = await RawWebSocket.upgrade(server.url, sid);
  socket.send('2probe');
  await until(() => socket.text === '3probe', 'the answer to the probe');
  socket.send('5');
  return socket;
}

async function join(socket: RawWebSocket, n: number): Promise<void> {
  const namespace = `/docs/acme/notes-${n}`;
  socket.send(`40${namespace},{"protocol":1}`);
  await until(() => socket.text.includes(`40${namespace},`), 'the namespace');
  socket.send(`42${namespace},0["join",{"clientId":${n + 1},"clientKey":"the raw key of ${n}"}]`);
  await until(() => socket.text.includes('"generation"'), 'the answer to the join');
}

describe('what a connection keeps', () => {
  test.each([
    ['a WebSocket', () => RawWebSocket.open(server.url)],
    ['a WebSocket that began with polling', upgraded],
  ])('[MEM1] %s keeps no HTTP request', async (_name, connect) => {
    const stillInMemory = watchRequests();
    for (let n = 0; n < 10; n++) {
      const socket = await connect();
      open.push(socket);
      await join(socket, n);
    }
    // An HTTP connection that waits for its next request remembers the last one.
    expect(await stillInMemory()).toBeLessThanOrEqual(1);
  });

  test('[MEM1] each namespace is still told the address and the headers that say who it is', async () => {
    const seen: unknown[] = [];
    const look = (namespace: Namespace): void => {
      namespace.use((socket, next) => {
        const { headers, address } = socket.handshake;
        seen.push({ headers, address });
        next();
      });
    };
    server.io.on('new_namespace', look);
    const extraHeaders = {
      origin: 'http://pages.example',
      cookie: 'a=b',
      authorization: 'Bearer c',
      other: 'd',
    };
    const manager = new Manager(server.url, {
      transports: ['websocket'],
      reconnection: false,
      autoConnect: false,
      extraHeaders,
    });
    for (const document of ['acme/one', 'acme/two'])
      await RawClient.joined(server.url, { document, manager });
    manager.engine.close();
    server.io.off('new_namespace', look);
    const { other: _other, ...headers } = extraHeaders;
    const address = expect.stringContaining('127.0.0.1');
    expect(seen).toEqual([
      { headers, address },
      { headers, address },
    ]);
  });

  test('[MEM1] what came with the connection to a document is forgotten when it is checked', async () => {
    const socket = await RawWebSocket.inDocument(server.url, 'acme/notes', 7);
    open.push(socket);
    const [session] = server.io.of('/docs/acme/notes').sockets.values();
    expect(session?.handshake).toBeUndefined();
  });

  test('[MEM5] documents share what Socket.IO has for rooms', async () => {
    for (const document of ['acme/one', 'acme/two'])
      open.push(await RawWebSocket.inDocument(server.url, document, 7));
    const adapters = ['acme/one', 'acme/two'].map((document) => server.io.of(`/docs/${document}`).adapter);
    expect(adapters[0]).toBe(adapters[1]);
  });
});
