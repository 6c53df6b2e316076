import { describe, expect, test } from '@jest/globals';
import {
  addRefused,
  addReplaced,
  refusedSentence,
  refusedText,
  refusedTitle,
} from '../../../client/app/refused-edits.js';
import { CoscribeError, type ErrorCode } from '../../../shared/errors.js';

function refused(code: ErrorCode, changes: number, inserted: readonly string[], before = addNothing) {
  const edits = { text: 'all', inserted, update: new Uint8Array(), changes };
  return addRefused(before, new CoscribeError(code).toWire(), edits);
}

const addNothing = undefined as ReturnType<typeof addRefused> | undefined;

describe('what was refused', () => {
  test('[PAGE22] is counted, and holds what was written', () => {
    const one = refused('read-only', 1, ['Hello']);
    expect(refusedTitle(one)).toBe('1 change could not be saved');
    expect(refusedText(one)).toBe('Hello');
    expect(refusedSentence(one)).toMatch(
      /^You may only read this document now\. .* copy it before you go\.$/,
    );
  });

  test('[PAGE22] adds up until it is dealt with, and gives the last reason', () => {
    const both = refused('no-access', 2, ['b', 'c'], refused('read-only', 1, ['a']));
    expect(refusedTitle(both)).toBe('3 changes could not be saved');
    expect(refusedText(both)).toBe('a\nb\nc');
    expect(refusedSentence(both)).toContain('Your access to this document has ended.');
  });

  test('[PAGE22] may be lost to somebody else', () => {
    const lost = refused('copy-diverged', 1, ['mine']);
    expect(refusedSentence(lost)).toMatch(/^Somebody else wrote in your place at the same moment\. This is/);
  });

  test('[PAGE22] may be deletions alone, and then there is nothing to copy', () => {
    const deleted = refused('document-deleted', 1, []);
    expect(refusedText(deleted)).toBe('');
    expect(refusedSentence(deleted)).toBe(
      'The document was deleted meanwhile. You had only deleted text; nothing that you wrote is lost.',
    );
  });
});

test('[PAGE37] a document that was replaced is told, with its text and whether something of it was unsaved', () => {
  const update = new Uint8Array();
  const saved = addReplaced(undefined, { text: 'as it was', edits: undefined, update });
  expect(refusedTitle(saved)).toBe('This document was replaced');
  expect(refusedText(saved)).toBe('as it was');
  expect(refusedSentence(saved)).toMatch(/as you had it here\. It is in this page only/);
  const edits = { text: 'as it was!', inserted: ['!'], update, changes: 1 };
  const unsaved = addReplaced(saved, { text: 'as it was!', edits, update });
  expect(refusedText(unsaved)).toBe('as it was\nas it was!');
  expect(refusedSentence(unsaved)).toContain('with what was not saved');
});
