import { expect, test } from '@jest/globals';
import { afterTheEnd } from '../../../../load/generator/people/after-the-end.js';

const HALF = (): number => 0.5;

test.each([
  ['a connection that broke', undefined, 0, 0, { kind: 'again', pauseMs: 375, attempts: 1 }],
  ['the fourth in a row', undefined, 0, 3, { kind: 'again', pauseMs: 3_000, attempts: 4 }],
  ['one that had held', undefined, 6_000, 3, { kind: 'again', pauseMs: 375, attempts: 1 }],
  ['a server about to stop', { code: 'shutting-down', retryable: true }, 0, 0, { pauseMs: 150 }],
  ['a time that was named', { code: 'shutting-down', retryable: true, afterMs: 70 }, 0, 0, { pauseMs: 70 }],
  ['never', { code: 'no-access', retryable: false, afterMs: -1 }, 0, 0, { kind: 'denied' }],
  ['no right', { code: 'unauthenticated', retryable: false }, 0, 0, { kind: 'denied' }],
  [
    'the own next connection',
    { code: 'session-replaced', retryable: false, afterMs: -1 },
    0,
    0,
    { kind: 'again' },
  ],
  [
    'another generation',
    { code: 'generation-changed', retryable: false },
    0,
    5,
    { kind: 'anew', attempts: 0 },
  ],
])('[LOADGEN14] after %s clients do what the protocol says', (_, why, heldMs, attempts, next) => {
  expect(afterTheEnd(why, heldMs, attempts, HALF)).toMatchObject(next);
});
