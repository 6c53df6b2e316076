import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { packRows } from '../../../server/storage/packed-rows.js';
import { PIECE_BYTES } from '../../../server/storage/snapshot-pieces.js';
import { type Ask, writeSnapshot } from '../../../server/storage/snapshot-transfer.js';
import { purge } from '../../../server/storage/sqlite-purge.js';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import { CrashingSqlite } from '../../support/crashing-sqlite.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { bytes, expectFault, row } from '../../support/store-data.js';
import { link } from '../../support/store-links.js';

const KEPT = parseDocumentId('team/kept');
const ID = parseDocumentId('team/plan');
const NEVER = Number.POSITIVE_INFINITY;

let folder: TemporaryFolder;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('store.db');
});
afterEach(() => folder.remove());

/** The first row that a query gives in the file, which nobody has open. */
function sql(text: string): Record<string, number> {
  const database = new Database(file);
  const rows = database.prepare(text).all([]);
  database.close();
  return rows[0] as Record<string, number>;
}

function damage(text: string): void {
  const database = new Database(file);
  database.exec(text);
  database.close();
}

const RESTS = ['log', 'snapshots', 'snapshot_pieces', 'document_clients', 'links', 'loose_pieces'];
/** How many rows there are of each kind that are under no document's key. */
const rests = () =>
  sql(
    `SELECT ${RESTS.map((table) => `(SELECT count(*) FROM ${table} WHERE document NOT IN (SELECT key FROM documents)) AS ${table}`).join(', ')},
      (SELECT count(*) FROM erasing) AS erasing`,
  );
const NO_RESTS = Object.fromEntries([...RESTS, 'erasing'].map((table) => [table, 0]));

async function fill(ask: Ask, id: DocumentId, rows: number, size: number): Promise<string> {
  await ask('create', { id, now: 1, link: link(id, 1) });
  const { generation } = await ask('open', { id, now: 1 });
  const content = Array.from({ length: rows }, (_, n) => ({ ...row(`${n}`), clientId: n }));
  const batches = [{ id, generation, committedAt: 1, count: rows }];
  await ask('append', { batches, rows: packRows(content) });
  const snapshot = { seq: 2, state: new Uint8Array(size).fill(7), index: bytes('index') };
  await writeSnapshot(ask, { id, generation, snapshot, trimTo: 1 });
  return generation;
}

test('[STORE28] a crash between any two steps of erasing leaves a document that is deleted or on its way out, and the next purge ends it', async () => {
  await (await SqliteStore.open(file)).close();
  const setUp = new CrashingSqlite(file, NEVER);
  const kept = await fill(setUp.ask, KEPT, 5, 3 * PIECE_BYTES);
  setUp.end();
  let crashes = 0;
  for (let crashed = true; crashed; crashes++) {
    const making = new CrashingSqlite(file, NEVER);
    const generation = await fill(making.ask, ID, 1_100, 6 * PIECE_BYTES);
    await making.ask('remove', { id: ID, now: 10 });
    making.end();

    const dying = new CrashingSqlite(file, crashes);
    const outcome = await purge(dying.ask, 10, 9).catch(() => undefined);
    dying.end();
    crashed = outcome === undefined;
    // If it dies just before it would have said so, all is done.
    const left = crashes === 0 || Number(rests().erasing) > 0;
    expect(left || dying.steps.length >= 6).toBe(true);

    const after = new CrashingSqlite(file, NEVER);
    if (crashes === 0) expect(await after.ask('restore', { id: ID })).toBe(true);
    if (crashes === 0) await after.ask('remove', { id: ID, now: 10 });
    else expect(await after.ask('restore', { id: ID })).toBe(false);
    // Its name is used again before the rest is gone, and so is every clientID.
    if (crashes > 0) {
      const anew = await fill(after.ask, ID, 2, 100);
      expect(anew).not.toBe(generation);
    }
    expect(await purge(after.ask, 10, 9)).toEqual(left ? [ID] : []);
    expect(await purge(after.ask, 10, 9)).toEqual([]);
    if (crashes > 0) {
      const log = await after.ask('readLog', { id: ID, after: 1, limit: 9 });
      expect(log.rows.clientIds).toEqual([1]);
      expect((await after.ask('readSnapshot', { id: ID }))?.pieces).toEqual([
        new Uint8Array(100).fill(7),
        bytes('index'),
      ]);
      await after.ask('remove', { id: ID, now: 11 });
      expect(await purge(after.ask, 11, 9)).toEqual([ID]);
    }
    expect(await after.ask('open', { id: KEPT, now: 1 })).toMatchObject({ generation: kept, head: 5 });
    after.end();
    expect(rests()).toEqual(NO_RESTS);
    expect(sql('SELECT count(*) AS pieces FROM snapshot_pieces')).toEqual({ pieces: 4 });
  }
  // Taking it away, then pieces by fours, rows and clients by thousands, and the rest.
  expect(crashes).toBe(8);
});

test('[STORE28] large rows are erased a megabyte at a time', async () => {
  await (await SqliteStore.open(file)).close();
  const database = new CrashingSqlite(file, NEVER);
  const { generation } = await database.ask('open', { id: ID, now: 1 });
  for (let n = 0; n < 10; n++) {
    const rows = packRows([{ ...row(''), update: new Uint8Array(400_000) }]);
    await database.ask('append', { batches: [{ id: ID, generation, committedAt: 1, count: 1 }], rows });
  }
  await database.ask('remove', { id: ID, now: 1 });
  database.steps = [];
  expect(await purge(database.ask, 1, 1)).toEqual([ID]);
  // Two rows in each step.
  expect(database.steps.filter((name) => name === 'erase')).toHaveLength(6);
  database.end();
  expect(rests()).toEqual(NO_RESTS);
});

test('[STORE28] the pieces of a snapshot that was never finished are erased with their document', async () => {
  await (await SqliteStore.open(file)).close();
  const database = new CrashingSqlite(file, NEVER);
  const generation = await fill(database.ask, ID, 3, 10);
  const target = { id: ID, generation, seq: 3, trimTo: 0 };
  const first = (await database.ask('beginSnapshot', { ...target, pieces: 9 })) ?? 0;
  const piece = { id: ID, generation, seq: 3, content: bytes('piece') };
  for (let n = 0; n < 6; n++) await database.ask('writePiece', { ...piece, key: first + n });
  await database.ask('remove', { id: ID, now: 1 });
  const late = database.ask('writePiece', { ...piece, key: first + 6 });
  await expect(late).rejects.toMatchObject({ code: 'generation-changed' });
  expect(await purge(database.ask, 1, 1)).toEqual([ID]);
  database.end();
  expect(rests()).toEqual(NO_RESTS);
  expect(sql('SELECT count(*) AS pieces FROM snapshot_pieces')).toEqual({ pieces: 0 });
});

test('[STORE13] [STORE28] a document of which it is not sure that it was deleted is not erased, and keeps no other from it', async () => {
  const store = await SqliteStore.open(file);
  await store.create(KEPT, 1);
  await store.create(ID, 1);
  await store.remove(ID, 2);
  await store.close();
  damage(`UPDATE documents SET deleted_at = 1 WHERE id = '${KEPT}'`);
  const damaged = await SqliteStore.open(file);
  await expectFault(damaged.open(KEPT, 1), 'document-unreadable');
  expect(await damaged.purge(5, 9)).toEqual([ID]);
  await damaged.close();
  damage(`UPDATE documents SET deleted_at = NULL WHERE id = '${KEPT}'`);
  const repaired = await SqliteStore.open(file);
  expect((await repaired.open(KEPT, 1)).head).toBe(0);
  await repaired.close();
});

test.each([
  ['the role of a link', "UPDATE links SET role = 'owner'"],
  ['the end of a link', 'UPDATE links SET expires_at = 99'],
  ['the document of a link', 'UPDATE links SET document = 2'],
  ['the time of a revocation', 'UPDATE access_changes SET voided_at = 1'],
])('[STORE32] %s that was damaged opens nothing', async (_, change) => {
  const store = await SqliteStore.open(file);
  await store.create(ID, 1, link(ID, 1, { role: 'viewer', expiresAt: 5 }));
  await store.create(KEPT, 1);
  await store.changeAccess({ kind: 'user', id: 'ada' }, 50);
  expect((await store.findLink(link(ID, 1).hash))?.role).toBe('viewer');
  await store.close();
  damage(change);
  const damaged = await SqliteStore.open(file);
  if (change.includes('links')) await expectFault(damaged.findLink(link(ID, 1).hash), 'document-unreadable');
  else await expectFault(damaged.voidedAt('ada', undefined), 'document-unreadable');
  expect(await damaged.accessChangesAfter(0, 9)).toHaveLength(1);
  await damaged.close();
});
