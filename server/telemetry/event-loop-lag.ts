import type { Clock, Timer } from '../../shared/time.js';

/** How often the event loop is looked at, in milliseconds. */
const EVERY_MS = 100;
/**
 * How much the latest of them counts. A collection of garbage or a busy neighbour on the machine for a quarter of a second
 * is no reason to turn people away; a second of it is, and so is a loop that is late all the time.
 */
const WEIGHT = 0.3;

/**
 * How late the event loop is with its work, of late: by how much a timer is called after its time. One timer, which runs
 * ten times a second, and not Node's own histogram (`monitorEventLoopDelay`), which forgets nothing until it is reset.
 */
export class EventLoopLag {
  private average = 0;
  private due = 0;
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly maxLagMs: number,
  ) {
    this.schedule();
  }

  /** In milliseconds; what is late at this very moment counts too. */
  get ms(): number {
    const overdue = this.clock.monotonic() - this.due;
    return overdue > 0 ? Math.max(this.average, this.averageWith(overdue)) : this.average;
  }

  /** It is late by more than the limit: nobody more should be let in. */
  get tooLong(): boolean {
    return this.ms > this.maxLagMs;
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    this.due = this.clock.monotonic() + EVERY_MS;
    this.timer = this.clock.schedule(EVERY_MS, () => {
      this.average = this.averageWith(Math.max(0, this.clock.monotonic() - this.due));
      this.schedule();
    });
  }

  private averageWith(sample: number): number {
    return this.average + (sample - this.average) * WEIGHT;
  }
}
