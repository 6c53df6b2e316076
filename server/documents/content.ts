import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { JoinRequest } from '../../shared/protocol.js';
import type { Snapshot } from '../storage/store.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

/** Beyond this many missed edits the whole document is cheaper than the log. */
const MAX_CATCH_UP_ROWS = 2_000;

/** A snapshot of fewer bytes is sent whole: finding out what a copy lacks of it would take longer. */
export const DEFAULT_DIFF_AT_BYTES = 64 * 1024;

/** Updates that bring a copy to `upTo`, from where the tail in memory goes on. */
export interface ContentBefore {
  readonly updates: readonly Uint8Array[];
  readonly upTo: number;
  /** Whether everybody gets the same who gets the whole document. */
  readonly whole: boolean;
}

type Services = Pick<DocumentServices, 'store' | 'snapshots' | 'crdt' | 'diffAtBytes' | 'log'>;

/**
 * What a client needs before the tail: nothing, the log rows in between, the snapshot, or what its copy lacks of the
 * snapshot. That last one is for this client alone. Costs bytes, no CRDT work on this thread.
 *
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function contentBefore(
  id: DocumentId,
  stored: StoredState,
  { seq = 0, stateVector }: Pick<JoinRequest, 'seq' | 'stateVector'>,
  services: Services,
): Promise<ContentBefore> {
  const { store, snapshots } = services;
  const last = stored.tail.first - 1;
  if (seq >= last) return { updates: [], upTo: seq, whole: seq === 0 };
  // Whoever has nothing yet is better off with the snapshot: it is merged.
  if (seq > 0 && seq >= stored.firstRow - 1 && last - seq <= MAX_CATCH_UP_ROWS) {
    try {
      const rows = await store.readLog(id, seq, last - seq);
      return { updates: rows.map(({ update }) => update), upTo: last, whole: false };
    } catch (error) {
      // A compaction may have overtaken the reading and trimmed these rows; the snapshot has them.
      if (seq >= stored.firstRow - 1) throw error;
    }
  }
  const snapshot = await snapshots.read(id, stored.snapshotSeq);
  if (snapshot === undefined) throw new CoscribeError('document-unreadable', 'its snapshot is gone');
  const upTo = snapshot.seq;
  const lacked = stateVector && (await lackedOf(id, snapshot, stateVector, services));
  if (lacked !== undefined) return { updates: [lacked], upTo, whole: false };
  return { updates: [snapshot.state], upTo, whole: true };
}

/** What a copy lacks of a snapshot, if that is much less than the snapshot and can be had at once. */
async function lackedOf(
  document: DocumentId,
  { state }: Snapshot,
  stateVector: Uint8Array,
  { crdt, diffAtBytes, log }: Services,
): Promise<Uint8Array | undefined> {
  if (state.length < diffAtBytes) return undefined;
  try {
    return await crdt.diff(state, stateVector);
  } catch (err) {
    // The snapshot itself does as well; it only takes longer on the line.
    log.debug({ document, err }, 'could not compare a copy with the document; it gets the whole');
    return undefined;
  }
}
