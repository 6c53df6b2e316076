import { describe, expect, test } from '@jest/globals';
import {
  checkName,
  documentPath,
  freshName,
  pastedAddress,
  suggestName,
} from '../../../client/app/document-name.js';
import { parseDocumentId } from '../../../shared/ids.js';

describe('checkName', () => {
  test.each([
    ['notes', 'default/notes'],
    ['  team/Notes_2.1  ', 'team/Notes_2.1'],
    ['x'.repeat(64), `default/${'x'.repeat(64)}`],
  ])('[PAGE3] %j opens %s', (typed, id) => {
    const check = checkName(typed);
    expect(check).toEqual({ ok: true, id });
    expect(documentPath(parseDocumentId(typed.trim()))).toBe(`/d/${id}`);
  });

  test.each([
    ['', 'Type a name for the document.', undefined],
    ['   ', 'Type a name for the document.', undefined],
    ['meeting notes', 'A name can’t have spaces in it.', 'meeting-notes'],
    ['Café menü', 'A name can’t have spaces, “é”, or “ü” in it.', 'cafe-menu'],
    ['what?', 'A name can’t have “?” in it.', 'what'],
    ['🦦', 'A name can’t have “🦦” in it.', undefined],
    ['会議', 'A name can’t have “会” or “議” in it.', undefined],
    ['.hidden', 'A name can’t begin with a dot.', 'hidden'],
    ['a/.b', 'A name can’t begin with a dot.', 'a/b'],
    ['a/b/c', 'A name has one “/” at most: it separates the workspace from the name.', 'a/b'],
    ['/a', 'There must be something before and after the “/”.', 'a'],
    ['x'.repeat(65), 'A name has 64 characters at most.', 'x'.repeat(64)],
  ])('[PAGE3] %j is explained', (typed, message, suggestion) => {
    expect(checkName(typed)).toEqual({ ok: false, message, suggestion });
  });
});

test('[PAGE3] whatever is suggested is a valid name', () => {
  for (const raw of [
    '...',
    '-.-',
    ' / ',
    'Ä/Ö/Ü',
    `${'é'.repeat(90)}.`,
    'a\u0000b',
    '😀/x',
    `${'x'.repeat(63)}. y`,
  ]) {
    const suggestion = suggestName(raw);
    if (suggestion !== undefined) expect(parseDocumentId(suggestion)).toMatch(/.+\/.+/);
  }
});

test('[PAGE3] a fresh name is valid at both ends of chance', () => {
  expect(parseDocumentId(freshName(() => 0))).toBe('default/page-222222');
  expect(parseDocumentId(freshName(() => 0.999_999))).toBe('default/page-zzzzzz');
});

test.each([
  ['https://a.example/d/team/x#tok', '/d/team/x#tok'],
  ['  https://a.example/d/team/x ', '/d/team/x'],
  ['https://a.example/d/../api/documents', undefined],
  ['https://b.example/d/team/x', undefined],
  ['https://a.example.evil/d/team/x', undefined],
  ['javascript:alert(1)', undefined],
  ['team/x', undefined],
])('[PAGE9] [PAGE31] %j pasted instead of a name leads to %j', (raw, path) => {
  expect(pastedAddress(raw, 'https://a.example')).toBe(path);
});
