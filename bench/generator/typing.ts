import type { Schedule } from './schedule.js';

/** Timers of Node come up to so much late, in milliseconds; the rest of the way is spun. */
const TIMER_SLACK_MS = 2.2;
const TIMER_ERROR_MS = 1.2;

export interface TypingOptions {
  readonly schedule: Schedule;
  /** No character is typed that is due at this time or later, by `performance.now()`. */
  readonly endsAt: number;
  /** Sends the character. `due` is when it should have gone, `now` when it goes. */
  readonly send: (typist: number, clock: number, due: number, now: number) => void;
  /** Grows with whatever else this process does: see `spunMs`. */
  readonly activity: () => number;
}

/**
 * Types by the schedule. Waits for the next character in the event loop, turning round and round when it is near: a timer of
 * milliseconds is too coarse for latencies of half a millisecond.
 */
export class Typing {
  /** Time spent on turning round with nothing to do, in milliseconds: CPU that the process could have used otherwise. */
  spunMs = 0;
  private turn = 0;
  private stopped = false;
  private restingSince: number | undefined;
  private activityThen = 0;
  private finish: () => void = () => {};

  constructor(private readonly options: TypingOptions) {}

  /** Fulfils when the last character is sent. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.finish = resolve;
      this.step();
    });
  }

  /** Types nothing more. */
  stop(): void {
    this.stopped = true;
  }

  private readonly step = (): void => {
    const { schedule, endsAt, activity, send } = this.options;
    let now = performance.now();
    if (this.restingSince !== undefined && this.activityThen === activity())
      this.spunMs += now - this.restingSince;
    this.restingSince = undefined;
    const first = this.turn;
    for (;;) {
      const typist = schedule.typistOf(this.turn);
      const clock = schedule.clockOf(this.turn);
      const due = typist === undefined ? endsAt : schedule.due(typist, clock);
      if (typist === undefined || due >= endsAt || this.stopped) {
        this.finish();
        return;
      }
      if (due > now) {
        this.rest(due - now, this.turn === first ? now : undefined);
        return;
      }
      this.turn++;
      send(typist, clock, due, now);
      now = performance.now();
    }
  };

  private rest(ms: number, idleSince: number | undefined): void {
    if (ms > TIMER_SLACK_MS) {
      setTimeout(this.step, ms - TIMER_ERROR_MS);
      return;
    }
    this.restingSince = idleSince ?? performance.now();
    this.activityThen = this.options.activity();
    setImmediate(this.step);
  }
}
