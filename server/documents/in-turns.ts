import type { Clock } from '../../shared/time.js';

/**
 * Log that is checked before others get their turn, in bytes: 10 ms for what takes the gate longest. A log may be as
 * long as a document can be if it could not be merged.
 */
const BYTES_PER_TURN = 128 * 1024;
/** What a row takes beside its bytes, in their like. */
const ROW_BYTES = 64;

/** Rows that others' turns come between: takes them up one after the other. */
export async function inTurns<Row extends { readonly update: Uint8Array }>(
  rows: readonly Row[],
  clock: Clock,
  take: (row: Row) => void,
): Promise<void> {
  let taken = 0;
  for (const row of rows) {
    const bytes = row.update.length + ROW_BYTES;
    if (taken > 0 && taken + bytes > BYTES_PER_TURN) {
      await nextTurn(clock);
      taken = 0;
    }
    taken += bytes;
    take(row);
  }
}

function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(0, resolve);
  });
}
