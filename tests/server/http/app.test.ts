import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpApp, type HttpAppDeps } from '../../../server/http/app.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { apiDeps } from '../../support/api-deps.js';
import { collectLog } from '../../support/collect-log.js';
import { SCRIPT, startHttpApp } from '../../support/http-app.js';
import { ROOT } from '../../support/project-files.js';

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
    expect([status, text]).toEqual([200, '<title>home</title><body data-mode="open" data-offline="yes">']);
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

  test("[ADMPAGE10] /admin is the operators' page, for everybody: what it shows it has to ask for", async () => {
    const { status, headers, text } = await app.ask('/admin');
    expect([status, text]).toEqual([200, '<body data-mode="open"><h1>Operations</h1>']);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    const other = await app.ask('/admin/');
    expect([other.status, other.headers.location]).toEqual([301, '/admin']);
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

describe('what the pages need to open without a network', () => {
  test('[PAGE33] the service worker is asked for anew each time, for pages of this origin only', async () => {
    const { status, headers, text } = await app.ask('/service-worker.js?mode=open');
    expect([status, text]).toEqual([200, SCRIPT]);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    const again = await app.ask('/service-worker.js', { headers: { 'If-None-Match': headers.etag ?? '' } });
    expect(again.status).toBe(304);
  });

  test('[PAGE33] the page of any document has the name left out, for the worker to fill in', async () => {
    const { headers, text } = await app.ask('/offline/document');
    expect(text).toBe('<title>{{name}}</title><h1 data-mode="open" title="{{id}}">{{prefix}}{{name}}</h1>');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('[PAGE39] a server that wants nothing kept has neither, and its pages say so', async () => {
    const other = await startHttpApp({ offline: false });
    try {
      expect((await other.ask('/')).text).toContain('data-offline="no"');
      for (const path of ['/service-worker.js', '/offline/document'])
        expect((await other.ask(path)).status).toBe(404);
    } finally {
      await other.close();
    }
  });
});

describe('the file for <script> tags', () => {
  const get = (path: string, headers: Record<string, string> = {}) => app.ask(path, { headers });

  test('[PKG8] pages of any origin may load it, compressed', async () => {
    const { status, headers, body } = await get('/coscribe.js', { 'Accept-Encoding': 'gzip' });
    expect([status, gunzipSync(body).toString()]).toEqual([200, SCRIPT]);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    const map = await get('/coscribe.js.map');
    expect([map.status, map.text, map.headers['content-type']]).toEqual([200, '{}', 'application/json']);
    expect(map.headers['access-control-allow-origin']).toBe('*');
  });

  test('[PKG8] a browser asks each time whether it has changed, and gets it only if it has', async () => {
    const { headers } = await get('/coscribe.js');
    const tag = headers.etag ?? '';
    expect([headers['cache-control'], tag]).toEqual(['no-cache', expect.stringMatching(/^W\/"\S{43}"$/)]);
    for (const known of [tag, `W/"other", ${tag}`]) {
      const again = await get('/coscribe.js', { 'If-None-Match': known, 'Accept-Encoding': 'gzip' });
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, tag]);
      expect(again.headers).toMatchObject({ 'access-control-allow-origin': '*', vary: 'Accept-Encoding' });
    }
    expect((await get('/coscribe.js', { 'If-None-Match': 'W/"other"' })).status).toBe(200);
    expect((await get('/coscribe.js.map')).headers.etag).not.toBe(tag);
  });

  test.each(['/coscribe.js.gz', '/coscribe.mjs', '/browser/coscribe.js', '/LICENSES.txt'])(
    '[HTTP5] %s is not there',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
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
    // One more than is shown says whether there are more.
    expect(app.store.queries).toEqual([
      { limit: 51, order: 'updated' },
      { limit: 501, order: 'updated', workspace: 'team' },
    ]);
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
    const told = app.log.entries.filter(({ level }) => level === 'error');
    expect(told).toMatchObject([{ fields: { err: app.store.failure, request: expect.any(String) } }]);
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
  '/coscribe.js',
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
        'cross-origin-resource-policy': path === '/coscribe.js' ? 'cross-origin' : 'same-origin',
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
      const expected = method === 'OPTIONS' ? 204 : 405;
      expect([method, status, headers.allow]).toEqual([method, expected, allowed]);
      if (method === 'OPTIONS') expect(headers['content-type']).toBeUndefined();
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
  const deps: Omit<HttpAppDeps, 'publicDir' | 'browserDir'> = {
    ...apiDeps(app),
    readiness: () => 'ok',
    bus: () => 'none',
    metricsForAll: true,
    metrics: { contentType: 'text/plain', text: async () => '' },
    offline: true,
    version: '1',
    log: collectLog(),
  };
  const built = { publicDir: join(ROOT, 'dist/public'), browserDir: join(ROOT, 'dist/browser') };
  expect(createHttpApp({ ...deps, ...built })).toBeDefined();
  for (const missing of ['publicDir', 'browserDir']) {
    expect(() => createHttpApp({ ...deps, ...built, [missing]: '/nowhere' })).toThrow(/npm run build/);
  }
});
