import { describe, expect, test } from '@jest/globals';
import { type ClosedFacts, closedNotice, endsAccess, waitingNotice } from '../../../client/app/notice.js';
import { CoscribeError, type ErrorCode } from '../../../shared/errors.js';

const FACTS: ClosedFacts = {
  error: undefined,
  rejected: false,
  unsavedChanges: 0,
  keptChanges: 0,
  hasText: false,
  mode: 'links',
  wasOwner: false,
  wasOpen: false,
};

function noticeOf(code: ErrorCode, facts: Partial<ClosedFacts> = {}) {
  return closedNotice({ ...FACTS, ...facts, error: new CoscribeError(code).toWire() });
}

test('[PAGE8] a refused document shows the sentence of its code and a way out', () => {
  expect(noticeOf('document-unreadable')).toEqual({
    title: 'This document is damaged',
    sentence: new CoscribeError('document-unreadable').message,
    actions: ['documents', 'again'],
  });
});

test('[PAGE8] a refused change shows the sentence of its code and offers the text', () => {
  const notice = noticeOf('document-too-large', { rejected: true, unsavedChanges: 1, hasText: true });
  expect(notice.title).toBe('A change could not be saved');
  expect(notice.sentence).toContain(new CoscribeError('document-too-large').message);
  expect(notice.actions).toEqual(['copy', 'download', 'again']);
});

test('[PAGE8] a session that ends without a reason still says something', () => {
  const notice = closedNotice({ ...FACTS, hasText: true });
  expect(notice).toMatchObject({
    title: 'This document can’t be opened',
    sentence: 'The session has ended.',
  });
  expect(notice.actions).toEqual(['documents', 'again', 'copy', 'download']);
});

test('[PAGE36] what this device keeps of a refused document is told, and no copy of it is asked for', () => {
  const facts = { unsavedChanges: 3, keptChanges: 3, hasText: true };
  const old = noticeOf('protocol-mismatch', facts);
  expect(old.title).toBe('This page is out of date');
  expect(old.sentence).toContain('3 changes that are not saved yet stay on this device; they are saved when');
  expect(old.sentence).not.toContain('in this page only');
  const ended = noticeOf('token-expired', { ...facts, unsavedChanges: 0, keptChanges: 1 });
  expect(ended.sentence).toContain('One change that is not saved yet stays on this device; it is saved when');
});

describe('where access ends', () => {
  test.each<[ErrorCode, Partial<ClosedFacts>, string, string]>([
    ['no-access', {}, 'You can’t open this document', 'Ask one of its owners for a link.'],
    ['no-access', { wasOpen: true }, 'Your access has ended', 'Ask one of its owners for a link.'],
    ['no-access', { mode: 'tokens' }, 'You can’t open this document', 'Sign in again, or ask'],
    [
      'unauthenticated',
      { mode: 'tokens' },
      'You are not signed in',
      'Open this document from where you sign in',
    ],
    [
      'unauthenticated',
      { mode: 'tokens', wasOpen: true },
      'You are no longer signed in',
      'ask one of its owners',
    ],
    ['token-expired', { wasOpen: true }, 'Your access has ended', 'for a limited time'],
    ['document-deleted', {}, 'This document was deleted', 'its owners can restore it'],
  ])('[PAGE23] %s with %j is told in plain words', (code, facts, title, part) => {
    const notice = noticeOf(code, facts);
    expect(notice.title).toBe(title);
    expect(notice.sentence).toContain(part);
    expect(notice.actions).toEqual(['documents', 'again']);
  });

  test('[PAGE23] nothing of the text is offered, whatever was unsaved: that is told elsewhere', () => {
    const notice = noticeOf('no-access', { hasText: true, unsavedChanges: 3, rejected: true });
    expect(notice.actions).not.toContain('copy');
    expect(notice.actions).not.toContain('download');
  });

  test('[PAGE25] owners of a deleted document can restore it', () => {
    const notice = noticeOf('document-deleted', { wasOwner: true });
    expect(notice.actions[0]).toBe('restore');
    expect(notice.sentence).toContain('You can restore it');
  });

  test.each<[ErrorCode, boolean]>([
    ['no-access', true],
    ['unauthenticated', true],
    ['token-expired', true],
    ['document-deleted', true],
    ['document-too-large', false],
    ['read-only', false],
    ['server-busy', false],
  ])('[PAGE23] %s ends access: %s', (code, ends) => {
    expect(endsAccess(new CoscribeError(code).toWire())).toBe(ends);
  });
});

test.each<ErrorCode>(['document-full', 'server-busy', 'too-many-connections', 'too-many-joins'])(
  '[PAGE23] %s passes by itself, and is told',
  (code) => {
    const notice = waitingNotice(new CoscribeError(code).toWire());
    expect(notice).toMatchObject({ passing: true, actions: [] });
    expect(notice?.sentence).toMatch(/page/);
  },
);

test('[PAGE23] a document that was renamed says so', () => {
  expect(noticeOf('document-moved', {})).toMatchObject({
    title: 'This document was renamed',
    sentence: 'The document has another name now.',
  });
});

test('[PAGE23] other errors on the way are left to the status', () => {
  expect(waitingNotice(undefined)).toBeUndefined();
  expect(waitingNotice(new CoscribeError('store-unavailable').toWire())).toBeUndefined();
});
