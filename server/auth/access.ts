import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';

/** What somebody shows in order to be let in. Nothing of it belongs into a log. */
export interface Credentials {
  /** What the client gave as its token: `auth.token` of our protocol, `Authorization: Bearer` over HTTP. */
  readonly token?: string;
  /** Headers of the request that opened the connection, in lower case: `authorization`, `cookie`, `origin`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Address that it came from; behind proxies that are trusted, the one that they name. */
  readonly address: string;
}

/** Who somebody is, as long as the connection lives or until `expiresAt`. An authenticator may add fields of its own. */
export interface Identity {
  /** Names the user for good, 1 to 128 characters: edits are attributed to it. Absent for somebody anonymous. */
  readonly user?: string;
  /** What others see instead of what the client calls itself. */
  readonly name?: string;
  /** `#rrggbb`; what others see instead of what the client chose. */
  readonly color?: string;
  /** When this ends, in milliseconds since the Unix epoch. */
  readonly expiresAt?: number;
  /** Of the token, so that it can be revoked: its name (`jti`), and when it was made, in milliseconds since the Unix epoch. */
  readonly tokenId?: string;
  readonly issuedAt?: number;
  /** May do what concerns the whole server: revoke tokens. */
  readonly operator?: boolean;
}

/** What somebody may do in a document, if anything. */
export type Access = Role | 'none';

/**
 * Says who somebody is and what he may do: the place where an application's own users come in. Each method has ten
 * seconds; it may throw a `CoscribeError` of its choice, and anything else counts as `internal`.
 */
export interface Authenticator<I extends Identity = Identity> {
  /** @throws CoscribeError `unauthenticated`, `token-expired` */
  authenticate(credentials: Credentials): I | Promise<I>;
  /** Asked when somebody opens a document, and again whenever `accessChanged` was called for it. */
  authorize(identity: I, document: DocumentId): Access | Promise<Access>;
}

/** What one session was granted. */
export interface Grant {
  readonly identity: Identity;
  readonly role: Role;
  /** The share link that gave it, if one did. */
  readonly link?: string;
  /** When it ends, in milliseconds since the Unix epoch. */
  readonly expiresAt?: number;
}

/**
 * `open`: whoever reaches the server is an owner of everything. `links`: a document belongs to whoever made it, and to
 * those to whom he gave a link. `tokens`: an authenticator says who may do what; links work as well.
 */
export type AccessMode = 'open' | 'links' | 'tokens';

/** Lets people in. What is behind it, gateways and documents don't know. */
export interface AccessControl {
  readonly mode: AccessMode;

  /**
   * Who somebody is.
   *
   * @throws CoscribeError `unauthenticated` (for a link's token, too), `token-expired`, `store-unavailable`, `internal`
   */
  identify(credentials: Credentials): Promise<Identity>;

  /**
   * Which documents somebody may read, one after the other.
   *
   * @throws CoscribeError as `identify`; what it gives may reject in the same way
   */
  reader(credentials: Credentials): Promise<(document: DocumentId) => Promise<boolean>>;

  /**
   * What somebody may do in a document.
   *
   * @param evenDeleted takes links to a deleted document, too, so that its owner can restore it
   * @throws CoscribeError as `identify`; `no-access` if that is nothing, whether the document exists or not
   */
  admit(credentials: Credentials, document: DocumentId, evenDeleted?: boolean): Promise<Grant>;

  /** The same grant as things stand now. @throws CoscribeError as `admit` */
  review(grant: Grant, document: DocumentId): Promise<Grant>;
}
