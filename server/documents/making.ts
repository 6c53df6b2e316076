import * as Y from 'yjs';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import type { Credentials, Grant } from '../auth/access.js';
import type { Admission } from './admitted.js';
import type { CheckedState } from './beginning.js';
import { freshName } from './fresh-name.js';
import { actor, type MadeLink, type ManagementOptions } from './management.js';
import { demand } from './permissions.js';

/** A new document, and how its owner gets into it where nothing but links says who he is. */
export interface MadeDocument {
  readonly id: DocumentId;
  readonly link?: MadeLink;
}

/** What a new document is to be. */
export interface WantedDocument {
  /** A fresh one if absent. */
  readonly id?: DocumentId;
  /** What it begins with, in the root of text areas. */
  readonly text?: string;
}

export interface WantedCopy {
  readonly from: DocumentId;
  readonly to: DocumentId;
  /** Everything in a document, as a Yjs update. */
  stateOf(document: DocumentId): Promise<Uint8Array>;
}

/** Makes documents, empty or with something in them. */
export class Making {
  constructor(private readonly options: ManagementOptions) {}

  /**
   * Creates a document: with a link for its owner where nobody is known but by links; where an authenticator says who may
   * do what, for whoever may write in a document of that name.
   *
   * @throws CoscribeError as `AccessControl.admit`; `not-allowed`, `document-exists`, `document-too-large`, `store-unavailable`
   */
  async create(
    credentials: Credentials,
    { id = freshName(), text = '' }: WantedDocument,
  ): Promise<MadeDocument> {
    const grant = await this.admit(credentials, id);
    return this.make(credentials, { id, grant, state: text === '' ? undefined : stateWith(text) });
  }

  /**
   * Makes a new document with everything that is in another one now: of a generation, with links and with a history of its own.
   *
   * @throws CoscribeError as `create`, and as `stateOf`; `no-access` for who may not read the other one
   */
  async copy(credentials: Credentials, { from, to, stateOf }: WantedCopy): Promise<MadeDocument> {
    demand((await this.options.access.admit(credentials, from)).role, 'read');
    const grant = await this.admit(credentials, to);
    return this.make(credentials, { id: to, grant, state: await stateOf(from) });
  }

  /**
   * Whether a document of this name can neither be made nor brought: there is one, deleted or not. One in which nothing was
   * ever written is none to whoever may write in it, unless it is known by its links alone.
   *
   * @throws CoscribeError as `create`
   */
  async isTaken(credentials: Credentials, id: DocumentId): Promise<boolean> {
    const grant = await this.admit(credentials, id);
    const found = await this.options.store.find(id);
    if (found === undefined || found.movedTo !== undefined) return false;
    return grant === undefined || found.head > 0 || found.deletedAt !== undefined;
  }

  /**
   * Makes a document of a state that comes from elsewhere: a new one, or one of this name in which nothing was ever written. If
   * the store fails in between, it stays empty, so that it can be brought again; where it would be known by a link alone that
   * nobody has been given, it is removed.
   *
   * @param state as a Yjs update (version 1)
   * @throws CoscribeError as `create`; as `checkState`, before anything is made
   */
  async bring(credentials: Credentials, id: DocumentId, state: Uint8Array): Promise<MadeDocument> {
    const { store, clock, audit, documents } = this.options;
    const grant = await this.admit(credentials, id);
    if (grant === undefined) return this.make(credentials, { id, grant, state });
    const content = await documents.checkState(state);
    const at = clock.wall();
    if (await store.create(id, at))
      audit.record('document-created', { document: id, ...actor(grant, credentials) });
    else if (await this.isTaken(credentials, id)) throw new CoscribeError('document-exists');
    await documents.fill(id, content, { grant, revision: 0, at, address: credentials.address });
    return { id };
  }

  /**
   * Names who asks, so that nobody is taken for another: a user, a token that says nothing of its user, or an address.
   *
   * @throws CoscribeError as `AccessControl.identify`
   */
  async sender(credentials: Credentials): Promise<string> {
    const { token, address } = credentials;
    try {
      const { user } = await this.options.access.identify(credentials);
      return user === undefined ? `address:${address}` : `user:${user}`;
    } catch (thrown) {
      // A link opens its document and says nothing of who has it.
      if (token === undefined || toCoscribeError(thrown).code !== 'unauthenticated') throw thrown;
      return `token:${token}`;
    }
  }

  /**
   * As `sender`, for who is about to send much in order to make documents: nobody gets that far who can make none, or becomes
   * another by another token.
   *
   * @throws CoscribeError as `AccessControl.identify`, for a link's token too, unless anybody may make documents
   */
  async maker(credentials: Credentials): Promise<string> {
    const { access } = this.options;
    const { address } = credentials;
    if (access.mode === 'links') return `address:${address}`;
    const { user } = await access.identify(credentials);
    return user === undefined ? `address:${address}` : `user:${user}`;
  }

  /** @returns `undefined` where anybody may, and a link makes him the owner */
  private async admit(credentials: Credentials, id: DocumentId): Promise<Grant | undefined> {
    const { access } = this.options;
    if (access.mode === 'links') return undefined;
    const grant = await access.admit(credentials, id);
    demand(grant.role, 'create');
    return grant;
  }

  private async make(credentials: Credentials, { id, grant, state }: Wanted): Promise<MadeDocument> {
    const { store, clock, audit, documents, makeLink } = this.options;
    // What is refused is refused before there is anything.
    const content = state && (await documents.checkState(state));
    const now = clock.wall();
    const { address } = credentials;
    if (grant !== undefined) {
      if (!(await store.create(id, now))) throw new CoscribeError('document-exists');
      audit.record('document-created', { document: id, ...actor(grant, credentials) });
      await this.fill(id, content, { grant, revision: 0, at: now, address });
      return { id };
    }
    const link = makeLink({ document: id, role: 'owner', label: '', createdAt: now });
    if (!(await store.create(id, now, link.stored))) throw new CoscribeError('document-exists');
    audit.record('document-created', { document: id, link: link.stored.id, role: 'owner', address });
    const owner: Grant = { identity: {}, role: 'owner', link: link.stored.id };
    await this.fill(id, content, { grant: owner, revision: 0, at: now, address });
    return { id, link };
  }

  private async fill(id: DocumentId, content: CheckedState | undefined, by: Admission): Promise<void> {
    if (content === undefined) return;
    const { documents, store, clock } = this.options;
    try {
      await documents.fill(id, content, by);
    } catch (error) {
      // Nobody takes what is empty for what was wanted. If the store is away it stays; then nobody can open it either. What
      // somebody has begun to write in stays his.
      if (toCoscribeError(error).code !== 'document-exists')
        await store.remove(id, clock.wall()).catch(() => {});
      throw error;
    }
  }
}

interface Wanted {
  readonly id: DocumentId;
  readonly grant: Grant | undefined;
  readonly state: Uint8Array | undefined;
}

function stateWith(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText(DEFAULT_TEXT).insert(0, text);
  const state = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return state;
}
