import { expect, test } from '@jest/globals';
import { closedNotice } from '../../../client/app/notice.js';
import { CoscribeError } from '../../../shared/errors.js';

test('[PAGE8] a refused document shows the sentence of its code and a way out', () => {
  const error = new CoscribeError('document-unreadable').toWire();
  expect(closedNotice({ error, rejected: false, unsavedChanges: 0, hasText: false })).toEqual({
    title: 'This document is damaged',
    sentence: error.message,
    actions: ['documents', 'again'],
  });
});

test('[PAGE8] a refused change shows the sentence of its code and offers the text', () => {
  const error = new CoscribeError('document-too-large').toWire();
  const notice = closedNotice({ error, rejected: true, unsavedChanges: 1, hasText: true });
  expect(notice.title).toBe('A change could not be saved');
  expect(notice.sentence).toContain(error.message);
  expect(notice.actions).toEqual(['copy', 'download', 'again']);
});

test('[PAGE8] a session that ends without a reason still says something', () => {
  const notice = closedNotice({ error: undefined, rejected: false, unsavedChanges: 0, hasText: true });
  expect(notice).toMatchObject({
    title: 'This document can’t be opened',
    sentence: 'The session has ended.',
  });
  expect(notice.actions).toEqual(['documents', 'again', 'copy', 'download']);
});
