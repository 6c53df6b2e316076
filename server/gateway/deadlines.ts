import type { Clock, Timer } from '../../shared/time.js';

/** Calls what has not happened in time, for any number of things that all have the same time: with one timer. */
export class Deadlines<T extends object> {
  /** In the order in which they are due. */
  private readonly due = new Map<T, number>();
  private timer: Timer | undefined;

  /** @param afterMs how long each has */
  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
    private readonly expire: (thing: T) => void,
  ) {}

  get size(): number {
    return this.due.size;
  }

  /** From now on it has its time, from the beginning if it had begun before. */
  start(thing: T): void {
    this.due.delete(thing);
    this.due.set(thing, this.clock.monotonic() + this.afterMs);
    this.timer ??= this.clock.schedule(this.afterMs, () => this.look());
  }

  /** It has happened, or is not awaited any more. */
  done(thing: T): void {
    this.due.delete(thing);
  }

  private look(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    for (const [thing, at] of this.due) {
      if (at > now) {
        this.timer = this.clock.schedule(at - now, () => this.look());
        return;
      }
      this.due.delete(thing);
      this.expire(thing);
    }
  }
}
