import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AdminDocument, AdminOverview } from '../../../shared/admin.js';
import { untilAsync } from '../../contracts/bus-contract.js';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { codeOf, type HttpApp, type HttpAppOptions, startHttpApp } from '../../support/http-app.js';
import { ask } from '../../support/raw-http.js';

const TOKEN = 'an-operator-token';

const apps: HttpApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(options: HttpAppOptions): Promise<HttpApp> {
  const app = await startHttpApp(options);
  apps.push(app);
  return app;
}

const ADDRESSES: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/api/admin'],
  ['GET', '/api/admin/events'],
  ['GET', '/api/admin/documents'],
  ['GET', '/api/admin/documents/acme/plan'],
  ['POST', '/api/admin/documents/acme/plan/compact'],
  ['POST', '/api/admin/documents/acme/plan/verify'],
  ['GET', '/api/admin/documents/acme/plan/export'],
  ['DELETE', '/api/admin/sessions/a.1'],
  ['POST', '/api/admin/nodes/a/drain'],
  ['DELETE', '/api/admin/nodes/a/drain'],
];

describe('who asks', () => {
  test('[ADMIN1] without being an operator learns nothing, whether what he asks for is there or not', async () => {
    const tokens = await start({ mode: 'tokens' });
    const links = await start({ mode: 'links' });
    const { id, link } = await links.newDocument();
    const { token } = await link('owner');
    tokens.house.let('ann', 'owner', id);
    for (const [method, path] of ADDRESSES) {
      const refused = async (app: HttpApp, shown?: string) => {
        const answer = await app.ask(path, { method, token: shown });
        return `${method} ${path} ${answer.status} ${codeOf(answer)}`;
      };
      const is = (what: string) => `${method} ${path} ${what}`;
      expect(await refused(tokens)).toBe(is('401 unauthenticated'));
      expect(await refused(tokens, 'nobody')).toBe(is('401 unauthenticated'));
      expect(await refused(tokens, 'ann')).toBe(is('403 not-allowed'));
      expect(await refused(links)).toBe(is('401 unauthenticated'));
      expect(await refused(links, token)).toBe(is('401 unauthenticated'));
      expect(await refused(links, TOKEN)).toBe(is('401 unauthenticated'));
    }
  });

  test('[ADMIN1] as an operator is let in, and so is everybody where everybody is let in', async () => {
    const tokens = await start({ mode: 'tokens' });
    tokens.house.people.set('root', { user: 'root', operator: true });
    const open = await start({ mode: 'open' });
    expect((await tokens.ask('/api/admin/documents?order=name', { token: 'root' })).status).toBe(200);
    expect((await open.ask('/api/admin/documents?order=name')).status).toBe(200);
  });

  test('[ADMIN1] from a page of any origin, where all are allowed, has to bring a token', async () => {
    const open = await start({ mode: 'open', edge: { allowedOrigins: ['*'] } });
    const headers = { Origin: 'https://evil.example' };
    for (const [method, path] of ADDRESSES) {
      const answer = await open.ask(path, { method, headers });
      expect([method, path, codeOf(answer)]).toEqual([method, path, 'unauthenticated']);
    }
    expect((await open.ask('/api/documents', { headers })).status).toBe(200);
    const tokens = await start({ mode: 'tokens', edge: { allowedOrigins: ['*'] } });
    tokens.house.people.set('root', { user: 'root', operator: true });
    const path = '/api/admin/documents?order=name';
    expect((await tokens.ask(path, { token: 'root', headers })).status).toBe(200);
  });

  test('[ADMIN1] from a foreign page, or too often, is refused before that', async () => {
    const app = await start({
      mode: 'tokens',
      edge: { trustedProxies: ['127.0.0.1'] },
      limits: { maxRequestsPerSecond: 1, requestBurst: 2 },
    });
    const foreign = await app.ask('/api/admin', { headers: { Origin: 'https://evil.example' } });
    expect(codeOf(foreign)).toBe('origin-refused');
    const codes: (string | undefined)[] = [];
    for (let guess = 0; guess < 3; guess++) {
      const headers = { 'X-Forwarded-For': '203.0.113.7' };
      codes.push(codeOf(await app.ask('/api/admin', { token: `guess-${guess}`, headers })));
    }
    expect(codes).toEqual(['unauthenticated', 'unauthenticated', 'too-many-requests']);
  });
});

describe('what is asked', () => {
  test('[ADMIN1] in a form that there is not is refused, and nothing is done', async () => {
    const app = await start({ mode: 'open' });
    const ofDocument = (name: string) => `/api/admin/documents/acme/${name}`;
    const odd: readonly (readonly [string, string, string])[] = [
      ['GET', '/api/admin?x=1', 'bad-request'],
      ['GET', '/api/admin/documents?order=size', 'bad-request'],
      ['GET', '/api/admin/documents?limit=0', 'bad-request'],
      ['GET', '/api/admin/documents?limit=501', 'bad-request'],
      ['GET', `/api/admin/documents?prefix=${'a'.repeat(130)}`, 'bad-request'],
      ['GET', '/api/admin/documents?prefix=%00', 'bad-request'],
      ['GET', ofDocument('.hidden'), 'invalid-document-id'],
      ['GET', ofDocument('a'.repeat(65)), 'invalid-document-id'],
      ['GET', ofDocument('%2e%2e'), 'not-found'],
      ['GET', ofDocument('nothing'), 'no-access'],
      ['GET', `${ofDocument('plan')}/export?format=exe`, 'bad-request'],
      ['DELETE', `/api/admin/sessions/${'a'.repeat(5_000)}`, 'not-found'],
      ['DELETE', '/api/admin/sessions/%3Cb%3E.1', 'not-found'],
      ['DELETE', '/api/admin/sessions/a%2F1', 'not-found'],
      ['POST', '/api/admin/nodes/%00/drain', 'not-found'],
      ['POST', '/api/admin/nodes/__proto__/drain', 'not-found'],
      ['POST', '/api/admin', 'method-not-allowed'],
      ['GET', '/api/admin/nothing', 'not-found'],
    ];
    for (const [method, path, code] of odd)
      expect([method, path, codeOf(await app.ask(path, { method }))]).toEqual([method, path, code]);
    expect(app.documents.openCount).toBe(0);
    expect(app.log.entries.filter(({ fields }) => fields.audit !== undefined)).toEqual([]);
  });
});

describe('what is done', () => {
  test('[ADMIN14] is one line of the audit log that says who did it', async () => {
    const app = await start({ mode: 'tokens', edge: { trustedProxies: ['127.0.0.1'] } });
    app.house.people.set('root', { user: 'root', operator: true });
    const { id } = await app.newDocument();
    const document = `/api/admin/documents/${id}`;
    const address = '203.0.113.5';
    const act = async (method: string, path: string) => {
      const before = app.log.entries.length;
      const headers = { 'X-Forwarded-For': address };
      const { status } = await app.ask(path, { method, token: 'root', headers });
      const lines = app.log.entries.slice(before).filter(({ fields }) => fields.audit !== undefined);
      return [status, ...lines.map(({ level, fields }) => ({ level, ...fields }))];
    };
    const by = { level: 'info', user: 'root', address };
    expect(await act('POST', `${document}/compact`)).toEqual([
      200,
      { audit: 'document-compacted', document: id, ...by },
    ]);
    expect(await act('POST', `${document}/verify`)).toEqual([
      200,
      { audit: 'document-verified', document: id, ...by },
    ]);
    expect(await act('GET', `${document}/export`)).toEqual([
      200,
      { audit: 'document-exported', document: id, ...by },
    ]);
    expect(await act('GET', document)).toEqual([200]);
    expect(await act('DELETE', '/api/admin/sessions/a.1')).toEqual([404]);
  });
});

describe('a server with an operator token', () => {
  let server: AccessServer;
  beforeAll(async () => {
    const proxied = [
      '--trusted-proxies',
      '127.0.0.1',
      '--max-requests-per-second',
      '5',
      '--request-burst',
      '5',
    ];
    server = await startAccessServer({
      auth: ['--auth', 'open'],
      args: ['--operator-token', TOKEN, ...proxied],
    });
  });
  afterAll(() => server.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(`${server.url}${path}`, { headers });
  const operator = { Authorization: `Bearer ${TOKEN}` };

  test('[ADMIN2] shows /metrics to whoever brings it, and to nobody else', async () => {
    const refused = await get('/metrics');
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([401, { code: 'unauthenticated' }]);
    const wrong = await get('/metrics', { Authorization: 'Bearer of-bad-news-here' });
    expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining('no token of an operator')]);
    expect((await get('/metrics', { Authorization: `Basic ${TOKEN}` })).status).toBe(401);
    expect((await get(`/metrics?token=${TOKEN}`)).status).toBe(401);
    const { status, text, headers } = await get('/metrics', operator);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(text).toContain('coscribe_documents_open 0');
    for (const path of ['/healthz', '/readyz']) expect((await get(path)).status).toBe(200);
  });

  test('[ADMIN2] counts who tries to guess it', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 7; guess++) {
      const headers = {
        Authorization: `Bearer guess-number-${guess}-here`,
        'X-Forwarded-For': '203.0.113.8',
      };
      statuses.push((await get('/metrics', headers)).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThan(4);
  });

  test('[ADMIN3] never says what it is', async () => {
    await get('/api/admin/documents', operator);
    await get('/api/nothing', operator);
    expect(JSON.stringify(server.entries)).not.toContain(TOKEN);
    expect((await get('/metrics', operator)).text).not.toContain(TOKEN);
  });

  test('[ADMIN4] shows what it counts itself, and what it logged', async () => {
    const headers = { 'Content-Type': 'text/plain' };
    await ask(`${server.url}/api/documents/acme/plan/text`, { method: 'PUT', headers, body: 'Hello' });
    const metrics = (await get('/metrics', operator)).text;
    const counted = (name: string) =>
      Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(metrics)?.[1]);
    let overview: AdminOverview | undefined;
    // What is shown is as old as a second.
    await untilAsync(async () => {
      overview = JSON.parse((await get('/api/admin', operator)).text) as AdminOverview;
      return overview.nodes[0]?.documents === counted('coscribe_documents_open');
    }, 'the node has reported');
    const { nodes = [], errors } = overview ?? {};
    expect(nodes[0]).toMatchObject({ documents: 1, store: { saving: true } });
    expect(nodes[0]?.rss).toBeGreaterThan(10_000_000);
    expect(errors).toMatchObject([{ level: 'warn', message: expect.stringContaining('Everybody') }]);
    const described = await get('/api/admin/documents/acme/plan', operator);
    expect(JSON.parse(described.text) as AdminDocument).toMatchObject({ id: 'acme/plan', head: 1 });
  });
});

test('[ADMIN2] without an operator token /metrics is for whoever reaches the node', async () => {
  const app = await start({ mode: 'tokens' });
  expect((await app.ask('/metrics')).status).toBe(200);
  expect((await app.ask('/metrics', { headers: { Origin: 'https://elsewhere.example' } })).status).toBe(200);
});
