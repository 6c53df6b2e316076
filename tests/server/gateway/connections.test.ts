import { afterEach, expect, test } from '@jest/globals';
import type { AccessControl } from '../../../server/auth/access.js';
import { openAccess } from '../../../server/auth/open-access.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { newManager, RawClient, refusalOf } from '../../support/raw-client.js';
import { ask, askForWebSocket, RawSocket } from '../../support/raw-http.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

const POLL = '/socket.io/?EIO=4&transport=polling';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';

let server: GatewayServer;
const open: { destroy(): void }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) one.destroy();
  await server.stop();
});

function from(address: string): Record<string, string> {
  return { 'x-forwarded-for': address };
}

/** A WebSocket that stays open. */
async function hold(address: string): Promise<RawSocket> {
  const raw = await RawSocket.open(server.port);
  open.push(raw);
  raw.send(
    `GET ${SOCKET} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: ${address}\r\n\r\n`,
  );
  await until(() => /"sid"|HTTP\/1.1 429/.test(raw.received), 'an answer');
  return raw;
}

test('[LIMIT1] an address has so many connections over either transport; others are served', async () => {
  server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'], maxConnectionsPerAddress: 3 } });
  const [address, other] = ['203.0.113.7', '203.0.113.8'];
  const first = await hold(address);
  await hold(address);
  const { text } = await ask(server.url + POLL, { headers: from(address) });
  const { sid } = JSON.parse(text.slice(1)) as { sid: string };
  for (const answer of [
    await ask(server.url + POLL, { headers: from(address) }),
    await askForWebSocket(server.url + SOCKET, from(address)),
    // The same address, written in another way.
    await ask(server.url + POLL, { headers: from(`::ffff:${address}`) }),
  ]) {
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'too-many-connections', retryable: true });
  }
  expect(server.refused).toContain('connection too-many-connections');
  expect(await ask(server.url + POLL, { headers: from(other) })).toMatchObject({ status: 200 });
  // The connection that is there is no new one.
  expect(
    await ask(`${server.url}${POLL}&sid=${sid}`, { headers: from(address), method: 'POST', body: '3' }),
  ).toMatchObject({ status: 200 });
  first.destroy();
  await until(() => server.io.engine.clientsCount === 3, 'one to be gone');
  await hold(address);
  await until(() => server.io.engine.clientsCount === 4, 'another one in its place');
});

test('[LIMIT1] of IPv6 a network of 64 bits counts as one address', async () => {
  server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'], maxConnectionsPerAddress: 2 } });
  await hold('2001:db8::1');
  await hold('2001:db8::2');
  expect((await hold('2001:db8::3')).received).toContain('429');
  expect((await hold('2001:db8:0:1::3')).received).toContain('"sid"');
});

test('[LIMIT1] handshakes that come to nothing leave nothing behind', async () => {
  server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'], maxConnectionsPerAddress: 2 } });
  const headers = from('203.0.113.7');
  for (let i = 0; i < 10; i++) {
    expect(await ask(`${server.url}/socket.io/?EIO=3&transport=polling`, { headers })).toMatchObject({
      status: 400,
    });
    expect(
      await askForWebSocket(server.url + SOCKET, { ...headers, 'Sec-WebSocket-Key': 'x' }),
    ).toMatchObject({ status: 400 });
    expect(await askForWebSocket(server.url + SOCKET, headers)).toMatchObject({ status: 101 });
    await until(() => server.edge.counts.size === 0, 'the count to be 0');
  }
});

test('[LIMIT1] programs on this machine, and proxies that name nobody, are not counted', async () => {
  server = await startGateway({ edge: { trustedProxies: ['127.0.0.2'], maxConnectionsPerAddress: 1 } });
  for (let i = 0; i < 5; i++) await hold('203.0.113.7');
  expect(server.io.engine.clientsCount).toBe(5);
  expect(server.edge.counts.size).toBe(0);
  expect(
    server.edge.countedAs(
      server.edge.proxies.clientOf({ headers: {}, socket: { remoteAddress: '127.0.0.2' } }),
    ),
  ).toBeUndefined();
});

test('[LIMIT1] the address that a trusted proxy names is the one that authenticators are told', async () => {
  const seen: unknown[] = [];
  const access: AccessControl = {
    ...openAccess,
    async admit(credentials) {
      seen.push(credentials.address);
      return { identity: {}, role: 'owner' };
    },
  };
  server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'] }, access });
  const manager = newManager(server.url, 'websocket');
  Object.assign(manager.opts, { extraHeaders: from('203.0.113.7') });
  const client = await RawClient.connect(server.url, { manager });
  expect(seen).toEqual(['203.0.113.7']);
  client.close();
});

test('[LIMIT2] a user has so many connections, whatever documents they are for', async () => {
  const access: AccessControl = {
    ...openAccess,
    async admit({ token = 'nobody' }) {
      return { identity: { user: token }, role: 'owner' };
    },
  };
  server = await startGateway({ edge: { maxConnectionsPerUser: 2 }, access });
  const auth = { protocol: 1, token: 'ada' };
  const manager = newManager(server.url);
  const clients = await Promise.all(
    ['acme/one', 'acme/two', 'acme/three'].map((document) =>
      RawClient.joined(server.url, { document, auth, manager }),
    ),
  );
  const second = await RawClient.joined(server.url, { auth });
  const refusal = await refusalOf(RawClient.connect(server.url, { auth }));
  expect(refusal.data).toMatchObject({ code: 'too-many-connections', retryable: true });
  expect(server.refused).toContain('connection too-many-connections');
  const other = await RawClient.joined(server.url, { auth: { ...auth, token: 'bob' } });
  second.close();
  await until(() => server.io.engine.clientsCount <= 3, 'the connection to be gone');
  const again = await RawClient.joined(server.url, { auth });
  for (const client of [...clients, other, again]) client.close();
  await until(() => server.edge.counts.size === 0, 'the counts to be 0');
});

test('[LIMIT3] a connection may have so many documents as it is told', async () => {
  server = await startGateway({ gatewayLimits: { maxDocumentsPerConnection: 2 } });
  const manager = newManager(server.url);
  const one = await RawClient.connect(server.url, { manager, document: 'acme/1' });
  await RawClient.connect(server.url, { manager, document: 'acme/2' });
  const refusal = await refusalOf(RawClient.connect(server.url, { manager, document: 'acme/3' }));
  expect(refusal.data).toMatchObject({ code: 'too-many-documents' });
  one.close();
});

test('[LIMIT5] connections to documents are counted as joins are', async () => {
  server = await startGateway({ gatewayLimits: { maxJoinsPerSecond: 1, joinBurst: 5 } });
  const raw = await RawWebSocket.open(server.url);
  for (let i = 0; i < 10; i++) raw.send(`40/docs/acme/${i},{"protocol":1}`);
  await until(() => raw.text.split('\n').length >= 11, 'the answers');
  expect(raw.text.match(/too-many-joins/g)).toHaveLength(5);
  expect(raw.text.match(/"sid":"[^"]*"}/g)).toHaveLength(5);
  expect(server.refused.filter((one) => one.endsWith(' too-many-joins'))).toHaveLength(5);
  raw.terminate();
});
