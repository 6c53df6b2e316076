import type { DocumentId } from '../../shared/ids.js';
import type { AccessChange, AccessStore, AccessSubject, StoredLink } from './access-store.js';
import type { Ask } from './snapshot-transfer.js';

/** The caller's end of `SqliteAccess`. */
export class SqliteAccessCalls implements AccessStore {
  constructor(private readonly ask: Ask) {}

  addLink(link: StoredLink, most: number): Promise<void> {
    return this.ask('addLink', { link: linkToSend(link), most });
  }

  findLink(hash: Uint8Array, evenDeleted?: boolean): Promise<StoredLink | undefined> {
    return this.ask('findLink', { hash: new Uint8Array(hash), evenDeleted });
  }

  readLink(document: DocumentId, id: string): Promise<StoredLink | undefined> {
    return this.ask('readLink', { document, id });
  }

  listLinks(document: DocumentId): Promise<readonly StoredLink[]> {
    return this.ask('listLinks', { document });
  }

  removeLink(document: DocumentId, id: string, at: number): Promise<boolean> {
    return this.ask('removeLink', { document, id, at });
  }

  changeAccess(subject: AccessSubject, at: number): Promise<void> {
    return this.ask('changeAccess', { subject, at });
  }

  accessRevision(): Promise<number> {
    return this.ask('accessRevision', {});
  }

  accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]> {
    return this.ask('accessChangesAfter', { revision, limit });
  }

  voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined> {
    return this.ask('voidedAt', { user, tokenId });
  }
}

/** A message takes the whole buffer along of which its bytes may be a part. */
export function linkToSend(link: StoredLink): StoredLink {
  return { ...link, hash: new Uint8Array(link.hash) };
}
