import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';

/** A link that lets whoever has it into one document. Times in milliseconds since the Unix epoch. */
export interface StoredLink {
  /** Names the link to the document's owners; opens nothing. 1 to 64 characters. */
  readonly id: string;
  /** SHA-256 of the token, 32 bytes: the token itself is not kept anywhere. */
  readonly hash: Uint8Array;
  readonly document: DocumentId;
  readonly role: Role;
  /** What the owner calls it; may be empty. */
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** Whose access was changed: everybody's in a document, all tokens' of a user, or one token's. */
export interface AccessSubject {
  readonly kind: 'document' | 'user' | 'token';
  /** The document's, the user's, or the token's name; 1 to 128 characters. */
  readonly id: string;
}

/** That access to something has changed, and when as a number. */
export interface AccessChange {
  /** Rises with every change of access in the whole store, without gaps in what is visible: see `changesAfter`. */
  readonly revision: number;
  readonly subject: AccessSubject;
}

/**
 * What a store keeps of who may do what. Part of a `DocumentStore`; `contracts/access-store-contract.ts` is its
 * specification, and its methods reject as those of a `DocumentStore` do.
 */
export interface AccessStore {
  /**
   * Keeps a link.
   *
   * @param most links that one document may have
   * @throws CoscribeError `no-access` if there is no such document, or it is deleted; `too-many-links`
   */
  addLink(link: StoredLink, most: number): Promise<void>;

  /**
   * The link with this hash, if its document is there and not deleted. Expired ones are found, too.
   *
   * @param evenDeleted finds it as well if its document is deleted and can be restored: whoever owns it may do that
   */
  findLink(hash: Uint8Array, evenDeleted?: boolean): Promise<StoredLink | undefined>;

  /** A link by its name; `undefined` if it was revoked, or its document is not there any more, or deleted. */
  readLink(document: DocumentId, id: string): Promise<StoredLink | undefined>;

  /** A document's links, oldest first. */
  listLinks(document: DocumentId): Promise<readonly StoredLink[]>;

  /** Revokes a link, and counts as a change of the document's access. @returns `false` if there is none */
  removeLink(document: DocumentId, id: string, at: number): Promise<boolean>;

  /**
   * Records that access has changed: sessions in the document, of the user, or of the token are to be looked at again.
   * For a user and a token it also voids what was issued up to `at`.
   */
  changeAccess(subject: AccessSubject, at: number): Promise<void>;

  /** The last revision; 0 if access was never changed. */
  accessRevision(): Promise<number>;

  /**
   * What was changed after a revision, ascending, `limit` at most; of several changes of one subject only the last. Who
   * has seen all up to a revision never misses one below it that becomes visible later.
   */
  accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]>;

  /** When tokens of the user, or this token, were last voided (`at` of `changeAccess`); the later of the two. */
  voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined>;
}
