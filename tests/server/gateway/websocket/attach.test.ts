import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { Embedding, listenersOf } from '../../../support/embedding.js';
import { ask, askForWebSocket } from '../../../support/raw-http.js';
import { RawLine } from '../../../support/raw-line.js';
import { until } from '../../../support/until.js';

let given: Embedding;
beforeEach(() => {
  given = new Embedding();
});
afterEach(() => given.end());

function application(): Server {
  return createServer((request, response) => response.end(`the application: ${request.url}`));
}

/** Whether a document is to be had under a path. */
async function serves(url: string, path: string): Promise<boolean> {
  const line = await RawLine.open(url, `${path}/notes`);
  if (line.socket.readyState !== WebSocket.OPEN) return false;
  line.send(Uint8Array.of(0, 0, 1, 0));
  await until(() => line.received.length > 0 || line.closed !== undefined, 'an answer');
  line.terminate();
  return line.received[0]?.[0] === 0;
}

test('[WSD13] an application’s server serves WebSockets of documents beside its own, and goes on without', async () => {
  const http = application();
  const echo = new WebSocketServer({ noServer: true });
  given.atEnd(() => echo.close());
  http.on('upgrade', (request, socket, head) => {
    echo.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(data)));
  });
  const before = listenersOf(http);
  const url = await given.listen(http);
  const coscribe = await given.coscribe();
  coscribe.attach(http);
  expect(await serves(url, '/yjs')).toBe(true);
  // A request that is none for a WebSocket is the application's.
  expect((await ask(`${url}/yjs/notes`)).text).toBe('the application: /yjs/notes');
  expect(await serves(url, '/elsewhere')).toBe(true);
  const open = await RawLine.open(url, '/yjs/notes');
  expect(await coscribe.stop()).toBe(true);
  expect(await open.ended()).toMatchObject({ code: 1012 });
  expect(listenersOf(http)).toEqual(before);
  const own = await RawLine.open(url, '/yjs/notes');
  own.send(Uint8Array.of(7, 7, 7));
  await until(() => own.received.length > 0, 'its echo');
  expect([...(own.received[0] ?? [])]).toEqual([7, 7, 7]);
  own.terminate();
});

test('[WSD13] where they are is chosen, and whether', async () => {
  const http = application();
  const url = await given.listen(http);
  const [one, two] = [await given.coscribe(), await given.coscribe()];
  one.attach(http, { yWebSocket: '/rooms/here' });
  two.attach(http, { path: '/two' });
  expect(await serves(url, '/rooms/here')).toBe(true);
  expect((await askForWebSocket(`${url}/yjs/notes`)).status).toBe(200);
  // Who says where Socket.IO is, says so of the others too.
  two.attach(http, { path: '/three', yWebSocket: '/yjs' });
  expect(await serves(url, '/yjs')).toBe(true);
  await two.stop();
  one.attach(http, { path: '/four', yWebSocket: false });
  expect((await askForWebSocket(`${url}/yjs/notes`)).status).toBe(200);
});

test('[WSD13] a path that is taken or none takes no other one away', async () => {
  const http = application();
  const url = await given.listen(http);
  const [one, two] = [await given.coscribe(), await given.coscribe()];
  one.attach(http, { path: '/one', yWebSocket: '/yjs' });
  expect(() => two.attach(http, { path: '/two', yWebSocket: '/yjs' })).toThrow('There is a Coscribe at /yjs');
  expect(() => two.attach(http, { path: '/two', yWebSocket: 'yjs' })).toThrow('"yjs" is no path');
  two.attach(http, { path: '/two', yWebSocket: '/yjs2' });
  expect(await serves(url, '/yjs')).toBe(true);
  expect(await serves(url, '/yjs2')).toBe(true);
});
