import type { Clock, Random } from '../../shared/time.js';

/** Clients go to other nodes spread over this time, in milliseconds. */
const MOVE_WITHIN_MS = 5_000;
/** What a drain takes at most: the last to go need some round trips, and keep the old line for a moment. */
const DRAIN_MS = 6_500;
/** How often it is looked whether everybody has gone. */
const LOOK_EVERY_MS = 50;

/** A document, as far as a drain is concerned with it. */
export interface DrainedDocument {
  readonly sessionCount: number;
  moveSessions(afterMs: () => number): void;
}

export interface DrainOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The documents that are loaded now. */
  documents(): Iterable<DrainedDocument>;
}

/** Number of sessions that are here. */
export function sessionsOf({ documents }: Pick<DrainOptions, 'documents'>): number {
  let count = 0;
  for (const { sessionCount } of documents()) count += sessionCount;
  return count;
}

/**
 * Sends every session to another node, each at a time of its own, while it works on here. Fulfils when all have gone, or
 * when there is no more time.
 *
 * @param availableMs what it may take at most; less than 6.5 s makes the clients go sooner
 */
export async function moveSessions(availableMs: number, options: DrainOptions): Promise<void> {
  const { documents, random } = options;
  const wholeMs = Math.min(DRAIN_MS, availableMs);
  const spreadMs = (wholeMs * MOVE_WITHIN_MS) / DRAIN_MS;
  for (const document of documents()) document.moveSessions(() => Math.floor(random() * spreadMs));
  await untilEmpty(wholeMs, options);
}

/** Fulfils when no session is here any more, or after so many milliseconds. */
export async function untilEmpty(ms: number, options: DrainOptions): Promise<void> {
  const { clock } = options;
  const end = clock.monotonic() + ms;
  for (;;) {
    const left = end - clock.monotonic();
    if (left <= 0 || sessionsOf(options) === 0) return;
    await new Promise<void>((resolve) => {
      clock.schedule(Math.min(left, LOOK_EVERY_MS), resolve);
    });
  }
}
