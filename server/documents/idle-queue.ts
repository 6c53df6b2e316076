import type { Clock, Timer } from '../../shared/time.js';

/** What is idle and will end when it stays so for long enough: one timer for all of it, not one for each. */
export class IdleQueue<Item> {
  /** When each became idle, the longest idle first. */
  private readonly since = new Map<Item, number>();
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    /** Time that something may be idle, in milliseconds. */
    private readonly patienceMs: number,
    /** Called once for what was idle for so long; it has left the queue then. */
    private readonly onExpired: (item: Item) => void,
  ) {}

  /** The item is idle from now on. */
  add(item: Item): void {
    this.since.set(item, this.clock.monotonic());
    this.timer ??= this.clock.schedule(this.patienceMs, () => this.expire());
  }

  /** The item is needed again, or gone. */
  delete(item: Item): void {
    if (!this.since.delete(item) || this.since.size > 0 || this.timer === undefined) return;
    this.clock.cancel(this.timer);
    this.timer = undefined;
  }

  private expire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    const expired: Item[] = [];
    for (const [item, since] of this.since) {
      const left = since + this.patienceMs - now;
      if (left > 0) {
        this.timer = this.clock.schedule(left, () => this.expire());
        break;
      }
      expired.push(item);
    }
    // One that ends may bring another one back to life.
    for (const item of expired) if (this.since.delete(item)) this.onExpired(item);
  }
}
