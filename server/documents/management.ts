import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { type Role, roleReaches } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { AccessControl, AccessMode, Credentials, Grant } from '../auth/access.js';
import type { AccessSubject, StoredLink } from '../storage/access-store.js';
import type { DocumentStore, DocumentSummary, ListQuery } from '../storage/store.js';
import type { Actor, Audit } from '../telemetry/audit.js';
import type { Documents } from './documents.js';
import { freshName } from './fresh-name.js';
import { demand } from './permissions.js';

/** How many documents are looked at for one list, newest first: each may cost a question to somebody else's server. */
const LOOKED_AT = 500;
const QUESTIONS_AT_ONCE = 16;

export interface ManagementOptions {
  readonly access: AccessControl;
  readonly store: DocumentStore;
  readonly documents: Pick<Documents, 'accessChanged' | 'deleted'>;
  /** Makes a share link and its token, which is nowhere else. */
  makeLink(link: Omit<StoredLink, 'id' | 'hash'>): MadeLink;
  readonly clock: Pick<Clock, 'wall'>;
  readonly audit: Audit;
}

/** A new link, with the secret that opens the document. */
export interface MadeLink {
  readonly token: string;
  readonly stored: StoredLink;
}

/** A document as somebody who may read it sees it. */
export interface DocumentFacts extends DocumentSummary {
  readonly role: Role;
}

/** Whose tokens are revoked, or which one (`Identity.tokenId`). */
export type TokensOf = { readonly user: string } | { readonly tokenId: string };

/**
 * What can be done with documents as a whole. Each method looks first who asks and what he may do; to whom may do nothing,
 * a document that he may not open and one that does not exist are the same.
 *
 * Unlike opening a document this is not refused when the node is busy: who wants to keep somebody out must be able to.
 */
export class Management {
  readonly mode: AccessMode;

  constructor(private readonly options: ManagementOptions) {
    this.mode = options.access.mode;
  }

  /**
   * Creates a document: with a link for its owner where nobody is known but by links; where an authenticator says who may
   * do what, for whoever may write in a document of that name.
   *
   * @param given its name; a fresh one if absent
   * @throws CoscribeError as `AccessControl.admit`; `not-allowed`, `document-exists`, `store-unavailable`
   */
  async create(
    credentials: Credentials,
    given?: DocumentId,
  ): Promise<{ readonly id: DocumentId; readonly link?: MadeLink }> {
    const { access, store, clock, audit } = this.options;
    const id = given ?? freshName();
    const now = clock.wall();
    if (this.mode === 'links') {
      const link = this.options.makeLink({ document: id, role: 'owner', label: '', createdAt: now });
      if (!(await store.create(id, now, link.stored))) throw new CoscribeError('document-exists');
      const { address } = credentials;
      audit.record('document-created', { document: id, link: link.stored.id, role: 'owner', address });
      return { id, link };
    }
    const grant = await access.admit(credentials, id);
    demand(grant.role, 'create');
    if (!(await store.create(id, now))) throw new CoscribeError('document-exists');
    audit.record('document-created', { document: id, ...actor(grant, credentials) });
    return { id };
  }

  /**
   * The documents that somebody may read, newest first. Only the 500 newest are looked at.
   *
   * @throws CoscribeError as `AccessControl.reader`; `store-unavailable`
   */
  async list(credentials: Credentials, query: ListQuery): Promise<readonly DocumentSummary[]> {
    const mayRead = await this.options.access.reader(credentials);
    const looked = this.mode === 'open' ? query.limit : LOOKED_AT;
    const newest = await this.options.store.list({ ...query, limit: looked });
    const found: DocumentSummary[] = [];
    for (let at = 0; at < newest.length && found.length < query.limit; at += QUESTIONS_AT_ONCE) {
      const some = newest.slice(at, at + QUESTIONS_AT_ONCE);
      const readable = await Promise.all(some.map(({ id }) => mayRead(id)));
      found.push(...some.filter((_, place) => readable[place]));
    }
    return found.slice(0, query.limit);
  }

  /**
   * @throws CoscribeError as `AccessControl.admit`; `no-access` if there is no such document; `document-deleted` to its
   *   owners; `store-unavailable`
   */
  async describe(credentials: Credentials, id: DocumentId): Promise<DocumentFacts> {
    const { role } = await this.options.access.admit(credentials, id, true);
    demand(role, 'read');
    const found = await this.options.store.find(id);
    if (found?.deletedAt !== undefined && roleReaches(role, 'owner'))
      throw new CoscribeError('document-deleted');
    if (found === undefined || found.deletedAt !== undefined) throw new CoscribeError('no-access');
    return { ...found, role };
  }

  /**
   * Deletes a document so that it can be restored. Whoever has it open is told: here at once, on other nodes within 2.2 s.
   *
   * @throws CoscribeError as `AccessControl.admit`; `not-allowed`; `no-access` if there is no such document;
   *   `store-unavailable`
   */
  async remove(credentials: Credentials, id: DocumentId): Promise<void> {
    const { access, store, clock, audit, documents } = this.options;
    const grant = await access.admit(credentials, id);
    demand(grant.role, 'delete');
    if (!(await store.remove(id, clock.wall()))) throw new CoscribeError('no-access');
    audit.record('document-deleted', { document: id, ...actor(grant, credentials) });
    await documents.deleted(id);
  }

  /**
   * Undoes `remove`; does nothing to a document that is not deleted. A link to it opens it for this alone.
   *
   * @throws CoscribeError as `remove`
   */
  async restore(credentials: Credentials, id: DocumentId): Promise<void> {
    const { access, store, audit } = this.options;
    const grant = await access.admit(credentials, id, true);
    demand(grant.role, 'restore');
    if (await store.restore(id))
      audit.record('document-restored', { document: id, ...actor(grant, credentials) });
    else if ((await store.find(id)) === undefined) throw new CoscribeError('no-access');
  }

  /**
   * Voids tokens, for operators.
   *
   * @throws CoscribeError as `AccessControl.identify`; `not-allowed`, `store-unavailable`
   */
  async revokeTokens(credentials: Credentials, of: TokensOf): Promise<void> {
    const { operator, user } = await this.options.access.identify(credentials);
    if (operator !== true) throw new CoscribeError('not-allowed', 'only operators revoke tokens');
    await this.voidTokens(of, { ...(user !== undefined && { user }), address: credentials.address });
  }

  /**
   * Voids tokens, for the application itself. Sessions that have them end, here at once, on other nodes within 2.2 s.
   *
   * @throws CoscribeError `store-unavailable`
   */
  async voidTokens(of: TokensOf, by: Actor = {}): Promise<void> {
    const subject: AccessSubject =
      'user' in of ? { kind: 'user', id: of.user } : { kind: 'token', id: of.tokenId };
    await this.options.store.changeAccess(subject, this.options.clock.wall());
    const revoked = 'user' in of ? { revokedUser: of.user } : { revokedToken: of.tokenId };
    this.options.audit.record('tokens-revoked', { ...revoked, ...by });
    await this.options.documents.accessChanged();
  }

  /**
   * The application has changed who may do what in a document: its authenticator is asked again about everybody in it.
   *
   * @throws CoscribeError `store-unavailable`
   */
  async accessChanged(document: DocumentId): Promise<void> {
    const { store, clock, audit, documents } = this.options;
    await store.changeAccess({ kind: 'document', id: document }, clock.wall());
    audit.record('access-changed', { document });
    await documents.accessChanged(document);
  }
}

/** Who does something, for the audit log. */
export function actor({ identity: { user }, link }: Grant, { address }: Credentials): Actor {
  return { ...(user !== undefined && { user }), ...(link !== undefined && { byLink: link }), address };
}
