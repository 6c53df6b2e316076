import { describe, expect, test } from '@jest/globals';
import { LimitSearch, type SearchOptions } from '../../../load/run/search.js';
import type { Random } from '../../../shared/time.js';
import { forSeeds } from '../../support/seeds.js';

/** Searches until it knows. @returns what it found, and what it measured on the way */
function search(options: SearchOptions, holds: (level: number) => boolean) {
  const limit = new LimitSearch(options);
  const levels: number[] = [];
  for (let level = limit.next; level !== undefined; level = limit.next) {
    levels.push(level);
    limit.tell(level, holds(level));
  }
  const found = limit.limit;
  if (found === undefined) throw new Error('nothing was measured');
  return { ...found, levels };
}

/** A server whose p99 rises as it nears its capacity, which changes from level to level and from window to window. */
function noisyServer(random: Random, capacity: number, noise: number) {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return (level: number): boolean => {
    const now = capacity * Math.exp(noise * normal());
    const windows = [0, 1, 2].map(() => {
      const then = now * Math.exp(noise * normal());
      return level >= then ? Number.POSITIVE_INFINITY : (5 / (1 - level / then)) * Math.exp(0.5 * normal());
    });
    return windows.filter((p99) => p99 < 250).length >= 2;
  };
}

describe('the search for the limit', () => {
  test('[LOAD6] grows until a level breaks, and then closes in on where', () => {
    const { typists, held, broke, levels } = search(
      { from: 8, step: 2, most: 10_000 },
      (level) => level < 300,
    );
    expect(levels.slice(0, 7)).toEqual([8, 16, 32, 64, 128, 256, 512]);
    expect(typists).toBeGreaterThan(280);
    expect(typists).toBeLessThan(320);
    expect(held).toBeLessThanOrEqual(typists);
    expect(broke).toBeGreaterThanOrEqual(typists);
    expect(levels.length).toBeLessThan(20);
  });

  test('[LOAD6] says so when the highest level holds, and looks twice', () => {
    expect(search({ from: 8, step: 2, most: 50 }, () => true)).toEqual({
      complete: true,
      typists: 50,
      held: 50,
      broke: null,
      levels: [8, 16, 32, 50, 50],
    });
  });

  test('[LOAD6] goes down when the first level breaks already, to one typist if need be', () => {
    const { typists } = search({ from: 500, step: 2, most: 1_000 }, (level) => level < 20);
    expect(typists).toBeGreaterThan(17);
    expect(typists).toBeLessThan(23);
    const hopeless = search({ from: 100, step: 2, most: 1_000 }, () => false);
    expect(hopeless.held).toBe(0);
    expect(hopeless.broke).toBe(1);
  });

  test('[LOAD6] one mishap on the way up does not decide', () => {
    let mishap = true;
    const { typists } = search({ from: 8, step: 2, most: 10_000 }, (level) => {
      if (level === 64 && mishap) {
        mishap = false;
        return false;
      }
      return level < 300;
    });
    expect(typists).toBeGreaterThan(250);
    expect(typists).toBeLessThan(350);
  });

  test('[LOAD6] a machine that is busy for a while does not decide: what is found is looked at again, a little higher', () => {
    let measured = 0;
    const { typists, levels } = search({ from: 8, step: 2, most: 10_000 }, (level) => {
      measured++;
      // From the first break on, for as long as it takes to become sure of it.
      return level < (measured > 6 && measured < 14 ? 250 : 300);
    });
    expect(levels.length).toBeGreaterThan(14);
    expect(typists).toBeGreaterThan(280);
    expect(typists).toBeLessThan(320);
  });

  test('[LOAD6] three searches on a noisy server agree within 15 % in 19 of 20 cases', () => {
    forSeeds(1, 'tests/load/run/search.test.ts', (random) => {
      let apart = 0;
      for (let times = 0; times < 20; times++) {
        const server = noisyServer(random, 1_000, 0.05);
        const found = [1, 2, 3].map(() => search({ from: 16, step: 2, most: 100_000 }, server));
        const limits = found.map(({ typists }) => typists);
        if (Math.max(...limits) > 1.15 * Math.min(...limits)) apart++;
        for (const { levels } of found) expect(levels.length).toBeLessThanOrEqual(32);
      }
      expect(apart).toBeLessThanOrEqual(1);
    });
  });
});
