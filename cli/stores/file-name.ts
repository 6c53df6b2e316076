import { createHash } from 'node:crypto';

/** File systems take 255 bytes; this leaves room for an ending. */
const MOST_CHARACTERS = 200;

/** A name of a file for any name of a document; no two documents have the same. */
export function fileNameFor(name: string): string {
  const plain = encodeURIComponent(name);
  if (plain.length <= MOST_CHARACTERS) return plain;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${plain.slice(0, MOST_CHARACTERS - 17)}.${hash}`;
}
