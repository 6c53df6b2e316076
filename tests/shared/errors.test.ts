import { describe, expect, test } from '@jest/globals';
import { CoscribeError, ERRORS, type ErrorCode, isWireError, toCoscribeError } from '../../shared/errors.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the table of errors', () => {
  test.each(codes)('[ERR1] %s is complete', (code) => {
    const { status, retryable, sentence } = ERRORS[code];
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(typeof retryable).toBe('boolean');
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(new CoscribeError(code)).toMatchObject({ code, status, retryable, message: sentence });
  });
});

describe('CoscribeError', () => {
  test('[ERR1] says what was wrong this time after the sentence', () => {
    const error = new CoscribeError('update-too-large', '300 kB');
    expect(error.message).toBe(`${ERRORS['update-too-large'].sentence} (300 kB)`);
    expect(error).toBeInstanceOf(Error);
  });

  test('[ERR2] travels as code, message and retryable alone', () => {
    const error = new CoscribeError('too-slow', undefined, { cause: new Error('secret') });
    const wire = error.toWire();
    expect(wire).toEqual({ code: 'too-slow', message: ERRORS['too-slow'].sentence, retryable: true });
    expect(isWireError(JSON.parse(JSON.stringify(wire)))).toBe(true);
  });
});

describe('toCoscribeError', () => {
  test('[ERR1] leaves an error of the table as it is', () => {
    const error = new CoscribeError('read-only');
    expect(toCoscribeError(error)).toBe(error);
  });

  test.each([
    [new Error('/home/me/secret')],
    ['/home/me/secret'],
    [undefined],
    [null],
    [{ code: 'read-only' }],
  ])('[ERR3] turns %p into "internal" and keeps it as cause, to itself', (thrown) => {
    const error = toCoscribeError(thrown);
    expect(error).toMatchObject({ code: 'internal', status: 500 });
    expect(error.cause).toBe(thrown);
    expect(JSON.stringify(error.toWire())).not.toContain('secret');
  });
});

describe('isWireError', () => {
  test.each([
    [undefined],
    [null],
    ['internal'],
    [[]],
    [{}],
    [{ code: 'internal' }],
    [{ code: 'no-such-code', message: 'x' }],
    [{ code: 'toString', message: 'x' }],
    [{ code: ['internal'], message: 'x' }],
    [{ code: 'internal', message: 7 }],
  ])('[ERR4] does not take %p for an error', (value) => {
    expect(isWireError(value)).toBe(false);
  });
});
