import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { NodeCounters } from '../../../server/telemetry/node-counters.js';
import { CrdtThread } from '../../../server/workers/crdt-thread.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import { systemClock } from '../../../shared/time.js';

test('[METRIC9] jobs of a thread are counted and timed, those that wait, those that fail and those that find no room', async () => {
  const counters = new NodeCounters();
  const clock = systemClock({ unref: true });
  const queue = { maxJobs: 2, maxBytes: 2 ** 20 };
  const crdt = new CrdtThread({ clock, counters, maxDocumentBytes: 2 ** 20, queue });
  try {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'hello');
    const update = Y.encodeStateAsUpdate(doc);
    // The bytes go to the thread: each job needs its own.
    const compact = (): Promise<unknown> =>
      crdt.compact({ state: undefined, since: encodeUpdateList([update]), again: false });
    const [first, ...others] = [compact(), compact(), compact(), compact()];
    expect(crdt.waiting).toBe(2);
    const outcomes = await Promise.allSettled([first, ...others]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(crdt.waiting).toBe(0);
    const { 'crdt-job': jobs } = counters.measures;
    expect([jobs.count, counters.amounts['crdt-job-failures']]).toEqual([3, 1]);
    expect(jobs.buckets().sum).toBeGreaterThan(0);
    const underWay = compact();
    const isOver = expect(underWay).rejects.toMatchObject({ code: 'shutting-down' });
    await crdt.close();
    await isOver;
    expect([jobs.count, counters.amounts['crdt-job-failures']]).toEqual([3, 2]);
  } finally {
    await crdt.close();
  }
});
