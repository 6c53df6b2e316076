import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore } from '../storage/store.js';

const ROWS_PER_READ = 500;

interface HeldRows {
  readonly id: DocumentId;
  readonly generation: string;
  /** `seq` before the first row. */
  readonly after: number;
  readonly updates: readonly Uint8Array[];
}

/** `trimmed`: the store has not all of the rows any more. `wrong`: the first row that is another one there. */
export type Compared = 'equal' | 'trimmed' | { readonly wrong: number };

/**
 * Compares rows of the log as they are here with what the store has. A row that was trimmed (`CommittedClocks`) is shorter
 * and is taken as it is.
 *
 * @throws CoscribeError `store-unavailable` and the like, as `DocumentStore.readLog`
 */
export async function compareTail(
  { id, generation, after, updates }: HeldRows,
  store: DocumentStore,
): Promise<Compared> {
  for (let done = 0; done < updates.length; ) {
    const limit = Math.min(ROWS_PER_READ, updates.length - done);
    const rows = await store.readLog(id, after + done, limit, generation).catch(unlessTrimmed);
    if (rows === 'trimmed') return rows;
    if (rows.length === 0) return { wrong: after + done + 1 };
    for (const { seq, update } of rows) {
      const held = updates[done++];
      if (held === undefined || !isPartOf(held, update)) return { wrong: seq };
    }
  }
  return 'equal';
}

function unlessTrimmed(error: unknown): 'trimmed' {
  if (error instanceof CoscribeError && error.code === 'internal') return 'trimmed';
  throw error;
}

function isPartOf(held: Uint8Array, stored: Uint8Array): boolean {
  return held.length < stored.length || Buffer.compare(held, stored) === 0;
}
