import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { ShownText } from '../../client/shown-text.js';
import { smallestDifference } from '../../shared/text-diff.js';
import { between, forSeeds } from '../support/seeds.js';

function textWith(content: string): Y.Text {
  const text = new Y.Doc().getText('text');
  text.insert(0, content);
  return text;
}

/** The stored text after the user changed what is shown. */
function edit(stored: string, singleLine: boolean, shownAfter: string, caret?: number): string {
  const text = new ShownText(stored, singleLine);
  const change = smallestDifference(text.shown, shownAfter, caret);
  if (change === undefined) return stored;
  const { index, remove, insert } = text.toStoredEdit(change.index, change.remove, change.insert);
  return stored.slice(0, index) + insert + stored.slice(index + remove);
}

test.each([
  ['a\r\nb\rc\nd', false, 'a\nb\nc\nd'],
  ['\r\n\r\n', false, '\n\n'],
  ['\r\r\n', false, '\n\n'],
  ['a\r\nb\rc\nd', true, 'abcd'],
])('[BIND7] %j in a field (single line: %s) shows %j', (stored, singleLine, shown) => {
  expect(new ShownText(stored, singleLine).shown).toBe(shown);
});

test.each([
  ['a\r\nb', false, 'aX\nb', 2, 'aX\r\nb'],
  ['a\r\nb', false, 'a\nXb', 3, 'a\r\nXb'],
  ['a\r\nb', false, 'ab', 1, 'ab'],
  ['a\r\nb', false, 'a\n', 2, 'a\r\n'],
  ['a\rb', false, 'a\n\nb', 3, 'a\r\n\nb'],
  ['a\rx\nb', false, 'a\n\nb', 2, 'a\r\n\nb'],
  ['a\nb', true, 'aXb', 2, 'aX\nb'],
  ['a\nb\nc', true, 'aXc', 2, 'a\nX\nc'],
  ['a\nb\nc', true, '', 0, ''],
  ['\nab\n', true, 'Xab', 1, 'X\nab\n'],
])(
  '[BIND7] %j (single line: %s) edited to show %j keeps its line breaks',
  (stored, singleLine, after, caret, expected) => {
    const result = edit(stored, singleLine, after, caret);
    expect(result).toBe(expected);
    expect(new ShownText(result, singleLine).shown).toBe(after);
  },
);

test('[BIND7] random edits of random line breaks always show what the user made', () => {
  forSeeds(3000, 'tests/client/shown-text.test.ts', (random) => {
    const singleLine = random() < 0.5;
    const some = (most: number, alphabet: string) =>
      Array.from(
        { length: between(random, 0, most) },
        () => alphabet[between(random, 0, alphabet.length - 1)],
      ).join('');
    const stored = some(8, 'ab\r\n');
    const { shown } = new ShownText(stored, singleLine);
    const from = between(random, 0, shown.length);
    const insert = some(3, singleLine ? 'ab' : 'a\n');
    const after = shown.slice(0, from) + insert + shown.slice(between(random, from, shown.length));
    const result = edit(stored, singleLine, after, from + insert.length);
    expect(new ShownText(result, singleLine).shown).toBe(after);
  });
});

test('[BIND7] every place that is shown leads to its stored place and back', () => {
  forSeeds(1000, 'tests/client/shown-text.test.ts', (random) => {
    const stored = Array.from({ length: between(random, 0, 9) }, () => 'ab\r\n'[between(random, 0, 3)]).join(
      '',
    );
    const text = new ShownText(stored, random() < 0.5);
    for (let at = 0; at <= text.shown.length; at++) expect(text.toShown(text.toStored(at))).toBe(at);
  });
});

test('[BIND7] an embedded object takes one place', () => {
  const text = textWith('ab');
  text.insertEmbed(1, { image: 'x' });
  text.format(0, 1, { bold: true });
  const shown = ShownText.of(text, false);
  expect(shown.shown).toBe('a\uFFFCb');
  expect(shown.shown).toHaveLength(text.length);
});
