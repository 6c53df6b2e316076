import { randomInt } from 'node:crypto';
import type { Random } from '../../shared/time.js';
import { seededRandom } from './random.js';

export { between, randomBytes, seededRandom } from './random.js';

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

/** The same for a test that takes turns of the event loop. */
export async function forSeedsInTurn(
  times: number,
  rerun: string,
  body: (random: Random) => Promise<void>,
): Promise<void> {
  const given = process.env.SEED;
  const first = given === undefined ? randomInt(2 ** 31) : Number(given);
  for (let seed = first; seed < first + (given === undefined ? times : 1); seed += 1) {
    try {
      await body(seededRandom(seed));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${seed} fails; again with: SEED=${seed} npx jest ${rerun}\n${message}`, {
        cause,
      });
    }
  }
}
