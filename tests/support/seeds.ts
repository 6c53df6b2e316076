import { randomInt } from 'node:crypto';
import type { Random } from '../../shared/time.js';

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Runs a random test `times` times, each time with another seed. With the environment variable `SEED` it runs that seed alone.
 *
 * @param rerun what comes after `npx jest` to run this test again
 * @throws Error with the seed and the command that repeats the failure
 */
export function forSeeds(times: number, rerun: string, body: (random: Random) => void): void {
  const given = process.env.SEED;
  const first = given === undefined ? randomInt(2 ** 31) : Number(given);
  for (let seed = first; seed < first + (given === undefined ? times : 1); seed += 1) {
    try {
      body(seededRandom(seed));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${seed} fails; again with: SEED=${seed} npx jest ${rerun}\n${message}`, {
        cause,
      });
    }
  }
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => between(random, 0, 255));
}
