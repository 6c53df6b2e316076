import * as Y from 'yjs';

/**
 * Applies updates that others have made, in one transaction, so that nothing is made of it here: Yjs deletes formats without
 * effect of what comes from others, in a transaction of its own, which is in no log.
 *
 * @throws whatever Yjs throws; the document may be half changed then
 */
export function takeUpdates(doc: Y.Doc, updates: Iterable<Uint8Array>, origin: unknown): void {
  doc.transact((transaction) => {
    for (const update of updates) Y.applyUpdate(doc, update, origin);
    transaction.local = true;
    // Yjs keeps where it has just found places, and forgets it only if a change comes from others.
    for (const { _searchMarker } of transaction.changed.keys()) _searchMarker?.splice(0);
  }, origin);
}
