import type { DocumentStore } from '../../server/storage/store.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { row } from '../support/store-data.js';

export const A = parseDocumentId('team/a');
export const B = parseDocumentId('team/b');

/** What each test of the contract is given: a new, empty store. */
export interface StoreContext {
  readonly store: DocumentStore;
  /** Appends one batch that must be taken; gives its first number. */
  append(id: DocumentId, generation: string, texts: readonly string[], at?: number): Promise<number>;
  /** Another store that keeps the same documents, as another process would have it. */
  another(): Promise<DocumentStore>;
}

export async function append(
  store: DocumentStore,
  id: DocumentId,
  generation: string,
  texts: readonly string[],
  at = 1,
): Promise<number> {
  const rows = texts.map((text) => row(text));
  const [result] = await store.append([{ id, generation, committedAt: at, rows }]);
  if (!result?.ok) throw new Error(`refused: ${result?.code}`);
  return result.firstSeq;
}

export function fail(): never {
  throw new Error('nothing is there');
}
