import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Credentials } from '../../../server/auth/access.js';
import { type Ask, codeOf, type HttpApp, type HttpAppOptions, startHttpApp } from '../../support/http-app.js';

const apps: HttpApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(options: HttpAppOptions = {}): Promise<HttpApp> {
  const app = await startHttpApp(options);
  apps.push(app);
  return app;
}

describe('bodies', () => {
  const post = (app: HttpApp, ask: Ask) => app.ask('/api/documents', { method: 'POST', ...ask });

  test.each<[string, Ask, string]>([
    ['no JSON', { body: '{"id":' }, 'bad-request'],
    ['no object', { body: '["id"]' }, 'bad-request'],
    ['null', { body: 'null' }, 'bad-request'],
    ['no UTF-8', { body: Buffer.from('7b226964223a22ff227d', 'hex') }, 'bad-request'],
    ['a field too many', { json: { id: 'a', role: 'owner' } }, 'bad-request'],
    ['__proto__', { body: '{"__proto__": {"id": "a"}}' }, 'bad-request'],
    ['half a character', { body: '{"text":"a\\ud83d"}' }, 'bad-request'],
    ['a text that is none', { json: { text: ['a'] } }, 'bad-request'],
    ['depth', { body: `{"id":${'['.repeat(500)}${']'.repeat(500)}}` }, 'invalid-document-id'],
  ])('[API10] %s is refused', async (_, ask, code) => {
    const answer = await post(await start(), ask);
    expect([answer.status, codeOf(answer)]).toEqual([400, code]);
    expect(answer.text).not.toContain('[[');
  });

  test.each<[string, Record<string, string>]>([
    ['text', { 'Content-Type': 'text/plain' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['something longer', { 'Content-Type': 'application/json5' }],
    ['another character set', { 'Content-Type': 'application/json; charset=utf-16' }],
    ['something compressed', { 'Content-Encoding': 'gzip' }],
  ])('[API10] %s is a body of another type', async (_, headers) => {
    const answer = await post(await start(), { json: { id: 'a' }, headers });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported-media-type']);
  });

  test('[API10] a sentence says which field is not known, and which are', async () => {
    const { text } = await post(await start(), { json: { name: 'a' } });
    expect(JSON.parse(text)).toMatchObject({ detail: expect.stringContaining('"name" is no field') });
    expect(text).toContain('it has \\"id\\"');
  });

  test('[API10] a type with parameters, and no body at all, are taken', async () => {
    const app = await start();
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    expect((await post(app, { body: '\uFEFF{"id":"a"}', headers })).status).toBe(201);
    expect((await post(app, {})).status).toBe(201);
  });

  test('[API10] a body that is too large is refused before it has come, whether it says so or not', async () => {
    const app = await start({ limits: { maxUpdateBytes: 1024 } });
    const large = JSON.stringify({ id: 'x'.repeat(2000) });
    const said = await post(app, { body: large });
    expect([said.status, codeOf(said)]).toEqual([413, 'body-too-large']);
    expect((await post(app, { body: JSON.stringify({ id: 'x'.repeat(1000) }) })).status).toBe(400);
    for (const head of ['Content-Length: 900000000', 'Transfer-Encoding: chunked']) {
      const answer = await sendPart(app.port, head, `800\r\n${'x'.repeat(2048)}\r\n`);
      expect(answer).toContain('413');
      expect(answer).toContain('body-too-large');
    }
  });

  test('[API10] who leaves in the middle of a body leaves nothing in the log', async () => {
    const app = await start();
    await new Promise<void>((resolve) => {
      const socket = connect(app.port, '127.0.0.1', () => {
        const head = 'POST /api/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"id"';
        socket.write(head, () => socket.resetAndDestroy());
      });
      socket.on('close', () => resolve());
    });
    await app.ask('/healthz');
    expect(app.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** The first words of the answer to a request of which only this part is sent. */
function sendPart(port: number, header: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`POST /api/documents HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`);
      socket.write(`Content-Type: application/json\r\n\r\n${body}`);
    });
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (!answer.includes('}')) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

describe('requests of one address', () => {
  const LIMITS = { maxRequestsPerSecond: 1, requestBurst: 3 };
  const from = (address: string): Ask => ({ headers: { 'X-Forwarded-For': address } });

  test('[API11] are refused beyond their limit, with a time to wait; pages and other addresses are not', async () => {
    const app = await start({ limits: LIMITS, edge: { trustedProxies: ['127.0.0.1'] } });
    const ask = (path: string, address: string) => app.ask(path, from(address));
    for (const status of [200, 200, 200, 429])
      expect((await ask('/api/documents', '203.0.113.5')).status).toBe(status);
    const refused = await ask('/api/nothing', '203.0.113.5');
    expect([refused.status, codeOf(refused)]).toEqual([429, 'too-many-requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    for (const path of ['/', '/d/a/b', '/healthz', '/metrics'])
      expect((await ask(path, '203.0.113.5')).status).toBe(200);
    expect((await ask('/api/documents', '203.0.113.6')).status).toBe(200);
    // A whole network of 64 bits is one address.
    for (const [address, status] of [
      ['2001:db8::1', 200],
      ['2001:db8::2', 200],
      ['2001:db8::3', 200],
      ['2001:db8::4', 429],
    ] as const)
      expect((await ask('/api/documents', address)).status).toBe(status);
  });

  test('[API11] nobody gets more by a header that only proxies may send; programs on this machine are not counted', async () => {
    const app = await start({ limits: LIMITS });
    for (let n = 0; n < 6; n++)
      expect((await app.ask('/api/documents', from(`203.0.113.${n}`))).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  const asPage = (origin: string, more: Ask = {}): Ask => ({
    ...more,
    headers: { Origin: origin, ...more.headers },
  });
  const FRIEND = 'https://friend.example';
  const PREFLIGHT = {
    'Access-Control-Request-Method': 'DELETE',
    'Access-Control-Request-Headers': 'authorization',
  };

  test.each<[string, Ask]>([
    ['a foreign origin', asPage('https://evil.example')],
    ['the same name by another port', asPage('http://127.0.0.1:1')],
    ['no origin at all', asPage('null')],
    ['a page that hides its origin', { headers: { 'Sec-Fetch-Site': 'cross-site' } }],
  ])('[API12] %s is refused, and nothing happens', async (_, ask) => {
    const app = await start({ edge: { allowedOrigins: [FRIEND] } });
    const { path, id } = await app.newDocument();
    const methods = [
      [path, 'GET'],
      [path, 'DELETE'],
      ['/api/documents', 'POST'],
      ['/api/documents', 'OPTIONS'],
    ] as const;
    for (const [at, method] of methods) {
      const answer = await app.ask(at, { ...ask, method, headers: { ...PREFLIGHT, ...ask.headers } });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'origin-refused']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(await app.store.find(id)).not.toHaveProperty('deletedAt');
    expect(await app.store.list({ limit: 9 })).toHaveLength(1);
  });

  test('[API12] the own origin, programs, and origins that are allowed come in', async () => {
    const app = await start({ mode: 'links', edge: { allowedOrigins: [FRIEND] } });
    const { path, link } = await app.newDocument();
    const { token } = await link('viewer');
    for (const ask of [{}, asPage(`http://127.0.0.1:${app.port}`), asPage(FRIEND)])
      expect((await app.ask(path, { ...ask, token })).status).toBe(200);
  });

  test('[API12] a page of an allowed origin may ask first, and read the answer, errors too', async () => {
    const app = await start({ mode: 'links', edge: { allowedOrigins: [FRIEND] } });
    const { path } = await app.newDocument();
    const preflight = await app.ask(path, asPage(FRIEND, { method: 'OPTIONS', headers: PREFLIGHT }));
    expect([preflight.status, preflight.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': FRIEND,
        'access-control-allow-methods': expect.stringContaining('DELETE'),
        'access-control-allow-headers':
          'Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id',
        vary: 'Origin',
      },
    ]);
    for (const [at, code] of [
      [path, 'no-access'],
      ['/api/nothing', 'not-found'],
    ] as const) {
      const answer = await app.ask(at, asPage(FRIEND));
      expect([codeOf(answer), answer.headers['access-control-allow-origin']]).toEqual([code, FRIEND]);
    }
    const { id, link, path: readable } = await app.newDocument();
    const { headers } = await app.ask(
      `${readable}/text`,
      asPage(FRIEND, { token: (await link('viewer')).token }),
    );
    expect(headers).toMatchObject({
      etag: `"0-${(await app.documents.position(id))?.generation}"`,
      vary: 'Authorization, Cookie, Origin',
      'access-control-expose-headers': expect.stringMatching(/ETag, Location, Idempotency-Replayed/),
    });
    const wrongMethod = await app.ask(path, asPage(FRIEND, { method: 'PUT' }));
    expect([wrongMethod.status, wrongMethod.headers['access-control-allow-origin']]).toEqual([405, FRIEND]);
  });
});

describe('tokens', () => {
  test('[API14] count in the Authorization header only', async () => {
    const app = await start({ mode: 'links' });
    const { path, link } = await app.newDocument();
    const { token } = await link('owner');
    expect((await app.ask(path, { headers: { Authorization: `bearer  ${token}` } })).status).toBe(200);
    for (const [at, headers] of [
      [path, { Cookie: `token=${token}` }],
      [path, { Authorization: token }],
      [path, { Authorization: `Basic ${token}` }],
      [path, { 'X-Token': token }],
    ] as const)
      expect(codeOf(await app.ask(at, { headers }))).toBe('no-access');
    for (const name of ['token', 'access_token'])
      expect(codeOf(await app.ask(`${path}?${name}=${token}`))).toBe('bad-request');
  });

  test('[API14] an authenticator of the application sees cookies, and nothing else of a request', async () => {
    const app = await start({ mode: 'tokens' });
    const seen: unknown[] = [];
    app.house.authenticate = (credentials) => {
      seen.push(credentials);
      return {};
    };
    const { path } = await app.newDocument();
    await app.ask(path, { headers: { Cookie: 'session=7', 'X-Other': 'x', Accept: '*/*' } });
    expect(seen).toEqual([{ headers: { cookie: 'session=7' }, address: '127.0.0.1' }]);
  });

  test('[API29] where any page may come, the cookies of whoever looks at it do not count', async () => {
    const app = await start({ mode: 'tokens', edge: { allowedOrigins: ['https://ours.example', '*'] } });
    const seen: unknown[] = [];
    app.house.authenticate = (credentials: Partial<Credentials>) => {
      seen.push(credentials.headers?.cookie);
      return { user: 'ann' };
    };
    const { path } = await app.newDocument();
    // What browsers send for any page without asking before.
    const plain = { method: 'POST', headers: { Cookie: 'session=7', 'Content-Type': 'text/plain' } };
    const from = (more: Record<string, string>) =>
      app.ask(`${path}/text`, { ...plain, headers: { ...plain.headers, ...more } });
    await from({ Origin: 'https://evil.example' });
    await from({ 'Sec-Fetch-Site': 'cross-site' });
    await from({ Origin: 'null' });
    expect(new Set(seen)).toEqual(new Set([undefined]));
    seen.length = 0;
    await from({ Origin: 'https://ours.example' });
    await from({});
    expect(new Set(seen)).toEqual(new Set(['session=7']));
  });
});
