import { randomInt } from 'node:crypto';
import { run } from './course.js';
import { World, type WorldOptions } from './world.js';

/** A generous bound for one seed on a busy machine, in milliseconds. */
export const SEED_TAKES_MS = 1_000;

/** Simulates one seed. @throws Error that says what broke, how to see it again, and what happened last */
export async function simulate(seed: number, options: WorldOptions = {}): Promise<World> {
  const world = new World(seed, options);
  try {
    await run(world);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `seed ${seed}: ${message}\nagain with: SEED=${seed} npx jest tests/simulation\n${world.trace}`,
      { cause },
    );
  }
  return world;
}

/** The seeds of a run: `SEED` alone if it is given, else so many (`SEEDS` if that is given) from a random one on. */
export function seedsToRun(count: number): number[] {
  const { SEED, SEEDS } = process.env;
  if (SEED !== undefined) return [Number(SEED)];
  const first = randomInt(2 ** 31);
  return Array.from({ length: SEEDS === undefined ? count : Number(SEEDS) }, (_, n) => first + n);
}

/** @returns the first of so many seeds, from 1 on, with which the simulation fails */
export async function firstFailure(seeds: number, options: WorldOptions): Promise<number | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await simulate(seed, options);
    } catch {
      return seed;
    }
  }
  return undefined;
}
