import type { NewLogRow } from '../server/storage/store.js';
import { CoscribeError, type ErrorCode } from '../shared/errors.js';
import { expect } from './expect.js';

/** A plain array, so that `toEqual` does not tell it from a Buffer. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function row(text: string): NewLogRow {
  return { update: bytes(text), clientId: 3_000_000_001, author: 'ada' };
}

/** Awaits the rejection of a call of the store and checks its code. */
export async function expectFault(call: Promise<unknown>, code: ErrorCode): Promise<CoscribeError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof CoscribeError)) throw new Error(`expected "${code}", got ${String(outcome)}`);
  expect(outcome.code).toBe(code);
  return outcome;
}
