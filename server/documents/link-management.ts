import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import type { Credentials, Grant } from '../auth/access.js';
import type { StoredLink } from '../storage/access-store.js';
import { actor, type MadeLink, type ManagementOptions } from './management.js';
import { demand } from './permissions.js';

/** Links that one document may have. */
export const MAX_LINKS = 100;

/** What an owner says of a link that he makes. */
export interface WantedLink {
  readonly role: Role;
  readonly label: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number;
}

/** A link as the document's owners see it. */
export interface OwnedLink extends StoredLink {
  /** The asker himself has come with it. */
  readonly current: boolean;
}

/**
 * The share links of documents, for their owners. Each method rejects as `AccessControl.admit` does, with `sharing-off`
 * where everybody is let in anyway, `not-allowed` for who is no owner, and `store-unavailable`.
 */
export class LinkManagement {
  constructor(private readonly options: ManagementOptions) {}

  /** All links of a document, oldest first, expired ones too. @throws CoscribeError `no-access` if there is no such document */
  async list(credentials: Credentials, id: DocumentId): Promise<readonly OwnedLink[]> {
    const grant = await this.admitOwner(credentials, id);
    const { store } = this.options;
    const links = await store.listLinks(id);
    if (links.length === 0 && !(await store.positions([id])).has(id)) throw new CoscribeError('no-access');
    return links.map((link) => ({ ...link, current: link.id === grant.link }));
  }

  /** @throws CoscribeError `no-access` if there is no such document; `too-many-links` */
  async make(credentials: Credentials, id: DocumentId, wanted: WantedLink): Promise<MadeLink> {
    const grant = await this.admitOwner(credentials, id);
    const { store, clock, audit, makeLink } = this.options;
    const link = makeLink({ ...wanted, document: id, createdAt: clock.wall() });
    await store.addLink(link.stored, MAX_LINKS);
    const { role, expiresAt } = wanted;
    const until = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
    const facts = { document: id, link: link.stored.id, role, ...until };
    audit.record('link-made', { ...facts, ...actor(grant, credentials) });
    return link;
  }

  /**
   * Whoever has come with the link is out: here at once, on other nodes within 2.2 s.
   *
   * @throws CoscribeError `not-found` if there is no such link; `no-access` if there is no such document
   */
  async revoke(credentials: Credentials, id: DocumentId, link: string): Promise<void> {
    const grant = await this.admitOwner(credentials, id);
    const { store, clock, audit, documents } = this.options;
    if (!(await store.removeLink(id, link, clock.wall())))
      throw new CoscribeError((await store.positions([id])).has(id) ? 'not-found' : 'no-access');
    audit.record('link-revoked', { document: id, link, ...actor(grant, credentials) });
    await documents.accessChanged(id);
  }

  private async admitOwner(credentials: Credentials, id: DocumentId): Promise<Grant> {
    const { access } = this.options;
    if (access.mode === 'open') throw new CoscribeError('sharing-off');
    const grant = await access.admit(credentials, id);
    demand(grant.role, 'share');
    return grant;
  }
}
