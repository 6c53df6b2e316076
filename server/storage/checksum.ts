import { crc32 } from 'node:zlib';
import { StoreFault } from './sqlite-errors.js';

/**
 * What a log row, a snapshot and a document's own row are checked with when they are read. SQLite notices damage to
 * the structure of a page, but not to the bytes that we keep in it.
 */
export function checksum(facts: readonly (string | number)[], ...bytes: readonly Uint8Array[]): number {
  // Neither ids nor generations hold a line break; an author may, but stands alone between two numbers.
  let sum = crc32(facts.join('\n'));
  // zlib answers 0 for no bytes at a null pointer, and not the sum so far.
  for (const part of bytes) if (part.length > 0) sum = crc32(part, sum);
  return sum;
}

/** A value of a BLOB column as bytes of its own: libsql gives a Buffer for one row, an ArrayBuffer for many. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // Damage can change a value's type, and NOT NULL is not checked on reading.
  if (!(value instanceof Uint8Array))
    throw new StoreFault('document-unreadable', 'a value has the wrong type');
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

/** A `CAST(… AS BLOB)` of a TEXT column; what is not UTF-8 is replaced, and so fails its checksum. */
export function textOf(value: unknown): string {
  return Buffer.from(bytesOf(value).buffer).toString();
}
