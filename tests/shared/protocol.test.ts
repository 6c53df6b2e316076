import { describe, expect, test } from '@jest/globals';
import { CoscribeError, ERRORS } from '../../shared/errors.js';
import { readWireError } from '../../shared/protocol.js';

describe('readWireError', () => {
  test('[ERR4] reads an error of the table, and nothing that was hung on it', () => {
    const wire = new CoscribeError('too-slow', 'x').toWire();
    expect(readWireError({ ...wire, stack: 'secret' })).toEqual(wire);
  });

  test('[ERR4] a text is the sentence to show', () => {
    expect(readWireError('timeout')).toEqual({ code: 'internal', message: 'timeout', retryable: true });
  });

  test.each([
    [undefined],
    [null],
    [42],
    [{}],
    [[]],
    [{ code: 'from-the-future', message: '<b>' }],
    [new Error('xhr')],
  ])('[ERR4] %p becomes "internal" with its sentence', (value) => {
    expect(readWireError(value)).toEqual({
      code: 'internal',
      message: ERRORS.internal.sentence,
      retryable: true,
    });
  });

  test('[ERR4] what does not say that it may be retried may not', () => {
    expect(readWireError({ code: 'internal', message: 'x', retryable: 'yes' }).retryable).toBe(false);
  });
});
