import type { Random } from '../../shared/time.js';

export interface ScheduleOptions {
  /** Numbers of the typists. */
  readonly typists: readonly number[];
  /** Edits a second of each. */
  readonly rate: number;
  /** When the first of them may begin, by `performance.now()`. */
  readonly startsAt: number;
  readonly random: Random;
}

/**
 * When each typist types each character: at a steady rate, whatever the server does, each typist at a moment of the interval
 * that was drawn for it. All times are in milliseconds of `performance.now()`.
 */
export class Schedule {
  readonly startsAt: number;
  readonly interval: number;
  /** The order in which the typists take their turns, the same in every interval. */
  private readonly order: readonly number[];
  /** By number; `NaN` for whoever does not type. */
  private readonly phases: Float64Array;

  constructor({ typists, rate, startsAt, random }: ScheduleOptions) {
    this.startsAt = startsAt;
    this.interval = 1000 / rate;
    this.phases = new Float64Array(Math.max(-1, ...typists) + 1).fill(Number.NaN);
    for (const typist of typists) this.phases[typist] = random() * this.interval;
    this.order = [...typists].sort((a, b) => this.phase(a) - this.phase(b));
  }

  /** When the typist types the character with this clock. */
  due(typist: number, clock: number): number {
    return this.startsAt + this.phase(typist) + clock * this.interval;
  }

  /** The first clock of the typist that is due at this time or later. */
  clockAt(typist: number, time: number): number {
    return Math.max(0, Math.ceil((time - this.startsAt - this.phase(typist)) / this.interval));
  }

  /** Who types the `turn`-th character of all, counted from 0; `undefined` if nobody types at all. */
  typistOf(turn: number): number | undefined {
    return this.order[turn % this.order.length];
  }

  /** The clock of the `turn`-th character of all. */
  clockOf(turn: number): number {
    return Math.floor(turn / this.order.length);
  }

  private phase(typist: number): number {
    return this.phases[typist] ?? Number.NaN;
  }
}
