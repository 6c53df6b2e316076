import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cacheName, fillDocumentPage, isPageCache, pageAt } from '../../../client/app/offline-pages.js';
import { fillPage } from '../../../server/http/public-files.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { ROOT } from '../../support/project-files.js';

test.each([
  ['/', 'home'],
  ['/d/team/notes', 'team/notes'],
  ['/d/notes', 'default/notes'],
  ['/d/', undefined],
  ['/d/a/b/c', undefined],
  ['/d/a%20b', undefined],
  ['/api/documents', undefined],
  ['/socket.io/', undefined],
  ['/coscribe.js', undefined],
  ['/metrics', undefined],
  ['/healthz', undefined],
  ['/offline/document', undefined],
])('[PAGE33] at %s is the page %s', (path, page) => {
  const found = pageAt(path);
  expect(found?.kind === 'document' ? found.id : found?.kind).toBe(page);
  if (found?.kind === 'document') expect(found.isCanonical).toBe(path === `/d/${found.id}`);
});

test.each(['team/notes', 'default/a.b_c-d'])('[PAGE33] %s is filled in as the server does it', (raw) => {
  const page = readFileSync(join(ROOT, 'client/app/document.html'), 'utf8');
  const id = parseDocumentId(raw);
  const [workspace, name = ''] = id.split('/');
  const prefix = workspace === 'default' ? '' : `${workspace}/`;
  const house = { mode: 'links', offline: 'yes' };
  const blank = { id: '{{id}}', prefix: '{{prefix}}', name: '{{name}}' };
  const filled = fillDocumentPage(fillPage(page, { ...house, ...blank }), id);
  expect(filled).toBe(fillPage(page, { ...house, id, prefix, name }));
  expect(filled).not.toContain('{{');
});

test('[PAGE33] caches are those of one release and one way of letting people in', () => {
  expect(cacheName('abc', 'links')).not.toBe(cacheName('abc', 'open'));
  expect(isPageCache(cacheName('abc', 'open'))).toBe(true);
  expect(isPageCache('somebody-elses')).toBe(false);
});
