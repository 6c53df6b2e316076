import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { ask, askForWebSocket } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

const FOREIGN = { origin: 'https://evil.example' };
const LISTED = { origin: 'https://app.example' };
const POLL = '/socket.io/?EIO=4&transport=polling';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';

let server: GatewayServer;

beforeAll(async () => {
  server = await startGateway({ edge: { allowedOrigins: [LISTED.origin], trustedProxies: ['127.0.0.1'] } });
});
afterAll(() => server.stop());

/** A connection that exists, by polling. */
async function connection(): Promise<string> {
  const { text } = await ask(server.url + POLL);
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

const REFUSED = {
  code: 'origin-refused',
  status: 403,
  retryable: false,
  type: 'urn:coscribe:error:origin-refused',
};

describe('a page of another origin', () => {
  test.each([
    ['a foreign one', FOREIGN],
    ['a sandbox or a file', { origin: 'null' }],
    ['one without Origin, by what the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['one of another port', { origin: 'http://127.0.0.1:1' }],
  ])(
    '[EDGE2] [EDGE3] [EDGE10] gets 403 with its code, for either transport, and may read that: %s',
    async (_, headers) => {
      const before = server.io.engine.clientsCount;
      const polled = await ask(server.url + POLL, { headers });
      expect(polled.headers['access-control-allow-origin']).toBe('*');
      for (const answer of [
        polled,
        await askForWebSocket(server.url + SOCKET, headers as Record<string, string>),
      ]) {
        expect(answer).toMatchObject({
          status: 403,
          headers: { 'content-type': 'application/problem+json' },
        });
        expect(JSON.parse(answer.text)).toMatchObject(REFUSED);
        expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
        expect(Object.keys(JSON.parse(answer.text)).sort()).toEqual(
          [...Object.keys(REFUSED), 'detail', 'title'].sort(),
        );
      }
      expect(server.io.engine.clientsCount).toBe(before);
      expect(
        server.refused.filter((one) => one === 'connection origin-refused').length,
      ).toBeGreaterThanOrEqual(2);
    },
  );

  test('[EDGE2] cannot use a connection that exists either: not read, not write, not upgrade', async () => {
    const sid = await connection();
    const url = `${server.url}${POLL}&sid=${sid}`;
    for (const answer of [
      await ask(url, { headers: FOREIGN }),
      await ask(url, { headers: FOREIGN, method: 'POST', body: '40/docs/acme/notes,{"protocol":1}' }),
      await askForWebSocket(`${server.url}${SOCKET}&sid=${sid}`, FOREIGN),
    ])
      expect(answer.status).toBe(403);
    expect(await ask(url, { method: 'POST', body: '40/docs/acme/notes,{"protocol":1}' })).toMatchObject({
      status: 200,
    });
    expect((await ask(url)).text).toContain('"sid"');
    await ask(url, { method: 'POST', body: '1' });
  });

  test('[EDGE5] may connect, read answers and send requests if it is listed', async () => {
    const polled = await ask(server.url + POLL, { headers: LISTED });
    const readable = {
      'access-control-allow-origin': LISTED.origin,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    };
    expect(polled).toMatchObject({ status: 200, headers: readable });
    expect(await askForWebSocket(server.url + SOCKET, LISTED)).toMatchObject({ status: 101 });
    const preflight = { ...LISTED, 'access-control-request-method': 'POST' };
    expect(await ask(server.url + POLL, { method: 'OPTIONS', headers: preflight })).toMatchObject({
      status: 204,
      headers: { ...readable, 'access-control-allow-methods': expect.stringContaining('POST') },
    });
    const refused = { ...FOREIGN, 'access-control-request-method': 'POST' };
    expect(await ask(server.url + POLL, { method: 'OPTIONS', headers: refused })).toMatchObject({
      status: 403,
    });
  });

  test('[EDGE2] pages of the server itself and programs get in', async () => {
    const { host } = new URL(server.url);
    for (const headers of [
      {},
      { origin: server.url },
      { origin: `https://${host}` },
      { 'sec-fetch-site': 'same-origin' },
    ]) {
      expect(await ask(server.url + POLL, { headers })).toMatchObject({ status: 200 });
      expect(await askForWebSocket(server.url + SOCKET, headers as Record<string, string>)).toMatchObject({
        status: 101,
      });
    }
  });

  test('[EDGE1] the host that a trusted proxy names is the one that pages have', async () => {
    const proxied = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'notes.example',
      'x-forwarded-proto': 'https',
    };
    expect(
      await ask(server.url + POLL, { headers: { ...proxied, origin: 'https://notes.example' } }),
    ).toMatchObject({
      status: 200,
      headers: { 'strict-transport-security': expect.stringMatching(/^max-age=\d+$/) },
    });
    expect(
      await ask(server.url + POLL, { headers: { ...proxied, origin: 'http://notes.example' } }),
    ).toMatchObject({
      status: 403,
    });
  });

  test('[EDGE7] nobody is told to use TLS who did not come by it', async () => {
    for (const path of [POLL, '/'])
      expect((await ask(server.url + path)).headers).not.toHaveProperty('strict-transport-security');
  });

  test('[EDGE8] no answer of the polling transport can be shown, run or framed', async () => {
    const sid = await connection();
    for (const { headers } of [
      await ask(server.url + POLL),
      await ask(`${server.url}${POLL}&sid=nobody`),
      await ask(`${server.url}${POLL}&sid=${sid}`, { method: 'POST', body: '1' }),
    ])
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
  });
});

test('[EDGE5] with * every page may come, but never with cookies', async () => {
  const open = await startGateway({ edge: { allowedOrigins: ['*'] } });
  const seen: unknown[] = [];
  open.io.on('new_namespace', (namespace) =>
    namespace.use((socket, next) => {
      seen.push(socket.handshake.headers);
      next();
    }),
  );
  try {
    const headers = { ...FOREIGN, cookie: 'session=secret' };
    const polled = await ask(open.url + POLL, { headers });
    expect(polled.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(polled.headers).not.toHaveProperty('access-control-allow-credentials');
    const { sid } = JSON.parse(polled.text.slice(1)) as { sid: string };
    await ask(`${open.url}${POLL}&sid=${sid}`, {
      method: 'POST',
      body: '40/docs/acme/notes,{"protocol":1}',
      headers,
    });
    await until(() => seen.length === 1, 'the namespace');
    expect(seen).toEqual([FOREIGN]);
  } finally {
    await open.stop();
  }
});

test('[EDGE4] a server for this machine only answers to its own names', async () => {
  const local = await startGateway({ edge: { localOnly: true } });
  try {
    const { port } = local;
    const rebound = { host: `evil.example:${port}`, origin: `http://evil.example:${port}` };
    expect(await ask(local.url + POLL, { headers: rebound })).toMatchObject({ status: 403 });
    expect(await askForWebSocket(local.url + SOCKET, rebound)).toMatchObject({ status: 403 });
    const own = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
    expect(await ask(local.url + POLL, { headers: own })).toMatchObject({ status: 200 });
  } finally {
    await local.stop();
  }
});
