import * as Y from 'yjs';
import { reportUncaught } from './listeners.js';

/**
 * Puts updates into a document, as one transaction. What observers of the application throw is no fault of the updates, which
 * are in the document by then: it is reported as what nothing has caught.
 *
 * Throws what Yjs throws at bytes that are no update.
 */
export function applyUpdates(doc: Y.Doc, updates: readonly Uint8Array[], origin: unknown): void {
  let applied = false;
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update, origin);
      applied = true;
    }, origin);
  } catch (error) {
    if (!applied) throw error;
    reportUncaught(error);
  }
}
