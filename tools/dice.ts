import type { Random } from '../shared/time.js';
import { seededRandom } from './seeded-random.js';

/** Everything that chance decides in a run, out of one seed. */
export class Dice {
  readonly random: Random;

  constructor(readonly seed: number) {
    this.random = seededRandom(seed);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** @throws RangeError if there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    const [picked] = from.slice(this.between(0, from.length - 1));
    if (picked === undefined) throw new RangeError('There is nothing to pick from.');
    return picked;
  }

  /** `count` different ones. */
  some<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0)
      taken.push(...left.splice(this.between(0, left.length - 1), 1));
    return taken;
  }
}
