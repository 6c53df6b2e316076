import { backoff, type Random } from '../../../shared/time.js';
import type { Refusal } from '../../wire/protocol.js';

/** Before the next attempt: at first, and at most; and after "about to stop" (docs/PROTOCOL.md, Coming back). In milliseconds. */
const FIRST_PAUSE_MS = 500;
const STOPPING_PAUSE_MS = 200;
const MAX_PAUSE_MS = 8_000;
/** A connection that has held for so long was a good one. */
const GOOD_AFTER_MS = 5_000;
/** The copy or the clientID is of no use any more. */
const ANEW: readonly string[] = ['generation-changed', 'client-id-in-use', 'copy-diverged'];
/** Said to be final, and yet the client may come back: replaced by its own next connection, or too slow to join. */
const COMES_BACK: readonly string[] = ['session-replaced', 'not-joined'];

/** What a client does whose connection has ended; `attempts` is what counts at the next end. */
export type Next =
  | { readonly kind: 'again'; readonly pauseMs: number; readonly attempts: number }
  /** Somebody new, who knows nothing, comes in his place. */
  | { readonly kind: 'anew'; readonly attempts: number }
  | { readonly kind: 'denied'; readonly attempts: number };

/**
 * @param why what the server said, if it said anything
 * @param heldMs how long the connection had held
 * @param attempts how many came to nothing before it
 */
export function afterTheEnd(
  why: Refusal | undefined,
  heldMs: number,
  attempts: number,
  random: Random,
): Next {
  if (why !== undefined && ANEW.includes(why.code)) return { kind: 'anew', attempts: 0 };
  const forGood = why?.afterMs === undefined ? why?.retryable === false : why.afterMs < 0;
  if (why !== undefined && forGood && !COMES_BACK.includes(why.code)) return { kind: 'denied', attempts };
  const count = heldMs > GOOD_AFTER_MS ? 0 : attempts;
  const first = why?.code === 'shutting-down' ? STOPPING_PAUSE_MS : FIRST_PAUSE_MS;
  const named = why?.afterMs !== undefined && why.afterMs >= 0 ? why.afterMs : undefined;
  const pauseMs = named ?? backoff(count, first, MAX_PAUSE_MS, random);
  return { kind: 'again', pauseMs, attempts: count + 1 };
}
