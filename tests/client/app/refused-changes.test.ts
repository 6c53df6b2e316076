import { expect, test } from '@jest/globals';
import { type Fate, fateOf, mustForget } from '../../../client/app/refused-changes.js';
import { CoscribeError, type ErrorCode } from '../../../shared/errors.js';

const refusal = (code: ErrorCode) => new CoscribeError(code).toWire();

test.each<[ErrorCode, Fate, Fate, Fate]>([
  // Not kept, kept for this browser, kept for somebody who signs in.
  ['read-only', 'handed-back', 'handed-back', 'handed-back'],
  ['copy-diverged', 'handed-back', 'handed-back', 'handed-back'],
  ['no-access', 'handed-back', 'handed-back', 'handed-back'],
  ['document-deleted', 'handed-back', 'handed-back', 'handed-back'],
  ['token-expired', 'handed-back', 'handed-back', 'kept'],
  ['unauthenticated', 'handed-back', 'handed-back', 'kept'],
  ['document-too-large', 'shown', 'shown', 'shown'],
  ['update-refused', 'shown', 'shown', 'shown'],
  ['protocol-mismatch', 'shown', 'kept', 'kept'],
  ['document-unreadable', 'shown', 'kept', 'kept'],
])('[PAGE22] [PAGE36] changes refused with %s are %s, %s, %s', (code, not, here, personal) => {
  const error = refusal(code);
  expect(fateOf(error, { isKept: false, isPersonal: false })).toBe(not);
  expect(fateOf(error, { isKept: true, isPersonal: false })).toBe(here);
  expect(fateOf(error, { isKept: true, isPersonal: true })).toBe(personal);
});

test.each<[ErrorCode, boolean, boolean]>([
  ['no-access', true, true],
  ['document-deleted', true, true],
  ['not-allowed', true, true],
  ['token-expired', true, false],
  ['unauthenticated', true, false],
  ['read-only', false, false],
  ['protocol-mismatch', false, false],
])(
  '[PAGE36] after %s nothing stays on the device: %s, of somebody who signs in: %s',
  (code, link, personal) => {
    expect(mustForget(refusal(code), false)).toBe(link);
    expect(mustForget(refusal(code), true)).toBe(personal);
  },
);
