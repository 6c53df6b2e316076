import type { CoscribeError, ErrorCode } from '../../../shared/errors.js';
import type { Clock, Random } from '../../../shared/time.js';
import { closeCodeOf } from './close-codes.js';
import type { WebSocketLine } from './web-socket-line.js';

/** So many refusals an address gets at once, and then one in so long (milliseconds). */
const BURST = 20;
const EVERY_MS = 2_000;
/** Nobody is kept waiting longer for being closed: clients that hear nothing for 30 s leave by themselves. */
const MAX_WAIT_MS = 20_000;
/** Whom something that passes keeps out comes back at once: he is let go after 1 s, and 2 s more at most. */
const PASSING_MS = 1_000;
const PASSING_SPREAD_MS = 2_000;
/** Who is told to come back later is let go then, if that is not too long: he may not know what he is told. */
const MAX_COME_BACK_MS = 5_000;
/** What passes for whoever was in: to have been taken for somebody else, or for an old connection of one's own, too. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['not-joined', 'session-replaced']);
/** About 100 bytes each. */
const MAX_ADDRESSES = 10_000;

/**
 * Ends connections of clients that come back at once, whatever they are told: y-websocket's up to 3.0 do, ten times a second
 * and for ever, because for them a connection that was opened has succeeded. Nothing but the connection itself holds them
 * up, so it is closed the later the more often that happens.
 */
export class Farewells {
  /** When each address has used up nothing again, in the order in which they were refused last. */
  private readonly freeAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /**
   * Closes a line with the code and the sentence of an error.
   *
   * @param comeBackAfterMs when the client may come back, -1 for never; absent if it was not let in
   */
  end(line: Pick<WebSocketLine, 'address' | 'close'>, error: CoscribeError, comeBackAfterMs?: number): void {
    const isLetIn = comeBackAfterMs !== undefined && comeBackAfterMs >= 0;
    const mayComeBack = error.retryable || (isLetIn && PASSING.has(error.code));
    const wait = isLetIn
      ? Math.min(comeBackAfterMs, MAX_COME_BACK_MS)
      : Math.max(this.waitOf(line.address), mayComeBack ? this.passing() : 0);
    const close = (): void => line.close(closeCodeOf(error, mayComeBack), error.message);
    if (wait > 0) this.clock.schedule(wait, close);
    else close();
  }

  private passing(): number {
    return PASSING_MS + this.random() * PASSING_SPREAD_MS;
  }

  private waitOf(address: string): number {
    const now = this.clock.monotonic();
    const latest = now + BURST * EVERY_MS + MAX_WAIT_MS;
    const freeAt = Math.min(Math.max(this.freeAt.get(address) ?? 0, now) + EVERY_MS, latest);
    this.freeAt.delete(address);
    this.freeAt.set(address, freeAt);
    this.forget(now);
    return Math.max(0, freeAt - now - BURST * EVERY_MS);
  }

  private forget(now: number): void {
    for (const [address, freeAt] of this.freeAt) {
      if (freeAt > now && this.freeAt.size <= MAX_ADDRESSES) return;
      this.freeAt.delete(address);
    }
  }
}
