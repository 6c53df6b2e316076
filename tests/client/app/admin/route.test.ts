import { expect, test } from '@jest/globals';
import { filterErrors } from '../../../../client/app/admin/errors-view.js';
import { documentHash, routeOf } from '../../../../client/app/admin/route.js';
import type { RecentError } from '../../../../shared/admin.js';

test('[ADMPAGE10] an address leads to the cluster, to a document, or nowhere', () => {
  for (const hash of ['', '#', '#/']) expect(routeOf(hash)).toEqual({ view: 'cluster' });
  expect(routeOf('#/documents/team/notes')).toEqual({ view: 'document', id: 'team/notes' });
  expect(routeOf('#/documents/notes')).toEqual({ view: 'document', id: 'default/notes' });
  expect(routeOf(documentHash('a/b'))).toEqual({ view: 'document', id: 'a/b' });
  for (const hash of ['#/x', '#/documents/', '#/documents/<img>', '#/documents/%', '#/documents/a/b/c'])
    expect(routeOf(hash)).toEqual({ view: 'unknown' });
  // A place on the page.
  expect(routeOf('#main')).toBe(undefined);
});

test('[ADMPAGE8] errors are filtered by severity and text', () => {
  const error = (message: string, more: Partial<RecentError> = {}): RecentError => ({
    ...{ node: 'n1', at: 1, level: 'error', message },
    ...more,
  });
  const errors = [
    error('Cannot save', { document: 'team/notes' }),
    error('Redis is away', { level: 'warn' }),
    error('a hook threw', { code: 'internal', node: 'n2' }),
  ];
  const found = (text: string, level: 'all' | 'error' | 'warn' = 'all') =>
    filterErrors(errors, { text, level }).map(({ message }) => message);
  expect(found('')).toHaveLength(3);
  expect(found('', 'warn')).toEqual(['Redis is away']);
  expect(found(' TEAM/ ')).toEqual(['Cannot save']);
  expect(found('n2')).toEqual(['a hook threw']);
  expect(found('internal', 'error')).toEqual(['a hook threw']);
  expect(found('nothing')).toEqual([]);
});
