import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { DocumentStore } from '../storage/store.js';
import { CommittedClocks } from './committed-clocks.js';
import { inTurns } from './in-turns.js';
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

/** How often a load begins anew because another node merged the log, or reset the document, meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Opens a document: where its log stands, the index of its snapshot, and the log since. The snapshot itself stays in
 * the store until somebody needs it.
 *
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function loadDocument(id: DocumentId, sources: Sources): Promise<LoadedDocument> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load(id, sources);
    } catch (error) {
      const overtaken =
        error instanceof CoscribeError && (error.code === 'internal' || error.code === 'generation-changed');
      if (!overtaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

interface Sources {
  readonly store: DocumentStore;
  readonly clock: Clock;
}

async function load(id: DocumentId, { store, clock }: Sources): Promise<LoadedDocument> {
  const found = await store.open(id, clock.wall());
  const { generation, head, firstRow, snapshotSeq, snapshotBytes } = found;
  const index = DocumentIndex.decode(found.snapshotIndex);
  const clocks = new CommittedClocks(index);
  const tail = new Tail(snapshotSeq + 1);
  while (tail.head < head) {
    const rows = await store.readLog(id, tail.head, Math.min(ROWS_PER_READ, head - tail.head), generation);
    if (rows.length === 0)
      throw new CoscribeError('document-unreadable', `the log ends at ${tail.head} of ${head}`);
    await inTurns(rows, clock, ({ seq, update }) => {
      if (seq !== tail.head + 1)
        throw new CoscribeError('document-unreadable', `log row ${tail.head + 1} is missing`);
      tail.push(takeUp(clocks, update));
    });
  }
  return { id, generation, index, stored: { tail, snapshotSeq, snapshotBytes, firstRow } };
}

function takeUp(clocks: CommittedClocks, update: Uint8Array): Uint8Array {
  try {
    return clocks.takeForeign(update);
  } catch (cause) {
    throw new CoscribeError('document-unreadable', 'a log row does not follow from those before it', {
      cause,
    });
  }
}
