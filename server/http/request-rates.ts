import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import { afterTaking } from '../documents/meter.js';

export interface RequestLimits {
  /** That one address may send each second for long. */
  readonly maxRequestsPerSecond: number;
  /** That it may send at once after a rest. */
  readonly requestBurst: number;
}

/** About 100 bytes each. */
const MAX_ADDRESSES = 10_000;

/**
 * Measures requests by where they come from. One number is kept for each address that has asked lately, as in `Meter`; if there
 * are too many of them, the one that has not asked for longest is forgotten.
 */
export class RequestRates {
  /** When the bucket of each address is full again, in the order in which they asked last. */
  private readonly fullAt = new Map<string, number>();

  constructor(
    private readonly limits: RequestLimits,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** Addresses that are remembered. */
  get size(): number {
    return this.fullAt.size;
  }

  /** A request has come. @throws CoscribeError `too-many-requests`, and then it does not count */
  take(address: string): void {
    const { maxRequestsPerSecond, requestBurst } = this.limits;
    const now = this.clock.monotonic();
    const before = this.fullAt.get(address) ?? 0;
    const after = afterTaking(before, now, 1, maxRequestsPerSecond, requestBurst);
    this.fullAt.delete(address);
    this.fullAt.set(address, after ?? before);
    this.forget(now);
    if (after === undefined) throw new CoscribeError('too-many-requests');
  }

  private forget(now: number): void {
    for (const [address, fullAt] of this.fullAt) {
      if (fullAt > now && this.fullAt.size <= MAX_ADDRESSES) return;
      this.fullAt.delete(address);
    }
  }
}
