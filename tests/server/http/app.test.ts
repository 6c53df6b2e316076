import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpApp, type HttpAppDeps } from '../../../server/http/app.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { collectLog } from '../../support/collect-log.js';
import { apiDeps, SCRIPT, startHttpApp } from '../../support/http-app.js';

let app: Awaited<ReturnType<typeof startHttpApp>>;
beforeAll(async () => {
  app = await startHttpApp();
});
afterAll(() => app.close());
beforeEach(() => {
  app.store.failure = undefined;
  app.store.documentsToList = undefined;
  app.store.queries.length = 0;
  app.state.readiness = 'ok';
});

describe('pages', () => {
  test('[HTTP1] / is the list, and browsers ask for it anew each time', async () => {
    const { status, headers, text } = await app.ask('/');
    expect([status, text]).toEqual([200, '<title>home</title><body data-mode="open">']);
    expect(headers['content-type']).toBe('text/html; charset=UTF-8');
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('[HTTP1] /d/{workspace}/{name} is the editor of that document', async () => {
    expect((await app.ask('/d/team/notes')).text).toBe(
      '<title>notes</title><h1 data-mode="open" title="team/notes">team/notes</h1>',
    );
    expect((await app.ask('/d/default/notes')).text).toBe(
      '<title>notes</title><h1 data-mode="open" title="default/notes">notes</h1>',
    );
  });

  test.each([
    ['/d/notes', '/d/default/notes'],
    ['/d/notes/', '/d/default/notes'],
    ['/d/team/notes/', '/d/team/notes'],
    ['/d/team/n%6Ftes', '/d/team/notes'],
    ['/d/notes?from=mail', '/d/default/notes?from=mail'],
    ['/d/', '/'],
    ['/d', '/'],
  ])('[HTTP2] %s leads to the one address of the document, %s', async (path, location) => {
    const { status, headers } = await app.ask(path);
    expect(headers.location).toBe(location);
    expect([301, 302]).toContain(status);
  });

  test.each([
    '/d/a/b/c',
    '/d/.hidden',
    '/d/a%20b',
    '/d/a/%3Cscript%3E',
    '/d/%E0%A4%A',
    '/d//evil.example',
    `/d/${'x'.repeat(65)}`,
  ])('[HTTP3] %s is no document: a page says why, with the way back', async (path) => {
    const { status, headers, text } = await app.ask(path);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('<h1>That name doesn’t work</h1>');
    expect(text).toContain('<code>invalid-document-id</code>');
    expect(text).not.toContain('<script');
  });
});

describe('assets', () => {
  test('[HTTP4] a file of the bundle may be kept for ever', async () => {
    const { status, headers, text } = await app.ask('/assets/home-AAAAAAAA.js');
    expect([status, text]).toEqual([200, SCRIPT]);
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-encoding']).toBeUndefined();
    expect((await app.ask('/assets/style-BBBBBBBB.css')).headers['content-type']).toBe(
      'text/css; charset=utf-8',
    );
    expect((await app.ask('/assets/favicon-CCCCCCCC.svg')).headers['content-type']).toBe('image/svg+xml');
  });

  test.each([
    ['gzip, deflate, br', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['br', undefined],
  ])('[HTTP4] to "%s" it is sent as the build compressed it: %s', async (accepted, encoding) => {
    const { headers, body } = await app.ask('/assets/home-AAAAAAAA.js', {
      headers: { 'Accept-Encoding': accepted },
    });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('Accept-Encoding');
    expect((encoding === undefined ? body : gunzipSync(body)).toString()).toBe(SCRIPT);
  });

  test.each([
    '/assets/../secret.js',
    '/assets/../../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/assets/....//secret.js',
    '/../secret.js',
    '/assets/secret.js%00',
    '/assets/notes.txt',
    '/assets/home-AAAAAAAA.js.gz',
    '/assets/',
    '/assets/__proto__',
    '/home.html',
  ])('[HTTP5] %s is not there: only the files of the bundle are', async (path) => {
    const { status, text } = await app.ask(path);
    expect(status).toBe(404);
    expect(text).not.toContain('secret');
  });
});

describe('GET /api/documents', () => {
  const summary = (id: string, updatedAt: number) => ({
    id: parseDocumentId(id),
    head: 7,
    createdAt: Date.UTC(2026, 0, 1),
    updatedAt,
  });

  test('[HTTP6] lists documents in the order of the store', async () => {
    app.store.documentsToList = [
      summary('team/notes', Date.UTC(2026, 0, 2)),
      summary('poem', Date.UTC(2026, 0, 1, 12)),
    ];
    const { status, headers, text } = await app.ask('/api/documents');
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(text)).toEqual({
      documents: [
        {
          id: 'team/notes',
          workspace: 'team',
          name: 'notes',
          head: 7,
          createdAt: '2026-01-01T00:00:00.000Z',
          updatedAt: '2026-01-02T00:00:00.000Z',
        },
        {
          id: 'default/poem',
          workspace: 'default',
          name: 'poem',
          head: 7,
          createdAt: '2026-01-01T00:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
        },
      ],
    });
  });

  test('[HTTP6] limit and workspace reach the store', async () => {
    await app.ask('/api/documents');
    await app.ask('/api/documents?limit=500&workspace=team');
    expect(app.store.queries).toEqual([{ limit: 50 }, { limit: 500, workspace: 'team' }]);
  });

  test.each([
    ['limit=0', 'bad-request'],
    ['limit=501', 'bad-request'],
    ['limit=-1', 'bad-request'],
    ['limit=1.5', 'bad-request'],
    ['limit=', 'bad-request'],
    ['limit=99999999999999999999', 'bad-request'],
    ['workspace=', 'invalid-document-id'],
    ['workspace=a/b', 'invalid-document-id'],
    ['workspace=*', 'invalid-document-id'],
  ])('[HTTP7] %s is refused with %s, as problem+json', async (query, code) => {
    const { status, headers, text } = await app.ask(`/api/documents?${query}`);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({
      type: `urn:coscribe:error:${code}`,
      status: 400,
      code,
      retryable: false,
    });
    expect(app.store.queries).toEqual([]);
  });

  test('[HTTP7] a store that is away is told as such, and when to try again', async () => {
    app.store.failure = new CoscribeError('store-unavailable');
    const { status, headers, text } = await app.ask('/api/documents');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(text)).toMatchObject({ code: 'store-unavailable', retryable: true });
  });

  test('[HTTP7] a mistake of the server stays in its log', async () => {
    app.store.failure = new Error('password=hunter2');
    const { status, text } = await app.ask('/api/documents');
    expect([status, JSON.parse(text)]).toMatchObject([500, { code: 'internal' }]);
    expect(text).not.toContain('hunter2');
    expect(app.log.entries.at(-1)).toMatchObject({ level: 'error', fields: { err: app.store.failure } });
  });
});

describe('health', () => {
  test('[HTTP8] /healthz answers as long as the process does, /readyz while it takes work', async () => {
    expect(JSON.parse((await app.ask('/healthz')).text)).toEqual({ status: 'ok', version: '1.2.3' });
    expect((await app.ask('/readyz')).status).toBe(200);
    for (const readiness of ['not ready', 'draining'] as const) {
      app.state.readiness = readiness;
      expect((await app.ask('/healthz')).status).toBe(200);
      const { status, text } = await app.ask('/readyz');
      expect([status, JSON.parse(text)]).toEqual([503, { status: readiness, bus: 'none', version: '1.2.3' }]);
    }
  });
});

describe('metrics', () => {
  test('[HTTP14] /metrics answers in the text format of Prometheus', async () => {
    const { status, headers, text } = await app.ask('/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4']);
    expect(text).toBe('coscribe_documents_open 3\n');
  });
});

const PATHS = [
  '/',
  '/d/a/b',
  '/assets/home-AAAAAAAA.js',
  '/api/documents',
  '/healthz',
  '/readyz',
  '/metrics',
];

describe('every answer', () => {
  test.each([...PATHS, '/nothing', '/api/nothing', '/d/a/b/c', '/d/notes'])(
    '[HTTP9] %s carries the security headers',
    async (path) => {
      const { headers } = await app.ask(path);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("style-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|http/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );

  test.each(PATHS)('[HTTP10] HEAD %s has the headers of GET and no body', async (path) => {
    const [get, head] = [await app.ask(path), await app.ask(path, { method: 'HEAD' })];
    expect([head.status, head.body.length]).toEqual([get.status, 0]);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });

  const ALLOWED: readonly (readonly [string, string])[] = [
    ...PATHS.map((path) => [path, path === '/api/documents' ? 'GET, HEAD, POST' : 'GET, HEAD'] as const),
    ['/api/documents/a/b', 'GET, HEAD, DELETE'],
    ['/api/documents/a/b/restore', 'POST'],
    ['/api/documents/a/b/links', 'GET, HEAD, POST'],
    ['/api/documents/a/b/links/x', 'DELETE'],
    ['/api/revocations', 'POST'],
  ];

  test.each(ALLOWED)('[HTTP10] %s takes %s, and refuses other methods with 405', async (path, allowed) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      if (allowed.includes(method)) continue;
      const { status, headers } = await app.ask(path, { method });
      expect([method, status, headers.allow]).toEqual([method, 405, allowed]);
    }
  });

  test('[HTTP11] what is unknown is 404: a page for people, problem+json under /api/', async () => {
    const page = await app.ask('/nothing');
    expect(page.status).toBe(404);
    expect(page.text).toContain('<h1>There is nothing here</h1>');
    const problem = await app.ask('/api/nothing');
    expect([problem.status, problem.headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(JSON.parse(problem.text)).toMatchObject({ code: 'not-found' });
    expect((await app.ask('/nothing', { method: 'POST' })).status).toBe(404);
  });
});

test('[HTTP12] without built pages the server says how to build them', () => {
  const deps: Omit<HttpAppDeps, 'publicDir'> = {
    ...apiDeps(app),
    readiness: () => 'ok',
    bus: () => 'none',
    metrics: { contentType: 'text/plain', text: async () => '' },
    version: '1',
    log: collectLog(),
  };
  expect(() => createHttpApp({ ...deps, publicDir: '/nowhere' })).toThrow(/npm run build/);
});
