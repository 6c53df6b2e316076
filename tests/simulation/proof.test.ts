import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Progress } from '../../client/progress.js';
import { AckBeforeCommit, BroadcastBeforeCommit, NoCommitBarrier } from './broken-logs.js';
import { firstFailure, SEED_TAKES_MS } from './simulate.js';

/** The rarest of these failures shows in about one seed of thirty. */
const SEEDS = 300;
const TIMEOUT = SEEDS * SEED_TAKES_MS;

/* A simulation that passes proves something only if it fails where it should. */

describe.each([
  ['answers before the commit', AckBeforeCommit],
  ['shows edits before the commit', BroadcastBeforeCommit],
  ['does not wait for commits when somebody joins', NoCommitBarrier],
])('a server that %s', (_, Log) => {
  test(
    '[SIM5] is found by what it sends',
    async () => {
      expect(await firstFailure(SEEDS, { createLog: (home) => new Log(home) })).toBeDefined();
    },
    TIMEOUT,
  );

  test(
    '[SIM5] is found by the outcome alone',
    async () => {
      const options = { createLog: (home: ConstructorParameters<typeof Log>[0]) => new Log(home) };
      expect(await firstFailure(SEEDS, { ...options, watched: false })).toBeDefined();
    },
    TIMEOUT,
  );
});

describe('a client that does not notice gaps', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test(
    '[SIM5] is found by the outcome alone',
    async () => {
      const { received } = Progress.prototype;
      jest.spyOn(Progress.prototype, 'received').mockImplementation(function (this: Progress, from, end) {
        received.call(this, from, end);
        return true;
      });
      expect(await firstFailure(SEEDS, { watched: false })).toBeDefined();
    },
    TIMEOUT,
  );
});
