import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codeOf, type HttpApp, startHttpApp } from '../../support/http-app.js';
import { readProjectFile } from '../../support/project-files.js';

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ mode: 'tokens', edge: { trustedProxies: ['127.0.0.1'] } });
});
afterAll(() => app.close());

const address = '203.0.113.5';

/** The audit lines of what this does. */
async function linesOf(act: () => Promise<unknown>): Promise<readonly object[]> {
  const before = app.log.entries.length;
  await act();
  return app.log.entries
    .slice(before)
    .filter(({ fields }) => fields.audit !== undefined)
    .map(({ level, fields }) => ({ level, ...fields }));
}

function send(path: string, method: string, token: string, json?: object) {
  return app.ask(path, { method, token, json, headers: { 'X-Forwarded-For': address } });
}

test('[API13] everything that changes who may do what, or whether a document is there, is one line that says who did it', async () => {
  const { id, path, link } = await app.newDocument();
  const fresh = { id: `${id}-fresh` };
  app.house.let('ada', 'owner', id);
  app.house.let('ada', 'editor', fresh.id as typeof id);
  app.house.people.set('root', { user: 'root', operator: true });
  const { token, id: byLink } = await link('owner');
  const ada = { level: 'info', user: 'ada', address };
  const holder = { level: 'info', byLink, address };

  expect(await linesOf(() => send('/api/documents', 'POST', 'ada', fresh))).toEqual([
    { audit: 'document-created', document: fresh.id, ...ada },
  ]);
  const wanted = { role: 'viewer', label: 'for Zoë', expiresAt: '2999-01-01T00:00:00Z' };
  const [made] = await linesOf(() => send(`${path}/links`, 'POST', 'ada', wanted));
  const [, stored] = await app.store.listLinks(id);
  expect(made).toEqual({
    ...{ audit: 'link-made', document: id, link: stored?.id, role: 'viewer', ...ada },
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  expect(await linesOf(() => send(`${path}/links/${stored?.id}`, 'DELETE', token))).toEqual([
    { audit: 'link-revoked', document: id, link: stored?.id, ...holder },
  ]);
  expect(await linesOf(() => send(path, 'DELETE', token))).toEqual([
    { audit: 'document-deleted', document: id, ...holder },
  ]);
  expect(await linesOf(() => send(`${path}/restore`, 'POST', token))).toEqual([
    { audit: 'document-restored', document: id, ...holder },
  ]);
  expect(await linesOf(() => send('/api/revocations', 'POST', 'root', { user: 'eve' }))).toEqual([
    { level: 'info', audit: 'tokens-revoked', revokedUser: 'eve', user: 'root', address },
  ]);
  expect(await linesOf(() => send('/api/revocations', 'POST', 'root', { tokenId: 't7' }))).toEqual([
    { level: 'info', audit: 'tokens-revoked', revokedToken: 't7', user: 'root', address },
  ]);
});

test('[API13] what the application itself does has no address; what is refused or only read has no line', async () => {
  const { id, path, link } = await app.newDocument();
  const { token } = await link('viewer');
  expect(await linesOf(() => app.management.accessChanged(id))).toEqual([
    { level: 'info', audit: 'access-changed', document: id },
  ]);
  expect(await linesOf(() => app.management.voidTokens({ user: 'ada' }))).toEqual([
    { level: 'info', audit: 'tokens-revoked', revokedUser: 'ada' },
  ]);
  const quiet = await linesOf(async () => {
    expect((await send(path, 'GET', token)).status).toBe(200);
    for (const [at, method] of [
      [path, 'DELETE'],
      [`${path}/restore`, 'POST'],
      [`${path}/links`, 'GET'],
      [`${path}/links/x`, 'DELETE'],
    ] as const)
      expect(codeOf(await send(at, method, token))).toBe('not-allowed');
  });
  expect(quiet).toEqual([]);
});

test('[API13] in mode links, the line of a new document names the link of its owner', async () => {
  const links = await startHttpApp({ mode: 'links' });
  try {
    const { text } = await links.ask('/api/documents', { method: 'POST', json: { id: 'a/b' } });
    const { link } = JSON.parse(text) as { link: { id: string } };
    const told = links.log.entries.filter(({ fields }) => 'audit' in fields);
    expect(told.at(-1)?.fields).toEqual({
      ...{ audit: 'document-created', document: 'a/b', link: link.id, role: 'owner', address: '127.0.0.1' },
    });
  } finally {
    await links.close();
  }
});

test('[API13] nothing secret is in the log, whatever is asked and however it fails', async () => {
  const { path, link } = await app.newDocument();
  const { token } = await link('owner');
  const secrets = [token, 'a-secret-bearer', 'a-secret-cookie', 'a-secret-label', 'a-secret-query'];
  const made = await send(`${path}/links`, 'POST', token, { role: 'editor', label: 'a-secret-label' });
  secrets.push((JSON.parse(made.text) as { token: string }).token);
  for (const failure of [undefined, new Error('the disk is gone')]) {
    app.store.failure = failure;
    for (const at of [
      '/api/documents',
      path,
      `${path}/links`,
      `${path}/restore`,
      '/api/revocations',
      '/api/x',
    ])
      for (const method of ['GET', 'POST', 'DELETE', 'PUT'])
        for (const shown of [token, 'a-secret-bearer', `link_${'x'.repeat(43)}`]) {
          secrets.push(`link_${'x'.repeat(43)}`);
          await app.ask(shown === token ? at : `${at}?token=a-secret-query`, {
            method,
            token: shown,
            headers: { Cookie: 'id=a-secret-cookie', 'X-Forwarded-For': `203.0.113.${secrets.length % 250}` },
            body: method === 'POST' ? '{"label": "a-secret-label"' : undefined,
          });
        }
  }
  app.store.failure = undefined;
  const written = app.log.entries
    .map(
      ({ fields, message }) =>
        `${message} ${JSON.stringify(fields)} ${String(fields.err)} ${stackOf(fields.err)}`,
    )
    .join('\n');
  expect(written).toContain('the disk is gone');
  for (const secret of new Set(secrets)) expect(written).not.toContain(secret);
});

function stackOf(error: unknown): string {
  return error instanceof Error ? `${error.stack} ${String(error.cause)}` : '';
}

test('[API13] docs/OPERATIONS.md has every kind of line', () => {
  const source = readProjectFile('server/telemetry/audit.ts');
  const actions = [...source.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, action]) => action);
  expect(actions).toHaveLength(14);
  const lines = readProjectFile('docs/OPERATIONS.md').split('\n');
  const start = lines.findIndex((line) => line.startsWith('| `audit` |')) + 2;
  const end = lines.findIndex((line, at) => at >= start && !line.startsWith('|'));
  const told = lines.slice(start, end).flatMap((line) => {
    const [, cell = ''] = line.split('|');
    return [...cell.matchAll(/`([a-z-]+)`/g)].map(([, action]) => action);
  });
  // What is erased in the end, nobody does.
  expect(told.sort()).toEqual([...actions, 'document-erased'].sort());
});
