import type Database from 'libsql';
import { bytesOf } from '../checksum.js';

/** A damaged page may have anything in a column: what is not a whole number becomes NULL, and fails its checksum. */
export function whole(column: string, name: string): string {
  return `iif(typeof(${column}) = 'integer', ${column}, NULL) AS "${name}"`;
}

/** As bytes: libsql ends the process at text that is not UTF-8. */
export function text(column: string, name: string): string {
  return `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), NULL) AS "${name}"`;
}

export function blob(column: string, name: string): string {
  return `iif(typeof(${column}) = 'blob', ${column}, NULL) AS "${name}"`;
}

export type Values = Readonly<Record<string, unknown>>;

/** All rows of a query. @throws what SQLite throws at damaged pages */
export function selectAll(
  database: Database.Database,
  sql: string,
  parameters: readonly unknown[] = [],
): readonly Values[] {
  return database.prepare(sql).all(parameters) as Values[];
}

/** What `text` gave; what is not UTF-8, or no text, is replaced and so fails its checksum. */
export function asText(value: unknown): string {
  return value === null ? '\ufffd' : Buffer.from(bytesOf(value).buffer).toString();
}

/** What `blob` gave. */
export function asBytes(value: unknown): Uint8Array {
  return value === null ? new Uint8Array() : bytesOf(value);
}

/** What `whole` gave; no number fails its checksum. */
export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Of a column that may be NULL. */
export function orNothing(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
