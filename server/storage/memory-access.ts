import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { oldestFirst } from './access-records.js';
import type { AccessChange, AccessStore, AccessSubject, StoredLink } from './access-store.js';

interface StoredChange extends AccessChange {
  readonly voidedAt: number | undefined;
}

/** Links and changes of access, until the process ends. */
export class MemoryAccess implements AccessStore {
  /** Each document's, by name. Those of deleted documents stay, and are not found. */
  private readonly links = new Map<DocumentId, Map<string, StoredLink>>();
  private readonly hashes = new Map<string, StoredLink>();
  /** In the order of their revisions. */
  private readonly changes = new Map<string, StoredChange>();
  private revision = 0;

  /** @param isThere whether there is such a document, and it is not deleted */
  constructor(private readonly isThere: (document: DocumentId) => boolean) {}

  async addLink(link: StoredLink, most: number): Promise<void> {
    if (!this.isThere(link.document)) throw new CoscribeError('no-access');
    if (this.linksOf(link.document).size >= most) throw new CoscribeError('too-many-links');
    this.keepLink(link);
  }

  /** The first link of a document that is just being made, or one that may be added. */
  keepLink(given: StoredLink): void {
    const links = this.linksOf(given.document);
    const link = { ...given, hash: new Uint8Array(given.hash) };
    if (links.has(link.id) || this.hashes.has(keyOf(link.hash)))
      throw new CoscribeError('internal', 'there is such a link already');
    links.set(link.id, link);
    this.links.set(link.document, links);
    this.hashes.set(keyOf(link.hash), link);
  }

  async findLink(hash: Uint8Array, evenDeleted = false): Promise<StoredLink | undefined> {
    const link = this.hashes.get(keyOf(hash));
    return link && (evenDeleted || this.isThere(link.document)) ? link : undefined;
  }

  async readLink(document: DocumentId, id: string): Promise<StoredLink | undefined> {
    return this.find(document, id);
  }

  private find(document: DocumentId, id: string): StoredLink | undefined {
    return this.isThere(document) ? this.linksOf(document).get(id) : undefined;
  }

  async listLinks(document: DocumentId): Promise<readonly StoredLink[]> {
    return this.isThere(document) ? [...this.linksOf(document).values()].sort(oldestFirst) : [];
  }

  async removeLink(document: DocumentId, id: string, at: number): Promise<boolean> {
    const link = this.find(document, id);
    if (link === undefined) return false;
    this.linksOf(document).delete(id);
    this.hashes.delete(keyOf(link.hash));
    await this.changeAccess({ kind: 'document', id: document }, at);
    return true;
  }

  /** The links of a document that is called `to` from now on go with it. */
  rename(from: DocumentId, to: DocumentId): void {
    const links = [...this.linksOf(from).values()];
    this.erase(from);
    for (const link of links) this.keepLink({ ...link, document: to });
  }

  /** Forgets the links of a document that is erased. */
  erase(document: DocumentId): void {
    for (const { hash } of this.linksOf(document).values()) this.hashes.delete(keyOf(hash));
    this.links.delete(document);
  }

  async changeAccess({ kind, id }: AccessSubject, at: number): Promise<void> {
    const key = `${kind} ${id}`;
    const before = this.changes.get(key)?.voidedAt;
    const voidedAt = kind === 'document' ? undefined : Math.max(at, before ?? at);
    this.revision++;
    this.changes.delete(key);
    this.changes.set(key, { revision: this.revision, subject: { kind, id }, voidedAt });
  }

  async accessRevision(): Promise<number> {
    return this.revision;
  }

  async accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]> {
    return [...this.changes.values()]
      .filter((change) => change.revision > revision)
      .slice(0, Math.max(0, limit))
      .map((change) => ({ revision: change.revision, subject: change.subject }));
  }

  async voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined> {
    const keys = [user !== undefined && `user ${user}`, tokenId !== undefined && `token ${tokenId}`];
    const times = keys.map((key) => (key === false ? undefined : this.changes.get(key)?.voidedAt));
    const voided = times.filter((time) => time !== undefined);
    return voided.length === 0 ? undefined : Math.max(...voided);
  }

  private linksOf(document: DocumentId): Map<string, StoredLink> {
    return this.links.get(document) ?? new Map();
  }
}

function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64');
}
