import type { Random } from '../../shared/time.js';

export { seededRandom } from '../../tools/seeded-random.js';

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => between(random, 0, 255));
}
