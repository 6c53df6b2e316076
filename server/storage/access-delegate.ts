import type { DocumentId } from '../../shared/ids.js';
import type { AccessChange, AccessStore, AccessSubject, StoredLink } from './access-store.js';

/** A store that leaves what it keeps of access to a part of its own. */
export abstract class AccessDelegate implements AccessStore {
  /** Does one thing with that part, under the rules that hold for every call of the store. */
  protected abstract withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result>;

  addLink(link: StoredLink, most: number): Promise<void> {
    return this.withAccess((access) => access.addLink(link, most));
  }

  findLink(hash: Uint8Array, evenDeleted?: boolean): Promise<StoredLink | undefined> {
    return this.withAccess((access) => access.findLink(hash, evenDeleted));
  }

  readLink(document: DocumentId, id: string): Promise<StoredLink | undefined> {
    return this.withAccess((access) => access.readLink(document, id));
  }

  listLinks(document: DocumentId): Promise<readonly StoredLink[]> {
    return this.withAccess((access) => access.listLinks(document));
  }

  removeLink(document: DocumentId, id: string, at: number): Promise<boolean> {
    return this.withAccess((access) => access.removeLink(document, id, at));
  }

  changeAccess(subject: AccessSubject, at: number): Promise<void> {
    return this.withAccess((access) => access.changeAccess(subject, at));
  }

  accessRevision(): Promise<number> {
    return this.withAccess((access) => access.accessRevision());
  }

  accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]> {
    return this.withAccess((access) => access.accessChangesAfter(revision, limit));
  }

  voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined> {
    return this.withAccess((access) => access.voidedAt(user, tokenId));
  }
}
