import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';

/**
 * A fresh document with all of the updates.
 *
 * @throws CoscribeError `document-unreadable` if they don't load, or build on what they don't hold
 */
export function loadUpdates(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update);
    });
  } catch (cause) {
    throw new CoscribeError('document-unreadable', 'the log does not load', { cause });
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    throw new CoscribeError('document-unreadable', 'the log builds on edits that it does not hold');
  }
  return doc;
}
