import { createHash, randomBytes } from 'node:crypto';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import type { StoredLink } from '../storage/access-store.js';

/** Tells a link's token from all others. */
const PREFIX = 'link_';
/** Of a token, in bytes: nobody guesses 256 bits. */
const TOKEN_BYTES = 32;
const ID_BYTES = 9;
const TOKEN = /^link_[A-Za-z0-9_-]{43}$/;

export interface NewLink {
  readonly document: DocumentId;
  readonly role: Role;
  readonly label: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** A new link, and its token, which is nowhere else: what is stored does not lead back to it. */
export function makeLink(link: NewLink): { readonly token: string; readonly stored: StoredLink } {
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, stored: { ...link, id: randomBytes(ID_BYTES).toString('base64url'), hash: hashOf(token) } };
}

export function isLinkToken(token: string | undefined): token is string {
  return token?.startsWith(PREFIX) === true;
}

/**
 * What a token is stored and found as; `undefined` if it can't be a link's. Without salt and without a slow hash:
 * nothing is to be tried out where all 2^256 tokens are equally likely.
 */
export function linkHash(token: string): Uint8Array | undefined {
  return TOKEN.test(token) ? hashOf(token) : undefined;
}

function hashOf(token: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(token).digest());
}
