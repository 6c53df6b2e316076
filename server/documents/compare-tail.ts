import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { sectionsOf } from '../../shared/update-order.js';
import { trimKnown } from '../../shared/update-trim.js';
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
 * Compares rows of the log as they are here with what the store has. A row that was trimmed (`CommittedClocks`) has to be
 * what is left of the stored one.
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
      if (held === undefined || !isRowOrRest(held, update)) return { wrong: seq };
    }
  }
  return 'equal';
}

function unlessTrimmed(error: unknown): 'trimmed' {
  if (error instanceof CoscribeError && error.code === 'internal') return 'trimmed';
  throw error;
}

function isRowOrRest(held: Uint8Array, stored: Uint8Array): boolean {
  return Buffer.compare(held, stored) === 0 || Buffer.compare(held, restOf(stored, held)) === 0;
}

/**
 * What is left of a stored row when it is trimmed as far as the one that is held. That may be the longer of the two: a
 * struct whose beginning is cut off names what is before it.
 */
function restOf(stored: Uint8Array, held: Uint8Array): Uint8Array {
  try {
    const firsts = new Map(Array.from(sectionsOf(held), ({ client, from }) => [client, from]));
    return trimKnown(stored, { clock: (client) => firsts.get(client) ?? Number.POSITIVE_INFINITY });
  } catch {
    // Not an update at all, so that it is not the same row either.
    return stored;
  }
}
