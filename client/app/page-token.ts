import type { DocumentId } from '../../shared/ids.js';

/** Longest token that the server takes, in characters. */
const MAX_LENGTH = 8192;
/** What can stand after `Bearer` in a request (RFC 6750, section 2.1). */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The token in the part of an address after `#`, which browsers keep to themselves.
 *
 * @param isPlace whether that part names a place on the page instead
 */
export function tokenInHash(hash: string, isPlace: (name: string) => boolean): string | undefined {
  const raw = decode(hash.replace(/^#/, '')).trim();
  if (raw.length > MAX_LENGTH || !TOKEN.test(raw) || isPlace(raw)) return undefined;
  return raw;
}

/** The address of a document's page, for whoever has the token; without one, for whoever may enter anyway. */
export function linkAddress(origin: string, id: DocumentId, token?: string): string {
  const address = `${origin}/d/${id}`;
  return token === undefined ? address : `${address}#${encodeURIComponent(token)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
