import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { TrustedProxies } from '../../../server/edge/client-address.js';
import { createHttpServer, limitSockets } from '../../../server/edge/http-server.js';
import { RawSocket } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

const PROXIES = new TrustedProxies([]);
const OPTIONS = { tlsCert: '', tlsKey: '', handshakeTimeoutMs: 400, maxConnectionsPerAddress: 5 };

let server: Server;
const open: RawSocket[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function listen(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

test('[LIMIT7] the head of a request has a largest size, in bytes and in headers', async () => {
  const port = await listen(createHttpServer(OPTIONS, PROXIES));
  const seen: number[] = [];
  server.on('request', (request, response) => {
    seen.push(Object.keys(request.headers).length);
    response.end('ok');
  });
  const long = await RawSocket.open(port);
  const many = await RawSocket.open(port);
  open.push(long, many);
  long.send(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`);
  await until(() => long.received.startsWith('HTTP/1.1 431 '), 'the refusal');
  const headers = Array.from({ length: 1_000 }, (_, i) => `H${i}: 1\r\n`).join('');
  many.send(`GET / HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  await until(() => many.received !== '', 'an answer');
  expect(seen.every((count) => count <= 100)).toBe(true);
});

test('[LIMIT1] sockets of one address are bounded before they have said anything', async () => {
  const port = await listen(createHttpServer(OPTIONS, PROXIES));
  limitSockets(server, 5, () => false);
  const sockets = await Promise.all(Array.from({ length: 8 }, () => RawSocket.open(port)));
  open.push(...sockets);
  await until(
    () => sockets.filter(({ socket }) => socket.readableEnded || socket.destroyed).length === 3,
    'three to be closed',
  );
  expect(await connections()).toBe(5);
  for (const socket of sockets.slice(0, 5)) socket.destroy();
  await until(
    () => sockets.every(({ socket }) => socket.destroyed || socket.readableEnded),
    'all to be gone',
  );
  const next = await RawSocket.open(port);
  open.push(next);
  next.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  server.on('request', (_request, response) => response.end('ok'));
  expect(await connections()).toBeGreaterThanOrEqual(1);
});

test('[LIMIT1] programs on this machine have as many sockets as they like', async () => {
  const port = await listen(createHttpServer(OPTIONS, PROXIES));
  const sockets = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(port)));
  open.push(...sockets);
  for (;;) if ((await connections()) === 20) break;
});
