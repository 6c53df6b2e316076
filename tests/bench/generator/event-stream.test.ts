import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { EventStreamClient } from '../../../bench/generator/event-stream.js';
import { until } from '../../support/until.js';

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers with these texts, each in a write of its own, and what a client makes of them. */
async function read(...writes: readonly string[]) {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay(true);
    socket.once('data', () => {
      for (const [at, text] of writes.entries()) setTimeout(() => socket.write(text), 10 * at);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const told: unknown[] = [];
  const client = new EventStreamClient(
    { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    '/events',
    {
      opened: () => told.push('opened'),
      reached: (seq, count) => told.push([seq, count]),
      closed: (reason) => told.push(reason),
    },
  );
  return { client, told };
}

function chunk(...events: readonly string[]): string {
  const text = events.map((event) => `${event}\n\n`).join('');
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** Events that the client was told of: how many come together is chance. */
function counted(told: readonly unknown[]): number {
  return told.slice(1).reduce<number>((sum, one) => sum + ((one as number[])[1] ?? 0), 0);
}

const SNAPSHOT = 'id: 7-x\nevent: snapshot\ndata: {"seq":7}';
const delta = (seq: number): string => `id: ${seq}-x\nevent: delta\ndata: {"seq":${seq},"delta":[]}`;

test('[BENCH40] events are counted by their ids, the last of which is how far a follower is', async () => {
  const { client, told } = await read(
    HEAD + chunk('retry: 5'),
    chunk(SNAPSHOT),
    chunk(delta(8), delta(12)),
    chunk(':'),
  );
  await until(() => JSON.stringify(told).includes('12,'), 'the last event');
  expect(told[0]).toBe('opened');
  expect(counted(told)).toBe(3);
  client.close();
});

test('[BENCH40] however they are cut into pieces', async () => {
  const text = HEAD + chunk('retry: 5') + chunk(SNAPSHOT) + chunk(delta(1_234_567));
  const cuts = [10, HEAD.length + 3, text.indexOf('id: 7') + 2, text.indexOf('1234567') + 3, text.length - 2];
  const pieces = [0, ...cuts].map((from, at) => text.slice(from, cuts[at]));
  const { client, told } = await read(...pieces);
  await until(() => JSON.stringify(told).includes('1234567'), 'the last event');
  expect(told[0]).toBe('opened');
  expect(counted(told)).toBe(2);
  client.close();
});

test.each([
  ['HTTP/1.1 404 Not Found\r\n\r\n{}\n\n\r\n', 'the server answered HTTP/1.1 404 Not Found'],
  [HEAD + chunk('event: end\ndata: {}'), 'the server answered HTTP/1.1 200 OK'],
])('[BENCH40] whoever is not let in is told why', async (answer, reason) => {
  const { told } = await read(answer);
  await until(() => told.length === 1, 'the end');
  expect(told).toEqual([reason]);
});
