import type { Refusal } from './protocol.js';

/** What our own servers say when they refuse something, also of a code that this version does not know. */
export function refusalIn(error: unknown): Refusal {
  const { code, retryable } = (error ?? {}) as { code?: unknown; retryable?: unknown };
  return typeof code === 'string'
    ? { code, retryable: retryable === true }
    : { code: 'internal', retryable: true };
}
