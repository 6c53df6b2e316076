import { expect, test } from '@jest/globals';
import { countsText, countText } from '../../../client/app/text-counts.js';

test.each([
  ['', 0, 0],
  ['  \n\t', 0, 4],
  ['one', 1, 3],
  ['Don’t count well-known or 3.14 twice.', 6, 37],
  ['e\u0301te\u0301', 1, 5],
  ['日本語 and English', 5, 15],
  ['👩‍👩‍👧 !', 0, 7],
])('[PAGE5] %j has %d words and %d characters', (text, words, characters) => {
  expect(countText(text)).toEqual({ words, characters });
});

test('[PAGE5] counts are told in the singular and in the plural', () => {
  expect(countsText({ words: 1, characters: 1 })).toBe('1 word · 1 character');
  expect(countsText({ words: 0, characters: 12_345 })).toBe('0 words · 12,345 characters');
});
