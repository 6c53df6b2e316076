import { describe, expect, test } from '@jest/globals';
import { CommitPace, type Pace } from '../../../server/documents/commit-pace.js';
import { documentNode, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

/** Commits whatever has come, for a second, on a node where a document is typed into every `gap` milliseconds. */
function commitFor(pace: Pace, gap: number) {
  let commits = 0;
  let longestWait = 0;
  let committed = 0;
  for (let now = gap; now < 1_000; ) {
    const wait = pace.wait(now);
    longestWait = Math.max(longestWait, wait);
    now += wait;
    const batches = Math.floor(now / gap) - committed;
    pace.begun(now, batches);
    committed += batches;
    commits++;
    // Half a millisecond is what a commit takes; then the next edit is there, or is waited for.
    now = Math.max(now + 0.5, (committed + 1) * gap);
  }
  return { commits, longestWait };
}

describe('the pace of commits', () => {
  test('[LOG17] where fewer than 500 documents a second are typed into, a commit begins at once', () => {
    expect(commitFor(new CommitPace(), 4)).toEqual({ commits: 249, longestWait: 0 });
    expect(commitFor(new CommitPace(), 2.1).longestWait).toBe(0);
  });

  test('[LOG17] where more are, a commit begins every 4 ms, with all that has gathered', () => {
    const { commits, longestWait } = commitFor(new CommitPace(), 0.5);
    expect(longestWait).toBeLessThanOrEqual(4);
    // The first few come quickly, before the rate is known.
    expect(commits).toBeGreaterThanOrEqual(250);
    expect(commits).toBeLessThan(330);
  });

  test('[LOG17] what gathers while a commit waits for its turn goes into it', async () => {
    const pace = new CommitPace();
    const { documents, store, clock } = documentNode({ pace });
    const ann = new Person();
    const bob = new Person();
    await ann.join(documents);
    await bob.join(documents);
    pace.begun(clock.monotonic(), 100);
    const answers = [ann.type('a'), bob.type('b')];
    await settle();
    const later = ann.type('c');
    await settle();
    expect(store.appends).toBe(0);
    clock.advance(4);
    expect(await Promise.all([...answers, later])).toEqual([1, 2, 3]);
    expect(store.appends).toBe(1);
  });
});
