import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CrdtThread, type CrdtThreadOptions } from '../../../server/workers/crdt-thread.js';
import type { Compacted } from '../../../server/workers/crdt-work.js';
import { isShared } from '../../../server/workers/shared-bytes.js';
import { hashContent } from '../../../shared/content-hash.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import { systemClock } from '../../../shared/time.js';
import { ManualClock } from '../../support/manual-clock.js';
import { until } from '../../support/until.js';
import { buildUpdate, string } from '../../support/update-builder.js';

const open: CrdtThread[] = [];

afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close();
});

function thread(options: Partial<CrdtThreadOptions> = {}): CrdtThread {
  const made = new CrdtThread({ clock: systemClock({ unref: true }), maxDocumentBytes: 2 ** 20, ...options });
  open.push(made);
  return made;
}

function compact(crdt: CrdtThread, updates: readonly Uint8Array[], again = false): Promise<Compacted> {
  return crdt.compact({ state: undefined, since: encodeUpdateList(updates), again });
}

function written(words = 200): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText('text');
  for (let n = 0; n < words; n++) text.insert((n * 7) % (text.length + 1), `word${n} `);
  return { doc, updates };
}

function textOf(state: Uint8Array): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc.getText('text').toString();
}

/** Takes Yjs seconds: every character looks for its place among all those before it. Each update for itself is honest. */
function slow(length: number): Uint8Array {
  const between = Array.from({ length: length - 2 }, (_, n) =>
    string('y', { origin: [1, 0], right: [1, n + 2] }),
  );
  return buildUpdate([
    { client: 2, clock: 0, structs: between },
    { client: 1, clock: 0, structs: [string('x'.repeat(length))] },
  ]);
}

describe('the CRDT thread', () => {
  test('[LOG16] does one document after the other, and a bad one harms none of the others', async () => {
    const { doc, updates } = written();
    const crdt = thread();
    const [first, bad, last] = await Promise.allSettled([
      compact(crdt, updates),
      compact(crdt, updates.slice(1)),
      compact(crdt, updates),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'document-unreadable' } });
    for (const result of [first, last]) {
      if (result.status === 'rejected') throw result.reason;
      expect(textOf(result.value.state)).toBe(doc.getText('text').toString());
    }
  });

  test('[WORK3] a job that takes too long is ended; those behind it are done in a new thread', async () => {
    const { doc, updates } = written();
    const crdt = thread({ mostMs: 400 });
    const [endless, next] = await Promise.allSettled([compact(crdt, [slow(10_000)]), compact(crdt, updates)]);
    expect(endless).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    if (next.status === 'rejected') throw next.reason;
    expect(textOf(next.value.state)).toBe(doc.getText('text').toString());
  });

  test('[WORK4] a document that takes too much memory costs its own compaction only', async () => {
    const { doc, updates } = written();
    // A limit far below what such a document may be elsewhere.
    const crdt = thread({ maxDocumentBytes: 0 });
    const many = buildUpdate([
      {
        client: 1,
        clock: 0,
        structs: Array.from({ length: 500_000 }, (_, n) =>
          string('x', n === 0 ? undefined : { right: [1, n - 1] }),
        ),
      },
    ]);
    const [large, next] = await Promise.allSettled([compact(crdt, [many]), compact(crdt, updates)]);
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    if (next.status === 'rejected') throw next.reason;
    expect(textOf(next.value.state)).toBe(doc.getText('text').toString());
  });

  test('[WORK5] on Linux it steps back behind all other threads, and only it does; elsewhere nothing does', async () => {
    const own = getPriority();
    const before = nicenesses();
    await compact(thread(), written().updates);
    expect(getPriority()).toBe(own);
    const after = nicenesses();
    for (const [id, niceness] of before) expect(after.get(id) ?? niceness).toBe(niceness);
    const added = [...after].filter(([id]) => !before.has(id)).map(([, niceness]) => niceness);
    if (process.platform === 'linux') expect(added).toContain(own + 10);
  });

  test('[WORK6] large states come back in memory that all threads share, and go there again as they are', async () => {
    const { doc, updates } = written(8_000);
    const crdt = thread({ clock: new ManualClock() });
    const { state } = await compact(crdt, updates);
    expect(isShared(state)).toBe(true);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, state);
    const missed: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => missed.push(update));
    doc.getText('text').insert(0, 'later ');
    const next = await crdt.compact({ state, since: encodeUpdateList(missed), again: false });
    expect(textOf(state)).toBe(copy.getText('text').toString());
    const diff = await crdt.diff(next.state, Y.encodeStateVector(copy));
    expect(diff?.length).toBeLessThan(next.state.length / 10);
    Y.applyUpdate(copy, diff ?? new Uint8Array());
    expect(copy.getText('text').toString()).toBe(doc.getText('text').toString());
  });

  test('[WORK7] copies that come back together are compared together, and each gets its own difference', async () => {
    const { doc } = written(2_000);
    const text = doc.getText('text');
    const copies = Array.from({ length: 40 }, () => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
      text.insert(text.length, 'and so on ');
      return copy;
    });
    const state = Y.encodeStateAsUpdate(doc);
    const crdt = thread({ clock: new ManualClock() });
    const diffs = await Promise.all(copies.map((copy) => crdt.diff(state, Y.encodeStateVector(copy))));
    for (const [at, copy] of copies.entries()) {
      expect(diffs[at]).toEqual(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy)));
      Y.applyUpdate(copy, diffs[at] ?? new Uint8Array());
      expect(copy.getText('text').toString()).toBe(text.toString());
    }
    expect(new Set(diffs.map((diff) => diff?.length)).size).toBeGreaterThan(1);
    expect(await crdt.diff(state, Uint8Array.of(0))).toBeUndefined();
  });

  test('[WORK2] nobody waits long for a difference: a busy thread refuses it', async () => {
    const clock = new ManualClock();
    const crdt = thread({ clock });
    const jobs = Promise.allSettled([
      compact(crdt, [slow(10_000)]),
      crdt.diff(Y.encodeStateAsUpdate(written().doc), Uint8Array.of(0)),
    ]);
    clock.advance(500);
    await crdt.close();
    const codes = (await jobs).map((job) => (job.status === 'rejected' ? job.reason.code : 'done'));
    expect(codes).toEqual(['shutting-down', 'internal']);
  });

  test('[CHECK6] [WORK1] it hashes contents when there is nothing else to do, as a fresh document shows them', async () => {
    const { doc, updates } = written();
    const crdt = thread();
    const state = (await compact(crdt, updates.slice(0, 100))).state;
    const done: string[] = [];
    const jobs = Promise.all([
      compact(crdt, updates).then(() => done.push('first')),
      crdt.hash({ state, since: encodeUpdateList(updates.slice(100)) }).then((hash) => {
        done.push('hash');
        expect(hash).toBe(hashContent(doc));
      }),
      compact(crdt, updates).then(() => done.push('second')),
    ]);
    await jobs;
    expect(done).toEqual(['first', 'second', 'hash']);
    await expect(
      crdt.hash({ state: undefined, since: encodeUpdateList(updates.slice(1)) }),
    ).rejects.toMatchObject({ code: 'document-unreadable' });
  });

  test('[WORK8] a thread without work ends, and the next job starts another', async () => {
    const clock = new ManualClock();
    const crdt = thread({ clock });
    await compact(crdt, written().updates);
    clock.advance(9_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(clock.pending).toBe(0);
    const lowPriority = (): number =>
      [...nicenesses().values()].filter((niceness) => niceness > getPriority()).length;
    await until(() => lowPriority() === 0, 'the thread to end');
    await compact(crdt, written().updates);
  });

  test('[WORK2] what does not fit into the queue is refused at once; what waits at the end fails', async () => {
    const { updates } = written();
    const crdt = thread({ queue: { maxJobs: 1, maxBytes: 1e9 } });
    const jobs = Promise.allSettled([0, 1, 2].map(() => compact(crdt, updates)));
    await crdt.close();
    const codes = (await jobs).map((job) => (job.status === 'rejected' ? job.reason.code : 'done'));
    expect(codes).toEqual(['shutting-down', 'shutting-down', 'internal']);
    await expect(compact(crdt, updates)).rejects.toMatchObject({ code: 'shutting-down' });
  });
});

/** Niceness of each thread of this process, where threads have one: field 19 of proc(5)'s `stat`, counted from behind the name. */
function nicenesses(): Map<string, number> {
  if (process.platform !== 'linux') return new Map();
  return new Map(
    readdirSync('/proc/self/task').flatMap((id) => {
      const stat = statOf(id);
      return stat === undefined ? [] : [[id, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])]];
    }),
  );
}

/** `undefined` for a thread that has ended since it was listed. */
function statOf(id: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
  } catch {
    return undefined;
  }
}
