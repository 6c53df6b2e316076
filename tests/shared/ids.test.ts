import { describe, expect, test } from '@jest/globals';
import { documentNamespace, parseDocumentId, parseDocumentNamespace } from '../../shared/ids.js';
import { between, forSeeds } from '../support/seeds.js';

const LONGEST = 'a'.repeat(64);
const ALPHABET = 'ABCXYZabcxyz0189._-';

const VALID: readonly [raw: string, id: string][] = [
  ['notes', 'default/notes'],
  ['team/notes', 'team/notes'],
  ['_/-', '_/-'],
  ['a..b/c.', 'a..b/c.'],
  ['__proto__', 'default/__proto__'],
  [`${LONGEST}/${LONGEST}`, `${LONGEST}/${LONGEST}`],
];

const INVALID: readonly unknown[] = [
  ...[
    '',
    '/',
    'a/',
    '/a',
    'a/b/c',
    '.',
    '..',
    '../a',
    'a/..',
    '.hidden',
    'a/.hidden',
    `${LONGEST}a`,
    `a/${LONGEST}a`,
  ],
  ...['a b', 'a\n', '\na', 'a\0', 'a*', 'a?', '[a]', 'a|b', 'a%2fb', 'a\\b', 'ä', 'a\u0301', '💥', 'a/b\n'],
  ...[undefined, null, 7, true, {}, [], ['a'], { toString: () => 'a' }, Symbol('a')],
];

describe('parseDocumentId', () => {
  test.each(VALID)('[ID1] [ID2] %s is %s', (raw, id) => {
    expect(parseDocumentId(raw)).toBe(id);
  });

  test('[ID1] [ID2] any names made of the allowed characters are taken as they are', () => {
    forSeeds(200, 'tests/shared/ids.test.ts', (random) => {
      const part = (): string => {
        const characters = Array.from({ length: between(random, 1, 63) }, () =>
          ALPHABET.charAt(between(random, 0, ALPHABET.length - 1)),
        );
        return `a${characters.join('')}`;
      };
      const [workspace, name] = [part(), part()];
      expect(parseDocumentId(`${workspace}/${name}`)).toBe(`${workspace}/${name}`);
      expect(parseDocumentId(name)).toBe(parseDocumentId(`default/${name}`));
    });
  });

  test('[ID3] everything else is refused', () => {
    for (const raw of INVALID) {
      expect(() => parseDocumentId(raw)).toThrow(expect.objectContaining({ code: 'invalid-document-id' }));
    }
  });

  test('[ID2] [ID3] of all characters only the listed ones are allowed', () => {
    const allowed = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => {
        try {
          return parseDocumentId(`a${character}`) !== '';
        } catch {
          return false;
        }
      },
    );
    expect(allowed.join('')).toBe('-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
  });

  test('[ID3] a long name is quoted in part only', () => {
    expect(() => parseDocumentId('/'.repeat(1e6))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }),
    );
  });
});

describe('the namespace of a document', () => {
  test('[ID4] leads back to the document', () => {
    for (const [raw] of VALID) {
      const id = parseDocumentId(raw);
      expect(documentNamespace(id)).toBe(`/docs/${id}`);
      expect(parseDocumentNamespace(documentNamespace(id))).toBe(id);
    }
  });

  test.each([
    '/',
    '/docs',
    '/docs/',
    '/docs/notes',
    '/docs//notes',
    '/docs/a/b/c',
    '/docs/a/b?',
    '/DOCS/a/b',
    'docs/a/b',
  ])('[ID4] %s leads to no document', (namespace) => {
    expect(parseDocumentNamespace(namespace)).toBeUndefined();
  });
});
