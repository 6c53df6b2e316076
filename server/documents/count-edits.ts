import type { Counters } from '../telemetry/counters.js';
import type { PendingUpdate } from './update-log.js';

/**
 * Counts what one commit has made durable in one document.
 *
 * @param answeredAt when the authors were told, in milliseconds of the monotonic clock
 * @returns bytes of the updates
 */
export function countCommit(
  counters: Counters,
  rows: readonly Pick<PendingUpdate<unknown>, 'update' | 'receivedAt'>[],
  answeredAt: number,
): number {
  let bytes = 0;
  for (const { update, receivedAt } of rows) {
    bytes += update.length;
    counters.observe('ack', answeredAt - receivedAt);
  }
  counters.add('edits', rows.length);
  counters.add('edit-bytes', bytes);
  return bytes;
}

/** Counts a join that was answered. @param ms from the request to the answer */
export function countJoin(counters: Counters, ms: number): void {
  counters.add('joins', 1);
  counters.observe('join', ms);
}
