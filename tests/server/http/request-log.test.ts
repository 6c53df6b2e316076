import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type HttpApp, startHttpApp } from '../../support/http-app.js';

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp();
});
afterAll(() => app.close());

const linesOf = (request: string) =>
  app.log.entries
    .filter(({ fields }) => fields.request === request)
    .map(({ level, fields }) => ({ level, ...fields }));

test('[LOGS1] a request has a name, in the answer and in the log', async () => {
  const { headers, status } = await app.ask('/api/documents', {
    method: 'POST',
    json: { id: 'acme/logged' },
  });
  expect(status).toBe(201);
  const id = String(headers['x-request-id']);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(linesOf(id)).toMatchObject([
    { level: 'info', method: 'POST', route: '/api/documents', status: 201, address: '127.0.0.1' },
  ]);
});

test('[LOGS1] a name that a proxy has given is kept, if it is one', async () => {
  const named = await app.ask('/api/documents', { headers: { 'X-Request-Id': 'edge-17.4' } });
  expect(named.headers['x-request-id']).toBe('edge-17.4');
  expect(linesOf('edge-17.4')).toMatchObject([{ level: 'debug', method: 'GET', status: 200 }]);
  for (const odd of ['a b', 'x'.repeat(65), '<script>']) {
    const { headers } = await app.ask('/api/documents', { headers: { 'X-Request-Id': odd } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('[LOGS1] an address is not told as it is: people put tokens into the strangest places', async () => {
  const { path, id } = await app.newDocument();
  await app.ask(`${path}/links/link_something-secret`, { method: 'DELETE' });
  await app.ask(`/api/something-secret`, { method: 'POST' });
  const { headers } = await app.ask(`${path}/text?root=something-secret`);
  expect(linesOf(String(headers['x-request-id']))).toMatchObject([
    { route: '/api/documents/:workspace/:name/text', document: id, status: 200 },
  ]);
  expect(JSON.stringify(app.log.entries)).not.toContain('something-secret');
});

test('[LOGS1] refusals are named, too, and questions of health are not told', async () => {
  const { headers, status } = await app.ask('/api/documents/acme/nowhere', { method: 'DELETE' });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(linesOf(String(headers['x-request-id']))).toMatchObject([{ level: 'info', status }]);
  const before = app.log.entries.length;
  for (const path of ['/healthz', '/readyz', '/metrics']) await app.ask(path);
  expect(app.log.entries.slice(before).filter(({ fields }) => 'request' in fields)).toEqual([]);
});
