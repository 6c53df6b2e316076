import { afterEach, describe, expect, test } from '@jest/globals';
import { ACCESS_EVENTS } from './access-profile.js';
import {
  accessNotPolled,
  joinsUnreviewed,
  rejectedEditsDropped,
  rolesKept,
  tokensEndless,
} from './broken-access.js';
import type { Profile } from './profile.js';
import { firstFailure, SEED_TAKES_MS } from './simulate.js';

/** The rarest of these failures shows in about one seed of thirty. */
const SEEDS = 300;

/** A world in which much changes, little of it is told, and people come and go all the time. */
const profile: Partial<Profile> = {
  access: { events: ACCESS_EVENTS, changeEvery: 2_000, tokenLife: 20_000, hinted: 0.3 },
  faults: ['cut', 'stall'],
  faultEvery: 300,
  duration: 40_000,
  clients: 4,
  works: 40,
  latency: 150,
  store: 'pool',
  storeLatency: 80,
};

describe('what is left out where access changes', () => {
  let putBack = (): void => {};

  afterEach(() => putBack());

  test.each([
    ['no node looks in the store for changes of access', accessNotPolled],
    ['a change between the door and the join is passed over', joinsUnreviewed],
    ['a session keeps the role that it began with', rolesKept],
    ['nobody looks when tokens end', tokensEndless],
    ['edits that are refused for good are dropped', rejectedEditsDropped],
  ])(
    '[SIM13] is found: %s',
    async (_, leaveOut) => {
      putBack = leaveOut();
      expect(await firstFailure(SEEDS, { profile })).toBeDefined();
    },
    SEEDS * SEED_TAKES_MS,
  );
});
