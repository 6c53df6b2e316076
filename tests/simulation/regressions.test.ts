import { describe, test } from '@jest/globals';
import { simulate } from './simulate.js';

/*
 * Seeds that found a bug. A seed is bound to the simulation as it was: when that changes, it becomes one seed among
 * others, and the bug is held by the test of the part alone.
 */

describe('what was wrong once', () => {
  test.each([
    ['the join of a dead connection, answered late, shut out the client that had come back', 340],
    ['a client whose connection was congested for a moment saw ghosts, and missed people, for good', 67],
    ['an update larger than all that may wait was never let in, and its client tried for ever', 18],
    ['a join asked for log rows that a compaction was about to trim, and was refused', 1312],
    ['a session whose first join failed half-way kept its document open for ever', 164376996],
  ])('[SIM1] %s', async (_, seed) => {
    await simulate(seed);
  });
});
