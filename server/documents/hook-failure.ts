import type { CoscribeError } from '../../shared/errors.js';

/** What went wrong with a hook, as the cause of the error that others get: it is counted, and in the log already. */
export class HookFailure extends Error {
  override readonly name = 'HookFailure';
}

/** Whether this is a mistake of the server that nobody has written to the log. */
export function isUnlogged(error: CoscribeError): boolean {
  return error.code === 'internal' && !(error.cause instanceof HookFailure);
}
