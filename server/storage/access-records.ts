import type { StoredLink } from './access-store.js';
import { checksum } from './checksum.js';

/** The order of a document's links; the same in every store, so not the database's own. */
export function oldestFirst(a: StoredLink, b: StoredLink): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** What a link is checked with when it is read: a damaged one must not open more than it did. */
export function linkSum({ id, hash, document, role, label, createdAt, expiresAt }: StoredLink): number {
  return checksum([id, document, role, createdAt, expiresAt ?? '', label], hash);
}
