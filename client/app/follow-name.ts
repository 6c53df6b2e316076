import type { DocumentId } from '../../shared/ids.js';
import type { DocumentApi } from './document-api.js';

/**
 * Where a document is that was given another name; the server tells those who may read it there.
 *
 * @returns `undefined` if it does not tell, or not now
 */
export async function newNameOf(
  id: DocumentId,
  api: Pick<DocumentApi, 'name'>,
): Promise<DocumentId | undefined> {
  try {
    const found = await api.name();
    return found === id ? undefined : found;
  } catch {
    return undefined;
  }
}
