import { describe, expect, test } from '@jest/globals';
import { replaceLoneSurrogates, smallestDifference, splitsPair } from '../../shared/text-diff.js';
import type { Random } from '../../shared/time.js';
import { between, forSeeds } from '../support/seeds.js';

const RERUN = 'tests/shared/text-diff.test.ts';

function apply(before: string, after: string, caret?: number): string {
  const change = smallestDifference(before, after, caret);
  if (change === undefined) return before;
  return before.slice(0, change.index) + change.insert + before.slice(change.index + change.remove);
}

/** Few different characters, so that most changes are ambiguous. */
function words(random: Random, length: number, alphabet: readonly string[]): string[] {
  return Array.from({ length }, () => alphabet[between(random, 0, alphabet.length - 1)] ?? '');
}

/** The size of the smallest replacement whose ends split no pair, found by trying all. */
function smallestSize(before: string, after: string): number {
  let smallest = before.length + after.length;
  for (let prefix = 0; before.slice(0, prefix) === after.slice(0, prefix); prefix++) {
    for (let suffix = 0; prefix + suffix <= Math.min(before.length, after.length); suffix++) {
      const [endBefore, endAfter] = [before.length - suffix, after.length - suffix];
      if (before.slice(endBefore) !== after.slice(endAfter)) break;
      const split =
        splitsPair(before, prefix) ||
        splitsPair(after, prefix) ||
        splitsPair(before, endBefore) ||
        splitsPair(after, endAfter);
      if (!split) smallest = Math.min(smallest, endBefore - prefix + (endAfter - prefix));
    }
    if (prefix >= Math.min(before.length, after.length)) break;
  }
  return smallest;
}

describe('smallestDifference', () => {
  test('[TEXT1] equal texts have no difference', () => {
    expect(smallestDifference('', '')).toBeUndefined();
    expect(smallestDifference('same', 'same', 2)).toBeUndefined();
  });

  test.each([
    ['', 'abc', undefined, { index: 0, remove: 0, insert: 'abc' }],
    ['abc', '', undefined, { index: 0, remove: 3, insert: '' }],
    ['hello world', 'hello brave world', undefined, { index: 6, remove: 0, insert: 'brave ' }],
    ['hello world', 'hello there', undefined, { index: 6, remove: 5, insert: 'there' }],
    ['one two three', 'one 2 three', 5, { index: 4, remove: 3, insert: '2' }],
  ])('[TEXT1] %j to %j is one small replacement', (before, after, caret, change) => {
    expect(smallestDifference(before, after, caret)).toEqual(change);
  });

  test.each([
    ['typed in the middle', 'aaaa', 'aaaaa', 3, { index: 2, remove: 0, insert: 'a' }],
    ['typed at the start', 'aaaa', 'aaaaa', 1, { index: 0, remove: 0, insert: 'a' }],
    ['typed at the end', 'aaaa', 'aaaaa', 5, { index: 4, remove: 0, insert: 'a' }],
    ['deleted', 'aaaa', 'aaa', 1, { index: 1, remove: 1, insert: '' }],
    ['a line break', 'a\n\nb', 'a\n\n\nb', 2, { index: 1, remove: 0, insert: '\n' }],
    ['a word pasted before itself', 'go go', 'go go go', 3, { index: 0, remove: 0, insert: 'go ' }],
    ['an emoji among its like', '😀😀', '😀😀😀', 4, { index: 2, remove: 0, insert: '😀' }],
    ['a caret that is a lie', 'ab', 'axb', 3, { index: 1, remove: 0, insert: 'x' }],
    ['a caret inside a pair', '😀😀', '😀😀😀', 3, { index: 0, remove: 0, insert: '😀' }],
  ])(
    '[TEXT2] the caret says which of several equal changes it was: %s',
    (_, before, after, caret, change) => {
      expect(smallestDifference(before, after, caret)).toEqual(change);
    },
  );

  test.each([
    ['the first half is common', '😀', '😁', { index: 0, remove: 2, insert: '😁' }],
    ['the second half is common', '\u{1F600}', '\u{1FA00}', { index: 0, remove: 2, insert: '\u{1FA00}' }],
    ['between others', 'a😀b', 'a😁b', { index: 1, remove: 2, insert: '😁' }],
    ['half of a pair went', '😀', '\uD83D', { index: 0, remove: 2, insert: '\uD83D' }],
    ['a half came before a half', '\uDE00', '\uD83D\uDE00', { index: 0, remove: 1, insert: '😀' }],
  ])('[TEXT3] no pair is split where %s', (_, before, after, change) => {
    expect(smallestDifference(before, after)).toEqual(change);
  });

  test('[TEXT1] [TEXT3] random texts: it applies, splits nothing and is the smallest', () => {
    const alphabet = ['a', 'b', '\n', '😀', '😁', '\u{1FA00}'];
    forSeeds(3000, RERUN, (random) => {
      const parts = words(random, between(random, 0, 7), alphabet);
      const before = parts.join('');
      parts.splice(
        between(random, 0, parts.length),
        between(random, 0, 3),
        ...words(random, between(random, 0, 3), alphabet),
      );
      const after = parts.join('');
      const caret = random() < 0.3 ? undefined : between(random, 0, after.length);
      expect(apply(before, after, caret)).toBe(after);
      const change = smallestDifference(before, after, caret);
      if (change === undefined) return;
      const { index, remove, insert } = change;
      const ends = [index, index + remove].map((at) => splitsPair(before, at));
      expect([...ends, splitsPair(after, index), splitsPair(after, index + insert.length)]).not.toContain(
        true,
      );
      expect(remove + insert.length).toBe(smallestSize(before, after));
    });
  });

  test('[TEXT3] random texts with broken pairs: it applies and splits nothing', () => {
    const alphabet = ['a', '\uD83D', '\uDE00', '😀'];
    forSeeds(2000, RERUN, (random) => {
      const before = words(random, between(random, 0, 6), alphabet).join('');
      const after = words(random, between(random, 0, 6), alphabet).join('');
      expect(apply(before, after, between(random, 0, after.length))).toBe(after);
      const change = smallestDifference(before, after);
      if (change !== undefined)
        expect(splitsPair(before, change.index) || splitsPair(after, change.index)).toBe(false);
    });
  });

  test('[TEXT1] [TEXT2] around and behind a long text it is the one that it is without that', () => {
    forSeeds(300, RERUN, (random) => {
      const long = 'A long text without any pairs. '.repeat(between(random, 1, 300));
      const [before, after] = [0, 1].map(() => words(random, between(random, 0, 5), ['x', 'y']).join(''));
      const caret = between(random, 0, after?.length ?? 0);
      const alone = smallestDifference(`<${before}>`, `<${after}>`, caret + 1);
      const found = smallestDifference(
        `${long}<${before}>${long}`,
        `${long}<${after}>${long}`,
        long.length + caret + 1,
      );
      expect(found).toEqual(alone && { ...alone, index: long.length + alone.index });
    });
  });

  test('[TEXT2] what is typed, deleted or pasted at a place is found at that place', () => {
    forSeeds(2000, RERUN, (random) => {
      const before = words(random, between(random, 0, 10), ['a', 'b']).join('');
      const index = between(random, 0, before.length);
      const insert = random() < 0.5 ? words(random, between(random, 1, 4), ['a', 'b']).join('') : '';
      const remove = insert === '' ? between(random, 0, before.length - index) : 0;
      const after = before.slice(0, index) + insert + before.slice(index + remove);
      if (before === after) return;
      expect(smallestDifference(before, after, index + insert.length)).toEqual({ index, remove, insert });
    });
  });

  test('[TEXT4] a keystroke in a text of a million characters takes a few milliseconds', () => {
    const before = 'lorem ipsum dolor sit amet, '.repeat(36_000);
    const after = `${before.slice(0, 500_000)}x${before.slice(500_000)}`;
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      expect(smallestDifference(before, after, 500_001)?.index).toBe(500_000);
      return performance.now() - start;
    });
    // Measured: 2 to 4 ms. The bound only catches another order of growth.
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe('replaceLoneSurrogates', () => {
  test.each([
    ['plain', 'plain'],
    ['😀', '😀'],
    ['\uD83D', '\uFFFD'],
    ['\uDE00\uD83D', '\uFFFD\uFFFD'],
    ['a\uD83Db😀\uDE00', 'a\uFFFDb😀\uFFFD'],
  ])('[TEXT5] %j becomes %j', (text, expected) => {
    expect(replaceLoneSurrogates(text)).toBe(expected);
    expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(expected);
  });
});
