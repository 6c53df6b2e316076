import { createHash } from 'node:crypto';
import type { StoredLink } from '../server/storage/access-store.js';
import type { DocumentId } from '../shared/ids.js';

/** Link number `n` of a document. */
export function link(document: DocumentId, n: number, more: Partial<StoredLink> = {}): StoredLink {
  // A plain array, so that `toEqual` does not tell it from a Buffer.
  const hash = new Uint8Array(createHash('sha256').update(`${document} ${n}`).digest());
  return { id: `link-${n}`, hash, document, role: 'editor', label: '', createdAt: n, ...more };
}
