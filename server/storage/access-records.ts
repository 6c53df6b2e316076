import type { StoredLink } from './access-store.js';
import { checksum } from './checksum.js';

/** The order of a document's links; the same in every store, so not the database's own. */
export function oldestFirst(a: StoredLink, b: StoredLink): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/**
 * What a link is checked with when it is read: a damaged one must not open more than it did.
 *
 * @param sealedAs the first name of its document
 */
export function linkSum(
  { id, hash, role, label, createdAt, expiresAt }: StoredLink,
  sealedAs: string,
): number {
  return checksum([id, sealedAs, role, createdAt, expiresAt ?? '', label], hash);
}
