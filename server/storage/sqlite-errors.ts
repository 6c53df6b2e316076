import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import type { Fault } from './sqlite-messages.js';

/** A fault inside the storage thread; `toFault` prepares it for the other side. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';

  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
  ) {
    super(detail === undefined ? code : `${code}: ${detail}`);
  }
}

/** SQLite's primary result codes that we tell apart; https://www.sqlite.org/rescode.html */
const MEANING: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  3: ['store-unavailable', 'permission denied'],
  5: ['store-unavailable', 'the database is locked'],
  6: ['store-unavailable', 'the database is locked'],
  7: ['store-unavailable', 'out of memory'],
  8: ['store-unavailable', 'the database is read-only'],
  10: ['store-unavailable', 'reading or writing failed'],
  11: ['document-unreadable', 'a page of the database is damaged'],
  13: ['store-unavailable', 'the disk is full'],
  14: ['store-unavailable', 'the database cannot be opened'],
  15: ['store-unavailable', 'the database is locked'],
  // A value that is not of its column's type, or a row that is there twice: only damage makes these.
  19: ['document-unreadable', 'a row contradicts another one'],
  20: ['document-unreadable', 'a value has the wrong type'],
  26: ['document-unreadable', 'a page of the database is damaged'],
};

/** SQLite's primary result code of a thrown thing; `undefined` if SQLite did not throw it. */
export function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('rawCode' in thrown)) return undefined;
  return typeof thrown.rawCode === 'number' ? thrown.rawCode & 0xff : undefined;
}

/** What a caller of the store is to be told about a thrown thing. */
export function toFault(thrown: unknown): Fault {
  if (thrown instanceof StoreFault) return { code: thrown.code, detail: thrown.detail, cause: thrown };
  const [code, detail] = MEANING[sqliteCode(thrown) ?? -1] ?? ['internal', 'the storage thread failed'];
  return { code, detail, cause: thrown };
}

export function fromFault({ code, detail, cause }: Fault): CoscribeError {
  return new CoscribeError(code, detail, { cause });
}

/** Not by `instanceof`: an error that comes out of a thread may be of another realm. */
export function messageOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown
    ? String(thrown.message)
    : String(thrown);
}
