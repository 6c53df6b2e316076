import pg from 'pg';
import { CoscribeError, type ErrorCode } from '../../shared/errors.js';

/**
 * What PostgreSQL's codes mean to a caller of the store, by the first characters of the code; the longest that fits counts.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const MEANING: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  '08': ['store-unavailable', 'the connection was lost'],
  '23503': ['store-unavailable', 'what a row belongs to was removed meanwhile'],
  '23505': ['document-unreadable', 'a row contradicts another one'],
  '25006': ['store-unavailable', 'the database is read-only'],
  '28': ['store-unavailable', 'the database refused the login'],
  '3D000': ['store-unavailable', 'the database is gone'],
  '40': ['store-unavailable', 'the transaction was given up for another one'],
  '42501': ['store-unavailable', 'permission denied'],
  '53': ['store-unavailable', 'the database has no connection, memory or disk left'],
  '53100': ['store-unavailable', 'the disk of the database is full'],
  '53300': ['store-unavailable', 'the database has as many connections as it takes'],
  '55P03': ['store-unavailable', 'the row is locked'],
  '57': ['store-unavailable', 'the database stopped the work'],
  '57014': ['store-unavailable', 'the database took too long'],
  '58': ['store-unavailable', 'the database could not read or write'],
  XX001: ['document-unreadable', 'a page of the database is damaged'],
  XX002: ['document-unreadable', 'an index of the database is damaged'],
};

/** SQLSTATE of a thrown thing; `undefined` if PostgreSQL did not send it. */
export function sqlState(thrown: unknown): string | undefined {
  return thrown instanceof pg.DatabaseError ? thrown.code : undefined;
}

/**
 * What a caller of the store is to be told about what a query threw. What did not come from PostgreSQL came from the
 * connection: it was refused or lost, or no answer came in time.
 */
export function toStoreError(thrown: unknown): CoscribeError {
  if (thrown instanceof CoscribeError) return thrown;
  const state = sqlState(thrown);
  if (state === undefined) {
    return new CoscribeError('store-unavailable', 'the database does not answer', { cause: thrown });
  }
  for (const length of [5, 2]) {
    const meaning = MEANING[state.slice(0, length)];
    if (meaning !== undefined) return new CoscribeError(meaning[0], meaning[1], { cause: thrown });
  }
  return new CoscribeError('internal', `the database answered with the error ${state}`, { cause: thrown });
}
