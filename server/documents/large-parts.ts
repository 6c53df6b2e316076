import { toCoscribeError } from '../../shared/errors.js';
import { type SplitBounds, splitUpdate } from '../../shared/update-split.js';
import type { CrdtWork } from '../workers/crdt-work.js';

/** What is larger is not cut on the main thread: for each MB of structs that takes up to 7 ms. */
const LARGE_BYTES = 1024 * 1024;

/** `splitUpdate`, away from this thread where it would take long, if there is another. @throws CoscribeError as `splitUpdate` */
export async function partsOf(
  update: Uint8Array,
  bounds: SplitBounds,
  crdt: Pick<CrdtWork, 'split'> | undefined,
): Promise<readonly Uint8Array[]> {
  if (update.length <= LARGE_BYTES || crdt === undefined) return splitUpdate(update, bounds);
  try {
    return await crdt.split(update, bounds);
  } catch (error) {
    if (toCoscribeError(error).code !== 'internal') throw error;
    // The thread has too much to do; whoever waits here has done nothing wrong.
    return splitUpdate(update, bounds);
  }
}
