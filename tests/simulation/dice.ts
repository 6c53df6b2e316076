import type { Random } from '../../shared/time.js';

/** Chance in the forms that a simulation needs, all of it from one seed. */
export class Dice {
  constructor(readonly random: Random) {}

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  /** A number from `low` to `high` whose logarithm is evenly spread: mostly small ones. */
  spread(low: number, high: number): number {
    return low * (high / low) ** this.random();
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
