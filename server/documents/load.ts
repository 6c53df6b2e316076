import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import { checkUpdate } from '../../shared/update-gate.js';
import type { DocumentStore } from '../storage/store.js';
import type { StoredState } from './stored-state.js';
import { Tail } from './tail.js';

/** A document as it comes out of the store. */
export interface LoadedDocument {
  readonly id: DocumentId;
  readonly generation: string;
  readonly stored: StoredState;
  readonly index: DocumentIndex;
}

const ROWS_PER_READ = 1_000;

/**
 * Log that is checked before others get their turn, in bytes: 10 ms for what takes the gate longest. A log may be as
 * long as a document can be if it could not be merged.
 */
const BYTES_PER_TURN = 128 * 1024;
/** What a row takes beside its bytes, in their like. */
const ROW_BYTES = 64;

/**
 * Opens a document: where its log stands, the index of its snapshot, and the log since. The snapshot itself stays in
 * the store until somebody needs it.
 *
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function loadDocument(
  id: DocumentId,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<LoadedDocument> {
  const found = await store.open(id, clock.wall());
  const { generation, head, firstRow, snapshotSeq, snapshotBytes } = found;
  const index = DocumentIndex.decode(found.snapshotIndex);
  const tail = new Tail(snapshotSeq + 1);
  let taken = 0;
  while (tail.head < head) {
    const rows = await store.readLog(id, tail.head, Math.min(ROWS_PER_READ, head - tail.head));
    if (rows.length === 0)
      throw new CoscribeError('document-unreadable', `the log ends at ${tail.head} of ${head}`);
    for (const { seq, update } of rows) {
      if (seq !== tail.head + 1)
        throw new CoscribeError('document-unreadable', `log row ${tail.head + 1} is missing`);
      const bytes = update.length + ROW_BYTES;
      if (taken > 0 && taken + bytes > BYTES_PER_TURN) {
        await nextTurn(clock);
        taken = 0;
      }
      taken += bytes;
      takeUp(index, update);
      tail.push(update);
    }
  }
  return { id, generation, index, stored: { tail, snapshotSeq, snapshotBytes, firstRow } };
}

function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(0, resolve);
  });
}

/** What was admitted once is admitted again, whatever the limits are now; only its place in the log is checked. */
const NO_LIMITS = { maxUpdateBytes: Number.POSITIVE_INFINITY, maxDeleteRanges: Number.POSITIVE_INFINITY };

function takeUp(index: DocumentIndex, update: Uint8Array): void {
  try {
    index.admit(checkUpdate(update, { index, kind: 'catch-up', clientId: 0, limits: NO_LIMITS }));
  } catch (cause) {
    throw new CoscribeError('document-unreadable', 'a log row does not follow from those before it', {
      cause,
    });
  }
}
