import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore } from '../storage/store.js';

/** Why a document is not what it was: it was deleted, it has another name, or it is another one by now. Never rejects. */
export async function lostReason(store: Pick<DocumentStore, 'find'>, id: DocumentId): Promise<CoscribeError> {
  const found = await store.find(id).catch(() => undefined);
  if (found?.deletedAt !== undefined) return new CoscribeError('document-deleted');
  return new CoscribeError(found?.movedTo === undefined ? 'generation-changed' : 'document-moved');
}
