import type { Clock, Timer } from '../../shared/time.js';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that goes only when told to. */
export class ManualClock implements Clock {
  private now = 0;
  private timers: Due[] = [];

  monotonic(): number {
    return this.now;
  }

  wall(): number {
    return 1_700_000_000_000 + this.now;
  }

  schedule(delay: number, run: () => void): Timer {
    const due = { at: this.now + Math.max(0, delay), run };
    this.timers.push(due);
    return { timer: due };
  }

  cancel({ timer }: Timer): void {
    this.timers = this.timers.filter((due) => due !== timer);
  }

  get pending(): number {
    return this.timers.length;
  }

  /** Lets so many milliseconds pass; what is due runs in order, and what it starts runs if it is due too. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.cancel({ timer: next });
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
  }
}

/** Lets everything that waits only for promises go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
