import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GatewayServer, namespacesOf, startGateway } from '../../support/gateway-server.js';
import { HonestPair } from '../../support/honest-pair.js';
import { ask, askForWebSocket, RawSocket } from '../../support/raw-http.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

const HANDSHAKE_MS = 500;
const JOIN_MS = 600;
const MANY = 200;

const POLL = '/socket.io/?EIO=4&transport=polling';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';
const UPGRADE =
  `GET ${SOCKET} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

let server: GatewayServer;
const open: { destroy(): void }[] = [];

beforeEach(async () => {
  server = await startGateway({
    gatewayLimits: { handshakeTimeoutMs: HANDSHAKE_MS, joinTimeoutMs: JOIN_MS },
  });
});

afterEach(async () => {
  for (const one of open.splice(0)) one.destroy();
  await server.stop();
});

function sockets(): Promise<number> {
  const { httpServer } = server.io as unknown as {
    httpServer: { getConnections(done: (error: unknown, count: number) => void): void };
  };
  return new Promise((resolve) => httpServer.getConnections((_error, count) => resolve(count)));
}

async function crowd(text: string): Promise<RawSocket[]> {
  const all = await Promise.all(Array.from({ length: MANY }, () => RawSocket.open(server.port)));
  open.push(...all);
  if (text !== '') for (const one of all) one.send(text);
  return all;
}

describe('many who keep the server waiting', () => {
  test.each([
    ['with nothing at all', ''],
    ['with half a request', 'GET / HTTP/1.1\r\nHost: x\r\nA: '],
    ['with half a request for a WebSocket', UPGRADE],
    ['with a WebSocket and no message', `${UPGRADE}\r\n`],
    ['with a WebSocket and half a message', `${UPGRADE}\r\n\u0082\u00fe\u0001`],
    [
      'with a request for an upgrade to something else',
      'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['with an upgrade that is none', UPGRADE.replace('websocket\r\n', 'pigeon\r\n').concat('\r\n')],
    ['with half a body', `POST ${POLL} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc`],
  ])('[LIMIT7] %s: they are closed in time, and nobody else notices', async (_, text) => {
    const pair = await HonestPair.start(server.url);
    const before = await sockets();
    await crowd(text);
    let left = MANY;
    const deadline = performance.now() + 20 * HANDSHAKE_MS;
    while (left > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = (await sockets()) - before;
    }
    expect(left).toBe(0);
    await pair.finish();
    expect(server.io.engine.clientsCount).toBeLessThanOrEqual(2);
  });

  test('[LIMIT7] with a request that drips, byte by byte', async () => {
    const dripping = await RawSocket.open(server.port);
    open.push(dripping);
    const drip = setInterval(() => dripping.send('a'), 20);
    try {
      dripping.send('GET / HTTP/1.1\r\nHost: x\r\nA: ');
      await until(() => dripping.received.includes('408') || dripping.closed, 'the end', 20 * HANDSHAKE_MS);
    } finally {
      clearInterval(drip);
    }
  });

  test('[LIMIT7] with a polling connection that is never used, or an upgrade that is never finished', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server.url + POLL)));
    const [first] = answers.map(({ text }) => (JSON.parse(text.slice(1)) as { sid: string }).sid);
    const probe = await RawWebSocket.upgrade(server.url, first ?? '');
    await until(() => probe.closed, 'the upgrade to be given up', 20 * HANDSHAKE_MS);
    expect(server.io.engine.clientsCount).toBeLessThanOrEqual(20);
  });
});

describe('whoever is in and does nothing', () => {
  test('[LIMIT9] is told not-joined and may come back, on a connection that serves its other documents', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 7);
    raw.send('40/docs/acme/other,{"protocol":1}');
    await until(() => raw.text.includes('not-joined'), 'the goodbye');
    expect(raw.text).toMatch(/42\/docs\/acme\/other,\["bye",\{"code":"not-joined".*\},\d+\]/);
    expect(server.counted).toContain('never-joined');
    await until(() => namespacesOf(server).length === 1, 'the namespace to be left');
    raw.send('42/docs/acme/notes,5["unknown"]');
    await until(() => raw.text.includes('unknown event'), 'an answer to the other document');
    expect(raw.closed).toBe(false);
    raw.terminate();
  });

  test('[LIMIT9] whoever leaves his last document has so long to open another', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 7);
    raw.send('41/docs/acme/notes,');
    await until(() => raw.closed, 'the end');
    const other = await RawWebSocket.inDocument(server.url, 'acme/notes', 7);
    other.send('41/docs/acme/notes,');
    await until(() => namespacesOf(server).length === 0, 'the document to be left');
    other.send('40/docs/acme/next,{"protocol":1}');
    await until(() => other.text.includes('40/docs/acme/next,'), 'the namespace');
    other.send('42/docs/acme/next,0["join",{"clientId":7,"clientKey":"the raw key of 7"}]');
    await until(() => other.text.match(/"generation"/g)?.length === 2, 'the answer');
    await new Promise((resolve) => setTimeout(resolve, 2 * JOIN_MS));
    expect(other.closed).toBe(false);
    other.terminate();
  });
});

describe('compression', () => {
  test('[LIMIT10] is never agreed to, in either transport', async () => {
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
    const { status, headers } = await askForWebSocket(server.url + SOCKET, offer);
    expect(status).toBe(101);
    expect(headers).not.toHaveProperty('sec-websocket-extensions');
    const { text } = await ask(server.url + POLL);
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    const url = `${server.url}${POLL}&sid=${sid}`;
    await ask(url, { method: 'POST', body: `40/docs/acme/${'n'.repeat(4_000)},` });
    const answer = await ask(url, { headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
    expect(answer.text.length).toBeGreaterThan(4_000);
    expect(answer.headers).not.toHaveProperty('content-encoding');
  });

  test('[LIMIT10] a compressed frame, however much it would become, ends its connection', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const raw = new RawSocket(socket);
    open.push(raw);
    raw.send(`${UPGRADE}\r\n`);
    await until(() => raw.received.includes('"sid"'), 'the connection');
    const { deflateRawSync } = await import('node:zlib');
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    // FIN, RSV1 ("compressed"), text; masked with zeros; 16 or 64 bits of length.
    const head = Buffer.alloc(14);
    head[0] = 0xc1;
    head[1] = 0xff;
    head.writeBigUInt64BE(BigInt(bomb.length), 2);
    const before = process.memoryUsage().rss;
    socket.write(Buffer.concat([head, bomb]));
    await until(() => server.io.engine.clientsCount === 0, 'the end');
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  });
});
