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

async function untilConnections(expected: number): Promise<void> {
  let count = -1;
  const look = (): void => {
    server.getConnections((_error, now) => {
      count = now;
    });
  };
  await until(() => {
    look();
    return count === expected;
  }, `${expected} connections`);
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
  await untilConnections(5);
  for (const socket of sockets) socket.destroy();
  await untilConnections(0);
  const next = await RawSocket.open(port);
  open.push(next);
  server.on('request', (_request, response) => response.end('ok'));
  next.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => next.received.startsWith('HTTP/1.1 200'), 'an answer');
});

test('[LIMIT1] programs on this machine have as many sockets as they like', async () => {
  const port = await listen(createHttpServer(OPTIONS, PROXIES));
  const sockets = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(port)));
  open.push(...sockets);
  await untilConnections(20);
});
