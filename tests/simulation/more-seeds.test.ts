import { test } from '@jest/globals';
import { SEED_TAKES_MS, seedsToRun, simulate } from './simulate.js';

/* More seeds of `simulation.test.ts`, in a file of their own so that jest runs them at the same time. */

const seeds = seedsToRun(450);

test(
  '[SIM1] [SIM2] [SIM3] [SIM4] [SIM7] [SIM8] [SIM9] [SIM10] [SIM11] [SIM12] the same for as many seeds again',
  async () => {
    for (const seed of seeds) await simulate(seed);
  },
  30_000 + seeds.length * SEED_TAKES_MS,
);
