import { describe, expect, test } from '@jest/globals';
import { SEED_TAKES_MS, seedsToRun, simulate } from './simulate.js';

/*
 * Clients, nodes, disk, bus and network in one process, with virtual time and all chance from one seed. `World` says what
 * is checked. Many more seeds: SEEDS=100000 npx jest tests/simulation/simulation.test.ts
 */

describe('the simulation', () => {
  const seeds = seedsToRun(450);

  test(
    '[SIM1] [SIM2] [SIM3] [SIM4] [SIM7] [SIM8] [SIM9] [SIM10] [SIM11] [SIM12] whatever breaks, what is shown or said to be saved is on the disk, and all copies become equal',
    async () => {
      for (const seed of seeds) await simulate(seed);
    },
    30_000 + seeds.length * SEED_TAKES_MS,
  );

  test('[SIM6] a seed always gives the same events', async () => {
    const [seed = 0] = seeds;
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect(second.trace.toString()).toBe(first.trace.toString());
    expect(second.timeline.now).toBe(first.timeline.now);
  });
});
