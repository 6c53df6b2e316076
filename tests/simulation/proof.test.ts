import { afterEach, describe, expect, test } from '@jest/globals';
import { AckBeforeCommit, BroadcastBeforeCommit, NoCommitBarrier } from './broken-logs.js';
import {
  clientIgnoresGaps,
  gapsIgnored,
  gapsNotPulled,
  noAntiEntropy,
  presenceWithoutOwner,
  rowsNotTrimmed,
} from './broken-nodes.js';
import { firstFailure, SEED_TAKES_MS } from './simulate.js';

/** The rarest of these failures shows in about one seed of fifty. */
const SEEDS = 300;
const TIMEOUT = SEEDS * SEED_TAKES_MS;

/* A simulation that passes proves something only if it fails where it should. */

describe.each([
  ['answers before the commit', AckBeforeCommit],
  ['shows edits before the commit', BroadcastBeforeCommit],
  ['does not wait for commits when somebody joins', NoCommitBarrier],
])('a server that %s', (_, Log) => {
  const createLog = (home: ConstructorParameters<typeof Log>[0]) => new Log(home);

  test(
    '[SIM5] is found by what it sends',
    async () => {
      expect(await firstFailure(SEEDS, { createLog })).toBeDefined();
    },
    TIMEOUT,
  );

  test(
    '[SIM5] is found by the outcome alone',
    async () => {
      expect(await firstFailure(SEEDS, { createLog, watched: false })).toBeDefined();
    },
    TIMEOUT,
  );
});

describe('what is left out', () => {
  let putBack = (): void => {};

  afterEach(() => putBack());

  test.each([
    ['no node looks in the store for what the bus has lost', noAntiEntropy],
    ['a node takes rows that are ahead as if they were the next', gapsIgnored],
    ['a node that is short of rows waits for them', gapsNotPulled],
    ['whoever notices that a client has left it says that the client is gone', presenceWithoutOwner],
    ['a client does not notice gaps', clientIgnoresGaps],
  ])(
    '[SIM5] is found by the outcome alone: %s',
    async (_, leaveOut) => {
      putBack = leaveOut();
      expect(await firstFailure(SEEDS, { watched: false })).toBeDefined();
    },
    TIMEOUT,
  );

  test(
    '[SIM5] is found by what it sends: an edit that is in the log twice is shown twice',
    async () => {
      putBack = rowsNotTrimmed();
      expect(await firstFailure(SEEDS, {})).toBeDefined();
    },
    TIMEOUT,
  );

  test(
    '[SIM5] is found by the outcome alone: a node loads a document before it is sure to hear of it',
    async () => {
      expect(await firstFailure(SEEDS, { confirmsSubscriptions: false, watched: false })).toBeDefined();
    },
    TIMEOUT,
  );
});
