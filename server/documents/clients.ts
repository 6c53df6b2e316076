import { createHash } from 'node:crypto';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore } from '../storage/store.js';
import type { Admission } from './admitted.js';
import type { Session } from './session.js';

const AUTHOR_LENGTH = 32;

/** Whom a session's edits are attributed to. */
export function authorOf({ grant: { identity }, application }: Admission, clientKey: string): string {
  if (application !== undefined) return application.author;
  return identity.user === undefined ? anonymousAuthor(clientKey) : `user:${identity.user}`;
}

/** Who an anonymous session's edits are attributed to: whoever holds its secret, which itself is never stored. */
export function anonymousAuthor(clientKey: string): string {
  const author = `anonymous:${createHash('sha256').update(clientKey).digest('base64url')}`;
  // Through a buffer: a slice of a concatenation would keep all its parts, for as long as the session lasts.
  return Buffer.from(author).toString('latin1', 0, AUTHOR_LENGTH);
}

/**
 * When a session that was replaced may come back, in milliseconds. Mostly nobody is left there to hear it. But the
 * join of a dead connection may arrive, or be answered, after that of the connection that took its place; then the
 * living client is told, and has to get its place back.
 */
const REPLACED_RETURNS_AFTER_MS = 1_000;

interface Claim {
  readonly session: Session;
  readonly author: string;
}

/**
 * Which session may use which Yjs clientID. A clientID that two authors used would give copies that differ for good
 * while their state vectors are equal, so it belongs to the first one for ever; the same author coming back takes
 * the place of his old session.
 */
export class Clients {
  private readonly claims = new Map<number, Claim>();

  constructor(
    private readonly id: DocumentId,
    private readonly store: DocumentStore,
  ) {}

  /**
   * @param written whether anything in the document was written under this clientID
   * @throws CoscribeError `client-id-in-use`; `not-joined` if the session has left
   */
  async claim(session: Session, clientId: number, author: string, written: boolean): Promise<void> {
    this.refuseOthers(clientId, author);
    if (written) {
      const first = await this.store.readAuthor(this.id, clientId);
      if (first !== undefined && first !== author) throw new CoscribeError('client-id-in-use');
      this.refuseOthers(clientId, author);
    }
    // It may have left meanwhile, and must neither keep the clientID nor push out who has it now.
    if (session.left) throw new CoscribeError('not-joined');
    const previous = this.claims.get(clientId)?.session;
    this.claims.set(clientId, { session, author });
    if (previous !== undefined && previous !== session)
      previous.close(new CoscribeError('session-replaced'), REPLACED_RETURNS_AFTER_MS);
  }

  /** @throws CoscribeError `not-joined` */
  authorOf(session: Session): string {
    const claim = this.claims.get(session.clientId);
    if (claim?.session !== session) throw new CoscribeError('not-joined');
    return claim.author;
  }

  /**
   * Whether somebody else who is here now writes under this clientID: what he has typed and not yet sent must not be
   * taken from him by an update that uses up his next clocks.
   */
  belongsToAnother(session: Session, clientId: number): boolean {
    const claim = this.claims.get(clientId);
    return claim !== undefined && claim.session !== session;
  }

  /** @returns `false` if the clientID meanwhile belongs to a newer session */
  release(session: Session): boolean {
    if (this.claims.get(session.clientId)?.session !== session) return false;
    return this.claims.delete(session.clientId);
  }

  private refuseOthers(clientId: number, author: string): void {
    const claim = this.claims.get(clientId);
    if (claim !== undefined && claim.author !== author) throw new CoscribeError('client-id-in-use');
  }
}
