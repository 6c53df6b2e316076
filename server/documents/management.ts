import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { checkKinds } from '../../shared/option-kinds.js';
import { type Role, roleReaches } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { AccessControl, AccessMode, Credentials, Grant } from '../auth/access.js';
import type { AccessSubject, StoredLink } from '../storage/access-store.js';
import type {
  DocumentStore,
  DocumentSummary,
  ListOrder,
  ListPlace,
  ListQuery,
  LogEnd,
} from '../storage/store.js';
import type { Actor, Audit } from '../telemetry/audit.js';
import type { Documents } from './documents.js';
import { demand } from './permissions.js';

/** How many documents are looked at for one list: each may cost a question to somebody else's server. */
const LOOKED_AT = 500;
const QUESTIONS_AT_ONCE = 16;

export interface ManagementOptions {
  readonly access: AccessControl;
  readonly store: DocumentStore;
  readonly documents: Pick<Documents, 'accessChanged' | 'deleted' | 'moved' | 'checkState' | 'fill'>;
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

/** Some of the documents that somebody may read. */
export interface ListedDocuments {
  readonly documents: readonly DocumentSummary[];
  /** Where to go on; absent if there are no more. */
  readonly next?: ListPlace;
}

/** Where a document's log ends. */
export interface LogPosition {
  readonly generation: string;
  readonly seq: number;
}

/** Whether something may be done to a document whose log ends there. */
export type PositionCheck = (position: LogPosition) => boolean;

/** Whose tokens are revoked, or which one (`Identity.tokenId`). */
export type TokensOf = { readonly user: string } | { readonly tokenId: string };
const TOKENS_OF = { user: 'string', tokenId: 'string' };

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
   * The documents that somebody may read, in the order asked for. 500 are looked at: there may be more though fewer than the
   * limit are found, or none.
   *
   * @throws CoscribeError as `AccessControl.reader`; `store-unavailable`
   */
  async list(credentials: Credentials, query: ListQuery): Promise<ListedDocuments> {
    const mayRead = await this.options.access.reader(credentials);
    const { limit, order = 'updated' } = query;
    // One more than is shown says whether there are more.
    const most = this.mode === 'open' ? limit + 1 : Math.max(LOOKED_AT, limit + 1);
    const looked = await this.options.store.list({ ...query, limit: most });
    const documents: DocumentSummary[] = [];
    let last: DocumentSummary | undefined;
    for (let at = 0; at < looked.length; at += QUESTIONS_AT_ONCE) {
      const some = looked.slice(at, at + QUESTIONS_AT_ONCE);
      const readable = await Promise.all(some.map(({ id }) => mayRead(id)));
      for (const [place, document] of some.entries()) {
        if (documents.length >= limit && last !== undefined) return { documents, next: placeOf(last, order) };
        last = document;
        if (readable[place]) documents.push(document);
      }
    }
    if (looked.length < most || last === undefined) return { documents };
    return { documents, next: placeOf(last, order) };
  }

  /**
   * @throws CoscribeError as `AccessControl.admit`; `no-access` if there is no such document; `document-deleted` to its
   *   owners; `document-moved`, `store-unavailable`
   */
  async describe(credentials: Credentials, id: DocumentId): Promise<DocumentFacts> {
    const { role } = await this.options.access.admit(credentials, id, true);
    demand(role, 'read');
    const found = await this.options.store.find(id);
    if (found?.deletedAt !== undefined && roleReaches(role, 'owner'))
      throw new CoscribeError('document-deleted');
    // The new name is for those who may read there, and they know it.
    if (found?.movedTo !== undefined) throw new CoscribeError('document-moved');
    if (found === undefined || found.deletedAt !== undefined) throw new CoscribeError('no-access');
    return { ...found, role };
  }

  /**
   * Where a document is that has another name now: the name, for whoever may read there.
   *
   * @throws CoscribeError as `describe`, of the new name; `document-moved` if there is none any more
   */
  async movedTo(credentials: Credentials, id: DocumentId): Promise<DocumentId> {
    const found = await this.options.store.find(id);
    if (found?.movedTo === undefined) throw new CoscribeError('document-moved');
    return (await this.describe(credentials, found.movedTo)).id;
  }

  /**
   * Deletes a document so that it can be restored. Whoever has it open is told: here at once, on other nodes within 2.2 s.
   *
   * @param fits looked at in the same step: nobody writes anything in between
   * @throws CoscribeError as `AccessControl.admit`; `not-allowed`; `precondition-failed`; `no-access` if there is no such
   *   document; `document-deleted` to its owners if it is deleted already; `store-unavailable`
   */
  async remove(credentials: Credentials, id: DocumentId, fits?: PositionCheck): Promise<void> {
    const { access, store, clock, audit, documents } = this.options;
    const grant = await access.admit(credentials, id, true);
    // To everybody else a deleted document is not there.
    if (!roleReaches(grant.role, 'owner')) await access.admit(credentials, id);
    demand(grant.role, 'delete');
    const at = await this.positionThat(id, fits);
    if (!(await store.remove(id, clock.wall(), at))) {
      await this.describe(credentials, id);
      throw new CoscribeError('no-access');
    }
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
    else {
      const found = await store.find(id);
      if (found === undefined) throw new CoscribeError('no-access');
      if (found.movedTo !== undefined) throw new CoscribeError('document-moved');
    }
  }

  /**
   * Gives a document another name. Whoever has it open is told, here at once, on other nodes within 2.2 s, and nothing more:
   * not everybody who could open it may know the new name.
   *
   * @param fits as in `remove`
   * @returns the document under its new name
   * @throws CoscribeError as `AccessControl.admit`, of either name; `not-allowed`; `no-access` if there is no such document;
   *   `document-exists`, `precondition-failed`; `store-unavailable`
   */
  async move(
    credentials: Credentials,
    from: DocumentId,
    to: DocumentId,
    fits?: PositionCheck,
  ): Promise<DocumentFacts> {
    const { access, store, clock, audit, documents } = this.options;
    const grant = await access.admit(credentials, from);
    demand(grant.role, 'move');
    // A link opens one document, whatever that is called; documents of any name are made by anybody there.
    const there = this.mode === 'links' ? grant : await access.admit(credentials, to);
    demand(there.role, 'create');
    const at = await this.positionThat(from, fits);
    const outcome = await store.rename(from, to, clock.wall(), at);
    if (outcome === 'absent') throw new CoscribeError('no-access');
    if (outcome === 'taken') throw new CoscribeError('document-exists');
    audit.record('document-moved', { document: from, movedTo: to, ...actor(grant, credentials) });
    await documents.moved(from);
    const found = await store.find(to);
    if (found === undefined) throw new CoscribeError('no-access');
    return { ...found, role: there.role };
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
   * @throws CoscribeError `store-unavailable`; TypeError if it does not say whose
   */
  async voidTokens(of: TokensOf, by: Actor = {}): Promise<void> {
    checkKinds('revokeTokens()', of, TOKENS_OF);
    const given: unknown[] = Object.values(of);
    if (given.length !== 1 || typeof given[0] !== 'string' || given[0] === '')
      throw new TypeError(
        'revokeTokens() takes the tokens of one user, { user }, or one token, { tokenId }.',
      );
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

  /** One that is not there is for the act itself to refuse. @throws CoscribeError `precondition-failed`, `store-unavailable` */
  /** @returns where the document has to be still when something is done to it; `undefined`: anywhere */
  private async positionThat(id: DocumentId, fits: PositionCheck | undefined): Promise<LogEnd | undefined> {
    if (fits === undefined) return undefined;
    const found = (await this.options.store.positions([id])).get(id);
    if (found === undefined) return undefined;
    const { generation, head } = found;
    if (!fits({ generation, seq: head })) throw new CoscribeError('precondition-failed');
    return { generation, head };
  }
}

/** Where a document is in a list, for whoever goes on behind it. */
function placeOf({ id, createdAt, updatedAt }: DocumentSummary, order: ListOrder): ListPlace {
  return { id, at: order === 'name' ? 0 : order === 'created' ? createdAt : updatedAt };
}

/** Who does something, for the audit log. */
export function actor({ identity: { user }, link }: Grant, { address }: Credentials): Actor {
  return { ...(user !== undefined && { user }), ...(link !== undefined && { byLink: link }), address };
}
