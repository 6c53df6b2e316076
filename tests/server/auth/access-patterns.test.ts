import { describe, expect, test } from '@jest/globals';
import { AccessPatterns, MAX_PATTERNS } from '../../../server/auth/access-patterns.js';
import { parseDocumentId } from '../../../shared/ids.js';

function access(patterns: Record<string, string>, document: string): string {
  return AccessPatterns.read(patterns).accessTo(parseDocumentId(document));
}

describe('AccessPatterns', () => {
  const ALL = {
    '*': 'viewer',
    'acme/*': 'editor',
    'acme/team-*': 'owner',
    'acme/team-red-*': 'viewer',
    'acme/team-red-plan': 'owner',
    handbook: 'editor',
  };

  test.each([
    ['other/notes', 'viewer'],
    ['acme/notes', 'editor'],
    ['acme/team', 'editor'],
    ['acme/team-', 'owner'],
    ['acme/team-blue', 'owner'],
    ['acme/team-red-list', 'viewer'],
    ['acme/team-red-plan', 'owner'],
    ['acme/team-red-plan-2', 'viewer'],
    ['handbook', 'editor'],
    ['default/handbook', 'editor'],
    ['acme2/team-red-plan', 'viewer'],
    ['Acme/notes', 'viewer'],
  ])('[AUTH3] %s: %s', (document, role) => {
    expect(access(ALL, document)).toBe(role);
    // Whatever the order in which they are given.
    expect(access(Object.fromEntries(Object.entries(ALL).reverse()), document)).toBe(role);
  });

  test.each([
    ['nothing at all', {}, 'acme/notes'],
    ['another document', { 'acme/notes': 'owner' }, 'acme/notes-2'],
    ['the beginning of a document', { 'acme/notes-2': 'owner' }, 'acme/notes'],
    ['another workspace', { 'acme/*': 'owner' }, 'acme-2/notes'],
    ['a pattern in other letters', { 'ACME/*': 'owner' }, 'acme/notes'],
    ['a key that all objects have', { __proto__: 'owner' }, 'toString'],
  ])('[AUTH3] %s gives nothing', (_, patterns, document) => {
    expect(access(patterns, document)).toBe('none');
  });

  test.each(
    [
      ...[
        '',
        '**',
        'acme',
        'acme*',
        'acme-*',
        '*/notes',
        'acme/*/notes',
        'acme/no*es',
        'acme/**',
        '/*',
        'a/b/*',
      ],
      ...[
        'acme/.*',
        '.acme/*',
        'acme/notes ',
        ' *',
        'acme/[a-z]',
        'acme/?',
        '../*',
        'ácme/*',
        `${'a'.repeat(65)}/*`,
      ],
      ...[`acme/${'a'.repeat(64)}*`, 'acme/', 'acme/notes\n', 'acme/*\n'],
    ].filter((pattern) => pattern !== 'acme'),
  )('[AUTH3] the pattern %j is refused', (pattern) => {
    expect(() => AccessPatterns.read({ [pattern]: 'viewer' })).toThrow(TypeError);
  });

  test.each([
    ['a list', ['acme/*']],
    ['text', 'owner'],
    ['null', null],
    ['a role that there is not', { 'acme/*': 'admin' }],
    ['the role "none"', { 'acme/*': 'none' }],
    ['a role in capitals', { 'acme/*': 'Owner' }],
    ['a role that is no text', { 'acme/*': ['owner'] }],
    ['the name of what all objects have', { 'acme/*': 'constructor' }],
    ['one document under two names', { notes: 'viewer', 'default/notes': 'owner' }],
    [
      'too much',
      Object.fromEntries(Array.from({ length: MAX_PATTERNS + 1 }, (_, at) => [`acme/d${at}`, 'viewer'])),
    ],
  ])('[AUTH3] %s is refused, and the values are not repeated', (_, patterns) => {
    expect(() => AccessPatterns.read(patterns)).toThrow(TypeError);
    expect(() => AccessPatterns.read(patterns)).not.toThrow(/acme|admin|constructor/);
  });

  test('[AUTH3] a thousand patterns are read and looked through at once', () => {
    const patterns = Object.fromEntries(
      Array.from({ length: MAX_PATTERNS }, (_, at) => [`acme/d${at}-*`, at === 7 ? 'owner' : 'viewer']),
    );
    expect(access(patterns, 'acme/d7-x')).toBe('owner');
    expect(access(patterns, 'acme/d999-x')).toBe('viewer');
    expect(access(patterns, 'acme/d1000-x')).toBe('none');
  });
});
