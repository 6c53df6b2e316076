import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';

/** What of the page is shown. */
export type Route =
  | { readonly view: 'cluster' }
  | { readonly view: 'document'; readonly id: DocumentId }
  /** An address that leads nowhere. */
  | { readonly view: 'unknown' };

const DOCUMENTS = '#/documents/';

/**
 * Where the part of an address after `#` leads.
 *
 * @returns `undefined` for a place on the page, which changes nothing of what is shown
 */
export function routeOf(hash: string): Route | undefined {
  if (hash === '' || hash === '#' || hash === '#/') return { view: 'cluster' };
  if (!hash.startsWith('#/')) return undefined;
  if (!hash.startsWith(DOCUMENTS)) return { view: 'unknown' };
  try {
    return { view: 'document', id: parseDocumentId(decodeURIComponent(hash.slice(DOCUMENTS.length))) };
  } catch {
    return { view: 'unknown' };
  }
}

/** The address of a document's facts. */
export function documentHash(id: string): string {
  return DOCUMENTS + id;
}
