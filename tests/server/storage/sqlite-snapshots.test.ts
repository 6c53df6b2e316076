import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { packRows } from '../../../server/storage/packed-rows.js';
import { PIECE_BYTES } from '../../../server/storage/snapshot-pieces.js';
import { type Ask, readSnapshot, writeSnapshot } from '../../../server/storage/snapshot-transfer.js';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { startSqliteWorker } from '../../../server/storage/sqlite-thread.js';
import type { Snapshot } from '../../../server/storage/store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { CrashingSqlite } from '../../support/crashing-sqlite.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { bytes, expectFault, row } from '../../support/store-data.js';

const ID = parseDocumentId('team/plan');
const OTHER = parseDocumentId('team/other');
const ROWS = 1_500;

let folder: TemporaryFolder;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('store.db');
});
afterEach(() => folder.remove());

const snapshotOf = (seq: number, size: number): Snapshot => ({
  seq,
  state: new Uint8Array(size).map((_, place) => place * 7 + seq),
  index: bytes(`index of ${seq}`),
});

function same(found: Snapshot | undefined, expected: Snapshot): boolean {
  return found?.seq === expected.seq && Buffer.compare(found.state, expected.state) === 0;
}

function sqlNumber(sql: string): number {
  const database = new Database(file);
  const [answer] = database.prepare(sql).all([]) as [object];
  database.close();
  return Number(Object.values(answer)[0]);
}

test('[STORE16] a crash between any two steps of writing a snapshot leaves the old one or the new one, whole, and no rest for long', async () => {
  await (await SqliteStore.open(file)).close();
  const setUp = new CrashingSqlite(file, Number.POSITIVE_INFINITY);
  const { generation } = await setUp.ask('open', { id: ID, now: 1 });
  const rows = packRows(Array.from({ length: ROWS }, (_, n) => row(`${n + 1}`)));
  await setUp.ask('append', { batches: [{ id: ID, generation, committedAt: 1, count: ROWS }], rows });
  setUp.end();

  const size = 5 * PIECE_BYTES;
  let current = snapshotOf(1, size);
  const write = (ask: Ask, snapshot: Snapshot, trimTo = 0) =>
    writeSnapshot(ask, { id: ID, generation, snapshot, trimTo });
  const first = new CrashingSqlite(file, Number.POSITIVE_INFINITY);
  await write(first.ask, current);
  first.end();

  for (let after = 0, seq = 1_401, crashed = true; crashed; after++, seq++) {
    const next = snapshotOf(seq, size);
    const one = new CrashingSqlite(file, after);
    const outcome = await write(one.ask, next, 1_400).then(
      () => true,
      () => false,
    );
    one.end();
    const visible = one.steps.includes('finishSnapshot');
    expect(outcome).toBe(visible);
    if (visible) current = next;
    // The last step of all answers that nothing is left.
    crashed = one.steps.length === after;

    const reopened = new CrashingSqlite(file, Number.POSITIVE_INFINITY);
    expect(same(await readSnapshot(reopened.ask, ID), current)).toBe(true);
    const head = await reopened.ask('open', { id: ID, now: 1 });
    expect(head).toMatchObject({ head: ROWS, snapshotSeq: current.seq, snapshotIndex: current.index });
    const log = await reopened.ask('readLog', { id: ID, after: head.firstRow - 1, limit: ROWS });
    expect(log.committedAt).toHaveLength(ROWS - head.firstRow + 1);
    expect(head.firstRow).toBe(current.seq === 1 ? 1 : 1_401);
    reopened.end();
  }

  const last = new CrashingSqlite(file, Number.POSITIVE_INFINITY);
  await write(last.ask, snapshotOf(1_450, size), 1_400);
  last.end();
  expect(sqlNumber('SELECT count(*) FROM snapshot_pieces')).toBe(6);
  expect(sqlNumber('SELECT count(*) FROM loose_pieces')).toBe(0);
  expect(sqlNumber('SELECT count(*) FROM log')).toBe(100);
  expect(sqlNumber('SELECT count(*) FROM snapshots')).toBe(1);
});

test('[STORE16] appends go on while a large snapshot is written, and while it is read', async () => {
  const store = await SqliteStore.open(file);
  const { generation } = await store.open(ID, 1);
  const other = await store.open(OTHER, 1);
  const append = () =>
    store.append([{ id: OTHER, generation: other.generation, committedAt: 1, rows: [row('x')] }]);
  await store.append([{ id: ID, generation, committedAt: 1, rows: [row('1')] }]);
  const snapshot = snapshotOf(1, 50 * PIECE_BYTES);
  for (const work of [
    () => store.writeSnapshot(ID, generation, snapshot, 1),
    () => store.readSnapshot(ID),
    // A second time, so that the old one's pieces are removed meanwhile.
    () => store.writeSnapshot(ID, generation, snapshot, 1),
  ]) {
    let under = true;
    const ended = work().finally(() => {
      under = false;
    });
    let appends = 0;
    while (under) {
      expect(await append()).toMatchObject([{ ok: true }]);
      appends++;
    }
    await ended;
    // One between any two pieces, if the appends come without a pause.
    expect(appends).toBeGreaterThan(40);
  }
  expect(same(await store.readSnapshot(ID), snapshot)).toBe(true);
  await store.close();
  expect(sqlNumber('SELECT count(*) FROM snapshot_pieces')).toBe(51);
});

test('[STORE14] [STORE16] a storage thread that dies while a snapshot is written costs that snapshot and nothing else', async () => {
  const workers: Worker[] = [];
  const store = await SqliteStore.open(file, {
    startWorker(data) {
      const worker = startSqliteWorker(data);
      workers.push(worker);
      return worker;
    },
  });
  const { generation } = await store.open(ID, 1);
  await store.append([{ id: ID, generation, committedAt: 1, rows: [row('1'), row('2')] }]);
  const small = { seq: 1, state: bytes('state'), index: bytes('index') };
  await store.writeSnapshot(ID, generation, small, 0);
  const large = snapshotOf(2, 40 * PIECE_BYTES);
  const writing = store.writeSnapshot(ID, generation, large, 2);
  const refused = expectFault(writing, 'store-unavailable');
  // Some pieces are written when this is answered.
  for (let n = 0; n < 5; n++) await store.open(ID, 1);
  await workers[0]?.terminate();
  await refused;
  expect(await store.readSnapshot(ID)).toEqual(small);
  expect(await store.open(ID, 1)).toMatchObject({ firstRow: 1, snapshotSeq: 1 });
  await store.writeSnapshot(ID, generation, large, 2);
  expect(same(await store.readSnapshot(ID), large)).toBe(true);
  await store.close();
  expect(sqlNumber('SELECT count(*) FROM snapshot_pieces')).toBe(41);
});

test.each([
  ['a piece that is gone', 'DELETE FROM snapshot_pieces WHERE key = 3'],
  [
    'a piece of another place',
    'UPDATE snapshot_pieces SET key = 99 WHERE key = 3; UPDATE snapshot_pieces SET key = 3 WHERE key = 2',
  ],
  ['a changed length', 'UPDATE snapshots SET state_bytes = state_bytes - 1 WHERE document = 1'],
  ['a changed place', 'UPDATE snapshots SET first_piece = first_piece + 6 WHERE document = 1'],
])(
  '[STORE13] %s is noticed; the other documents are not concerned, and a new snapshot may take the place of it',
  async (_, sql) => {
    const store = await SqliteStore.open(file);
    const snapshot = snapshotOf(1, 5 * PIECE_BYTES);
    const generations = [];
    for (const id of [ID, OTHER]) {
      const { generation } = await store.open(id, 1);
      generations.push(generation);
      await store.append([{ id, generation, committedAt: 1, rows: [row('1')] }]);
      await store.writeSnapshot(id, generation, snapshot, 0);
    }
    await store.close();
    const database = new Database(file);
    database.exec(sql);
    database.close();
    const reopened = await SqliteStore.open(file);
    await expectFault(reopened.readSnapshot(ID), 'document-unreadable');
    expect(same(await reopened.readSnapshot(OTHER), snapshot)).toBe(true);
    await reopened.writeSnapshot(ID, generations[0] ?? '', snapshot, 0);
    expect(same(await reopened.readSnapshot(ID), snapshot)).toBe(true);
    expect(same(await reopened.readSnapshot(OTHER), snapshot)).toBe(true);
    await reopened.close();
  },
);
