import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore } from '../storage/store.js';

/** Why a document is not what it was: it was deleted, or it is another one by now. Never rejects. */
export async function lostReason(store: Pick<DocumentStore, 'find'>, id: DocumentId): Promise<CoscribeError> {
  const found = await store.find(id).catch(() => undefined);
  return new CoscribeError(found?.deletedAt === undefined ? 'generation-changed' : 'document-deleted');
}
