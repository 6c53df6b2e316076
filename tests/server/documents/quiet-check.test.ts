import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { QuietCheck, type QuietCheckOptions } from '../../../server/documents/quiet-check.js';
import { QuietChecks } from '../../../server/documents/quiet-checks.js';
import { SnapshotCache } from '../../../server/documents/snapshot-cache.js';
import { Tail } from '../../../server/documents/tail.js';
import type { CounterName } from '../../../server/telemetry/counters.js';
import { compactUpdates } from '../../../server/workers/compact-updates.js';
import { hashContent } from '../../../shared/content-hash.js';
import { CoscribeError } from '../../../shared/errors.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import type { ContentCheck } from '../../../shared/protocol.js';
import { collectLog } from '../../support/collect-log.js';
import { inlineCrdt, NOTES } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const QUIET_MS = 10_000;

/** A document of 20 words, as the store has it. */
async function written() {
  const store = new GatedStore();
  const doc = new Y.Doc();
  const rows: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => rows.push(update));
  for (let n = 0; n < 20; n++) doc.getText('text').insert(0, `word${n} `);
  const { generation } = await store.open(NOTES, 0);
  const log = rows.map((update) => ({ update, clientId: doc.clientID, author: 'ada' }));
  await store.append([{ id: NOTES, generation, rows: log, committedAt: 0 }]);
  return { store, doc, rows, generation };
}

type Document = Awaited<ReturnType<typeof written>>;

/** One node's copy of it; `held` is what it has instead of some of the rows. */
function nodeOf(
  { store, rows, generation }: Document,
  { held = rows, options = {} }: { held?: readonly Uint8Array[]; options?: Partial<QuietCheckOptions> } = {},
) {
  const clock = new ManualClock();
  const log = collectLog();
  const counted = new Map<CounterName, number>();
  const toSessions: ContentCheck[] = [];
  const toNodes: ContentCheck[] = [];
  const rebuilds: CoscribeError[] = [];
  const tail = new Tail(1);
  for (const update of held) tail.push(update);
  const stored = { tail, snapshotSeq: 0, snapshotBytes: 0, firstRow: 1 };
  const check = new QuietCheck({
    id: NOTES,
    generation,
    stored,
    node: 'this one',
    services: {
      store,
      snapshots: new SnapshotCache(store, 1e6),
      crdt: inlineCrdt,
      log,
      counters: { count: (name, by = 1) => counted.set(name, (counted.get(name) ?? 0) + by) },
      checks: new QuietChecks(clock),
    },
    tellSessions: (told) => toSessions.push(told),
    tellNodes: (told) => toNodes.push(told),
    rebuild: (error) => rebuilds.push(error),
    ...options,
  });
  const quiet = async (ms = QUIET_MS): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await settle();
  };
  return { check, clock, log, counted, toSessions, toNodes, rebuilds, stored, quiet };
}

function spoiled(rows: readonly Uint8Array[]): Uint8Array[] {
  const other = new Y.Doc();
  other.clientID = 99;
  other.getText('text').insert(0, 'nobody typed this');
  return [...rows.slice(0, -1), Y.encodeStateAsUpdate(other)];
}

describe('the check of a quiet document', () => {
  test('[CHECK6] tells clients and nodes what it shows, at which number, from snapshot and log', async () => {
    const document = await written();
    const { doc, store, rows, generation } = document;
    const node = nodeOf(document);
    node.check.changed();
    await node.quiet();
    const right = { seq: 20, hash: hashContent(doc) };
    expect(node.toSessions).toEqual([right]);
    expect(node.toNodes).toEqual([right]);

    const since = encodeUpdateList(rows.slice(0, 12));
    const snapshot = { seq: 12, ...compactUpdates({ state: undefined, since }) };
    await store.writeSnapshot(NOTES, generation, snapshot, 12);
    const compacted = nodeOf(document);
    Object.assign(compacted.stored, { snapshotSeq: 12, snapshotBytes: snapshot.state.length });
    compacted.stored.tail.trim(12);
    compacted.check.changed();
    await compacted.quiet();
    expect(compacted.toSessions).toEqual([right]);
    expect(compacted.counted.get('content-check')).toBe(1);
  });

  test('[CHECK6] nodes that hold the same leave it at that', async () => {
    const document = await written();
    const [one, two] = [nodeOf(document), nodeOf(document)];
    for (const node of [one, two]) node.check.changed();
    await one.quiet();
    for (const told of one.toNodes) two.check.heard(told);
    await two.quiet();
    for (const told of two.toNodes) one.check.heard(told);
    await one.quiet();
    for (const node of [one, two]) {
      expect(node.toNodes).toHaveLength(1);
      expect(node.counted.get('content-check')).toBe(1);
      expect(node.log.entries).toEqual([]);
    }
  });

  test('[CHECK7] of two nodes that differ the one loads again that differs from the store, whoever checks first', async () => {
    for (const rightFirst of [true, false]) {
      const document = await written();
      const [right, wrong] = [nodeOf(document), nodeOf(document, { held: spoiled(document.rows) })];
      const [first, second] = rightFirst ? [right, wrong] : [wrong, right];
      first.check.changed();
      await first.quiet();
      for (const told of first.toNodes.splice(0)) second.check.heard(told);
      await second.quiet();
      for (const told of second.toNodes.splice(0)) first.check.heard(told);
      await first.quiet();
      expect(right.rebuilds).toEqual([]);
      expect(right.log.entries).toEqual([]);
      expect(wrong.rebuilds).toEqual([expect.objectContaining({ code: 'document-reloading' })]);
      expect(wrong.counted.get('content-mismatch-node')).toBe(1);
      expect(wrong.log.entries).toEqual([
        expect.objectContaining({
          level: 'error',
          fields: expect.objectContaining({
            document: NOTES,
            generation: document.generation,
            node: 'this one',
            seq: 20,
            storedHash: hashContent(document.doc),
            othersHash: hashContent(document.doc),
            hash: expect.stringMatching(/^1:/),
            tailRows: 20,
          }),
        }),
      ]);
    }
  });

  test('[CHECK7] a node that is right says so again, once, to one that may not have heard', async () => {
    const document = await written();
    const node = nodeOf(document);
    node.check.changed();
    await node.quiet();
    for (let times = 0; times < 5; times++) node.check.heard({ seq: 20, hash: '1:other' });
    node.check.heard({ seq: 20, hash: '1:third' });
    await node.quiet();
    expect(node.toNodes).toHaveLength(2);
    expect(node.counted.get('content-check')).toBe(2);
    expect(node.rebuilds).toEqual([]);
  });

  test('[CHECK7] what cannot be compared starts nothing: another number, other rules, a store that is away', async () => {
    const document = await written();
    const node = nodeOf(document);
    node.check.changed();
    await node.quiet();
    node.check.heard({ seq: 19, hash: '1:other' });
    node.check.heard({ seq: 20, hash: '9:other' });
    await node.quiet(600_000);
    expect(node.counted.get('content-check')).toBe(1);

    document.store.readSnapshot = () => Promise.reject(new CoscribeError('store-unavailable'));
    node.check.heard({ seq: 20, hash: '1:other' });
    await node.quiet();
    expect(node.rebuilds).toEqual([]);
    expect(node.log.entries).toEqual([expect.objectContaining({ level: 'warn' })]);
  });

  test('[CHECK8] a client that differs is counted, logged in bounds, and makes the node doubt itself once', async () => {
    const document = await written();
    const node = nodeOf(document, { held: spoiled(document.rows) });
    node.check.changed();
    await node.quiet();
    const report = { seq: 20, hash: hashContent(document.doc) };
    for (let client = 0; client < 50; client++) {
      for (let times = 0; times < 3; times++)
        node.check.reported({ id: `${client}`, clientId: client }, report);
    }
    await node.quiet();
    expect(node.counted.get('content-mismatch-client')).toBe(50);
    expect(node.log.entries.filter(({ level }) => level === 'warn')).toHaveLength(5);
    expect(node.log.entries[0]?.fields).toMatchObject({
      clientId: 0,
      session: '0',
      clientHash: report.hash,
      seq: 20,
    });
    expect(node.rebuilds).toHaveLength(1);
    expect(node.counted.get('content-check')).toBe(2);
  });

  test('[CHECK8] a report of something that was not asked, or that is the same, is nothing', async () => {
    const document = await written();
    const node = nodeOf(document);
    const from = { id: '1', clientId: 1 };
    node.check.reported(from, { seq: 20, hash: '1:x' });
    node.check.changed();
    await node.quiet();
    node.check.reported(from, { seq: 19, hash: '1:x' });
    node.check.reported(from, { seq: 20, hash: hashContent(document.doc) });
    node.check.reported(from, { seq: 20, hash: 'junk' });
    await node.quiet();
    expect(node.counted.get('content-mismatch-client')).toBeUndefined();
    expect(node.log.entries).toEqual([]);
  });

  test('[CHECK6] a client that returns compares at once if the hash is known, and else when it is quiet', async () => {
    const document = await written();
    const node = nodeOf(document);
    const told: ContentCheck[] = [];
    node.check.returned((check) => told.push(check));
    expect(told).toEqual([]);
    await node.quiet();
    expect(node.toSessions).toHaveLength(1);
    node.check.returned((check) => told.push(check));
    expect(told).toEqual(node.toSessions);
    await node.quiet(600_000);
    expect(node.counted.get('content-check')).toBe(1);
  });

  test('[CHECK6] clients are not asked when the document has got on meanwhile', async () => {
    const document = await written();
    let finish = (_hash: string): void => {};
    const node = nodeOf(document);
    const hash = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const slow = nodeOf(document, {
      options: {
        services: {
          store: document.store,
          snapshots: new SnapshotCache(document.store, 1e6),
          crdt: { hash: () => hash },
          log: node.log,
          counters: { count: () => {} },
          checks: new QuietChecks(node.clock),
        },
      },
    });
    slow.check.changed();
    await node.quiet();
    slow.stored.tail.push(new Uint8Array([0, 0]));
    finish('1:abc');
    await node.quiet(0);
    expect(slow.toNodes).toEqual([{ seq: 20, hash: '1:abc' }]);
    expect(slow.toSessions).toEqual([]);
  });

  test('[CHECK4] a document that is put away is neither checked nor loaded again', async () => {
    const document = await written();
    const node = nodeOf(document, { held: spoiled(document.rows) });
    node.check.changed();
    await node.quiet();
    node.check.heard({ seq: 20, hash: '1:other' });
    node.check.stop();
    node.check.changed();
    node.check.returned(() => expect('told').toBe('not told'));
    await node.quiet(600_000);
    expect(node.rebuilds).toEqual([]);
    expect(node.clock.pending).toBe(0);
  });
});
