import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

/** Beyond this many missed edits the whole document is cheaper than the log. */
const MAX_CATCH_UP_ROWS = 2_000;

/** Updates that bring a copy to `upTo`, from where the tail in memory goes on. */
export interface ContentBefore {
  readonly updates: readonly Uint8Array[];
  readonly upTo: number;
}

/**
 * What a client that has everything up to `seq` needs before the tail: nothing, the log rows in between, or the
 * snapshot. Costs bytes, no CRDT work.
 *
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function contentBefore(
  id: DocumentId,
  stored: StoredState,
  seq: number,
  { store, snapshots }: Pick<DocumentServices, 'store' | 'snapshots'>,
): Promise<ContentBefore> {
  const last = stored.tail.first - 1;
  if (seq >= last) return { updates: [], upTo: seq };
  // Whoever has nothing yet is better off with the snapshot: it is merged.
  if (seq > 0 && seq >= stored.firstRow - 1 && last - seq <= MAX_CATCH_UP_ROWS) {
    try {
      const rows = await store.readLog(id, seq, last - seq);
      return { updates: rows.map(({ update }) => update), upTo: last };
    } catch (error) {
      // A compaction may have overtaken the reading and trimmed these rows; the snapshot has them.
      if (seq >= stored.firstRow - 1) throw error;
    }
  }
  const snapshot = await snapshots.read(id, stored.snapshotSeq);
  if (snapshot === undefined) throw new CoscribeError('document-unreadable', 'its snapshot is gone');
  return { updates: [snapshot.state], upTo: snapshot.seq };
}
