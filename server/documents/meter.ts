import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';

/** What one connection may send: so much each second for long, so much at once after a rest. */
export interface MeterLimits {
  readonly maxUpdatesPerSecond: number;
  readonly updateBurst: number;
  /** Of updates, in bytes. */
  readonly maxBytesPerSecond: number;
  readonly bytesBurst: number;
  readonly maxJoinsPerSecond: number;
  readonly joinBurst: number;
  readonly maxAwarenessPerSecond: number;
  readonly awarenessBurst: number;
}

/** Of the application, which is no stranger, and of those who are measured elsewhere. */
export const UNLIMITED: MeterLimits = {
  maxUpdatesPerSecond: Number.POSITIVE_INFINITY,
  updateBurst: Number.POSITIVE_INFINITY,
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
  bytesBurst: Number.POSITIVE_INFINITY,
  maxJoinsPerSecond: Number.POSITIVE_INFINITY,
  joinBurst: Number.POSITIVE_INFINITY,
  maxAwarenessPerSecond: Number.POSITIVE_INFINITY,
  awarenessBurst: Number.POSITIVE_INFINITY,
};

/** A larger awareness state counts as several: everybody in the document is sent it. */
const BYTES_OF_A_STATE = 1_024;

const REFUSALS_PER_SECOND = 20;
const REFUSAL_BURST = 100;

/**
 * Measures what comes over one connection. Each bucket is one number, the time at which it will be full again (the
 * "generic cell rate algorithm" of ATM networks): nothing has to be refilled, and an idle connection costs some bytes.
 */
export class Meter {
  private updatesFullAt = 0;
  private bytesFullAt = 0;
  private joinsFullAt = 0;
  private awarenessFullAt = 0;
  private refusalsFullAt = 0;

  constructor(
    private readonly limits: MeterLimits,
    private readonly clock: Clock,
  ) {}

  /** An update of so many bytes has come. @throws CoscribeError `too-many-updates`, and then it does not count */
  update(bytes: number): void {
    const { maxUpdatesPerSecond, updateBurst, maxBytesPerSecond, bytesBurst } = this.limits;
    const now = this.clock.monotonic();
    const updates = afterTaking(this.updatesFullAt, now, 1, maxUpdatesPerSecond, updateBurst);
    const volume = afterTaking(this.bytesFullAt, now, bytes, maxBytesPerSecond, bytesBurst);
    if (updates === undefined || volume === undefined) throw new CoscribeError('too-many-updates');
    this.updatesFullAt = updates;
    this.bytesFullAt = volume;
  }

  /** Somebody connects to a document or joins it. @throws CoscribeError `too-many-joins`, and then it does not count */
  join(): void {
    const { maxJoinsPerSecond, joinBurst } = this.limits;
    const joins = afterTaking(this.joinsFullAt, this.clock.monotonic(), 1, maxJoinsPerSecond, joinBurst);
    if (joins === undefined) throw new CoscribeError('too-many-joins');
    this.joinsFullAt = joins;
  }

  /**
   * An awareness state of so many bytes has come; each 1,024 count as one state.
   *
   * @returns 0 if it may be shown now, and then it counts; else in how many milliseconds
   */
  awareness(bytes: number): number {
    const { maxAwarenessPerSecond: rate, awarenessBurst: burst } = this.limits;
    const now = this.clock.monotonic();
    const amount = Math.max(1, Math.ceil(bytes / BYTES_OF_A_STATE));
    const full = afterTaking(this.awarenessFullAt, now, amount, rate, burst);
    if (full === undefined)
      return Math.max(1, Math.ceil(this.awarenessFullAt - now - (Math.max(0, burst - amount) * 1000) / rate));
    this.awarenessFullAt = full;
    return 0;
  }

  /** Whether one more refusal may be sent that nobody waits for; who sends junk without end is not answered without end. */
  refusal(): boolean {
    const now = this.clock.monotonic();
    const full = afterTaking(this.refusalsFullAt, now, 1, REFUSALS_PER_SECOND, REFUSAL_BURST);
    if (full !== undefined) this.refusalsFullAt = full;
    return full !== undefined;
  }

  /** Calls what has to wait for `awareness` to have room, in so many milliseconds. */
  later(ms: number, run: () => void): void {
    this.clock.schedule(ms, run);
  }
}

/** A full bucket gives whatever is asked for, also more than it holds: everything has its turn once. */
export function afterTaking(
  fullAt: number,
  now: number,
  amount: number,
  perSecond: number,
  burst: number,
): number | undefined {
  const after = Math.max(fullAt, now) + (amount * 1000) / perSecond;
  return fullAt <= now || after - now <= (burst * 1000) / perSecond ? after : undefined;
}
