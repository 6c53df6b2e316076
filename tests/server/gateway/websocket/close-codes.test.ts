import { describe, expect, test } from '@jest/globals';
import { closeCodeOf, closeReasonOf } from '../../../../server/gateway/websocket/close-codes.js';
import { CoscribeError, ERRORS, type ErrorCode } from '../../../../shared/errors.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('the code with which a WebSocket is closed', () => {
  test('[WSD10] is final for what is final, and for nothing else', () => {
    const isFinal = (code: ErrorCode): boolean => {
      const closed = closeCodeOf(new CoscribeError(code));
      return closed >= 4400 && closed < 4500;
    };
    const due = CODES.filter((code) => !ERRORS[code].retryable && ERRORS[code].status < 500);
    expect(CODES.filter(isFinal)).toEqual(due);
  });

  test.each([
    ['unauthenticated', 4401],
    ['not-allowed', 4403],
    ['no-access', 4404],
    ['document-deleted', 4410],
    ['document-moved', 4410],
    ['update-too-large', 4413],
    ['update-refused', 4422],
    ['too-many-connections', 1013],
    ['server-busy', 4503],
    ['internal', 4500],
    ['shutting-down', 1012],
  ] as const)('[WSD10] %s is %d', (code, closed) => {
    expect(closeCodeOf(new CoscribeError(code))).toBe(closed);
  });
});

describe('the reason with which a WebSocket is closed', () => {
  test.each(CODES)('[WSD10] is the sentence of %s, as far as there is room', (code) => {
    const { message } = new CoscribeError(code);
    const reason = closeReasonOf(message);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(message.startsWith(reason.replace(/…$/, ''))).toBe(true);
  });

  test('[WSD10] has no broken characters', () => {
    expect(closeReasonOf('a'.repeat(123))).toBe('a'.repeat(123));
    expect(closeReasonOf(`a${'é'.repeat(80)}`)).toBe(`a${'é'.repeat(59)}…`);
    expect(closeReasonOf('😀'.repeat(40))).toBe(`${'😀'.repeat(30)}…`);
  });
});
