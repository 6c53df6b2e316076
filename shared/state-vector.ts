import { ByteCursor, malformed } from './byte-cursor.js';

/** Next clock of each client of a copy: what the copy has. */
export type StateVector = ReadonlyMap<number, number>;

/** Largest state vector that goes with a join, in bytes: about 9,000 clients. A copy with more gets the whole document. */
export const MAX_STATE_VECTOR_BYTES = 64 * 1024;

/** Yjs draws clientIDs from 32 bits. */
const MAX_CLIENT_ID = 0xffff_ffff;

/**
 * Reads a state vector as `Y.encodeStateVector` writes it, and is stricter than Yjs: no client twice, no bytes left
 * over, no count that the bytes cannot hold.
 *
 * @throws CoscribeError `invalid-update`
 */
export function decodeStateVector(bytes: Uint8Array): Map<number, number> {
  const cursor = new ByteCursor(bytes);
  const vector = new Map<number, number>();
  for (let left = cursor.count(); left > 0; left--) {
    const client = cursor.uint();
    if (client > MAX_CLIENT_ID || vector.has(client))
      throw malformed('a client is too large, or comes twice');
    vector.set(client, cursor.uint());
  }
  if (cursor.pos !== bytes.length) throw malformed('bytes are left over');
  return vector;
}
