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
    ['a node took log rows that another one had merged and trimmed for damage', 10022],
    ['somebody who had left was seen for ever after his node had loaded the document again', 1824],
    ['a join in a document that was put away meanwhile read the snapshot again and again, for ever', 20993],
    [
      'edits that somebody brought along were refused for ever, because their author was seen on another node',
      1021672765,
    ],
  ])('[SIM1] %s', async (_, seed) => {
    await simulate(seed, { profile: { access: undefined } });
  });
});
