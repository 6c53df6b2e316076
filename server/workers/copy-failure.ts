import { CoscribeError, ERRORS, type ErrorCode } from '../../shared/errors.js';

/** An error on its way to another thread. */
export interface CopyFailure {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
}

/** Of what is no error of the table nothing: it may hold what is in the document. */
export function failureOf(thrown: unknown): CopyFailure {
  if (!(thrown instanceof CoscribeError)) return { code: 'document-reloading', detail: undefined };
  const { code, message } = thrown;
  const { length } = ERRORS[code].sentence;
  return { code, detail: message.length > length ? message.slice(length + 2, -1) : undefined };
}

export function errorOf({ code, detail }: CopyFailure): CoscribeError {
  return new CoscribeError(code, detail);
}
