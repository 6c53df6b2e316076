import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { migrate } from '../../../server/storage/sqlite-migration.js';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { countTally, TALLIED } from '../../../server/storage/sqlite-tallies.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { bytes, expectFault, row } from '../../support/store-data.js';
import { link } from '../../support/store-links.js';
import { createVersion1, type OldDocument } from '../../support/version-1-store.js';

const LARGE = {
  state: new Uint8Array(500_000).map((_, place) => place * 13),
  index: new Uint8Array(70_000).map((_, place) => place * 17),
};
const DOCUMENTS: readonly OldDocument[] = [
  { id: 'old/small', updatedAt: 60_001, snapshot: { state: bytes('state'), index: bytes('index') } },
  { id: 'old/large', updatedAt: 180_000, snapshot: LARGE },
  { id: 'old/plain', updatedAt: 60_002 },
  { id: 'old/bad-state', updatedAt: 4, snapshot: LARGE, damaged: 'state' },
  { id: 'old/bad-index', updatedAt: 5, snapshot: LARGE, damaged: 'index' },
];

let folder: TemporaryFolder;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  createVersion1(file, DOCUMENTS);
});
afterEach(() => folder.remove());

/** In a copy, because a connection that has read lets go of its file only when it is collected. */
function read(sql: string): unknown {
  for (const suffix of ['', '-wal'])
    if (existsSync(file + suffix)) copyFileSync(file + suffix, folder.file(`copy.db${suffix}`));
  const database = new Database(folder.file('copy.db'));
  const rows = database.prepare(sql).all([]);
  database.close();
  return Object.values(rows[0] as object)[0];
}

/** Makes of the tables those of version 6, but for the number: nothing was kept of what becomes of documents. */
const BEFORE_LIFE = `DROP TABLE life_hooks; DROP TABLE life_events;
  DELETE FROM tallies WHERE name IN ('life_hooks', 'life_events');`;
/** Those of version 5, but for the number: without tallies, and without some checksums. */
const BEFORE_TALLIES = `${BEFORE_LIFE} ${['INSERT', 'DELETE', 'UPDATE']
  .flatMap((event) => Object.keys(TALLIED).map((table) => `DROP TRIGGER IF EXISTS tally_${table}_${event};`))
  .join('\n')} DROP TABLE tallies;
  ${['loose_pieces', 'erasing', 'webhooks', 'deliveries', 'earlier_names']
    .map((table) => `ALTER TABLE ${table} DROP COLUMN checksum;`)
    .join('\n')}`;
/** And those of version 4. */
const BEFORE_NAMES = `${BEFORE_TALLIES} DROP TABLE earlier_names; DROP TABLE receipts; DROP INDEX documents_by_creation;
  ALTER TABLE documents DROP COLUMN sealed_as`;
/** And those of version 3. */
const BEFORE_WEBHOOKS = `${BEFORE_NAMES}; DROP TABLE webhooks; DROP TABLE deliveries`;

async function expectEverything(): Promise<void> {
  const store = await SqliteStore.open(file);
  const [small, large, plain, badState, badIndex] = DOCUMENTS.map(({ id }) => parseDocumentId(id));
  if (!small || !large || !plain || !badState || !badIndex) throw new Error('a document is missing');
  expect(await store.open(small, 1)).toEqual({
    generation: `generation of ${small}`,
    head: 5,
    firstRow: 3,
    snapshotSeq: 4,
    snapshotBytes: 5,
    snapshotIndex: bytes('index'),
  });
  expect(await store.readSnapshot(small)).toEqual({ seq: 4, state: bytes('state'), index: bytes('index') });
  const found = await store.readSnapshot(large);
  expect(Buffer.compare(found?.state ?? bytes(''), LARGE.state)).toBe(0);
  expect(Buffer.compare(found?.index ?? bytes(''), LARGE.index)).toBe(0);
  expect(await store.readLog(large, 2, 9)).toEqual(
    [3, 4, 5].map((seq) => ({
      seq,
      committedAt: 180_000,
      clientId: 7,
      author: 'ada',
      update: bytes(`row ${seq} of old/large`),
    })),
  );
  expect(await store.readAuthor(plain, 7)).toBe('ada');
  expect(await store.readSnapshot(plain)).toBeUndefined();
  // What was damaged before is damaged after.
  await expectFault(store.readSnapshot(badState), 'document-unreadable');
  await expectFault(store.open(badIndex, 1), 'document-unreadable');
  const list = await store.list({ limit: 9 });
  expect(list.map(({ id }) => id)).toEqual([large, plain, small, badIndex, badState]);
  const batch = { id: plain, generation: `generation of ${plain}`, committedAt: 9, rows: [row('new')] };
  expect(await store.append([batch])).toEqual([{ ok: true, firstSeq: 3 }]);
  await store.close();
}

test('[STORE17] a file of the first version is taken over with everything that is in it', async () => {
  await expectEverything();
  expect(read('PRAGMA user_version')).toBe(7);
  expect(read('PRAGMA integrity_check')).toBe('ok');
  expect(
    read("SELECT count(*) FROM sqlite_master WHERE name LIKE 'old%' OR name = 'documents_by_time'"),
  ).toBe(0);
  const store = await SqliteStore.open(file);
  expect(await store.readLog(parseDocumentId('old/plain'), 0, 9)).toHaveLength(3);
  await store.close();
});

test('[STORE17] a file of the second version, which knew neither deletion nor links, is taken over too', async () => {
  await expectEverything();
  const before = new Database(file);
  before.exec(`${BEFORE_WEBHOOKS}; DROP TABLE links; DROP TABLE access_changes; DROP TABLE erasing; DROP INDEX deleted_documents;
    DROP INDEX pieces_of_document; ALTER TABLE documents DROP COLUMN deleted_at; PRAGMA user_version = 2`);
  before.close();
  const pieces = read('SELECT count(*) FROM snapshot_pieces');
  const store = await SqliteStore.open(file);
  const [small, large] = DOCUMENTS.map(({ id }) => parseDocumentId(id));
  if (!small || !large) throw new Error('a document is missing');
  expect(await store.open(small, 1)).toMatchObject({ generation: `generation of ${small}`, head: 5 });
  expect(Buffer.compare((await store.readSnapshot(large))?.state ?? bytes(''), LARGE.state)).toBe(0);
  expect(await store.list({ limit: 9 })).toHaveLength(5);
  await store.addLink(link(large, 1), 1);
  expect(await store.findLink(link(large, 1).hash)).toEqual(link(large, 1));
  await store.remove(large, 7);
  expect(await store.purge(7, 9)).toEqual([large]);
  await store.close();
  expect(read('PRAGMA user_version')).toBe(7);
  expect(read('PRAGMA integrity_check')).toBe('ok');
  expect(Number(pieces) - Number(read('SELECT count(*) FROM snapshot_pieces'))).toBe(10);
});

test('[STORE17] a file of the third version, which knew no webhooks, is taken over too', async () => {
  await expectEverything();
  const before = new Database(file);
  before.exec(`${BEFORE_WEBHOOKS}; PRAGMA user_version = 3`);
  before.close();
  const store = await SqliteStore.open(file);
  const id = parseDocumentId('old/plain');
  expect((await store.open(id, 1)).head).toBe(3);
  expect(await store.deliveries.beginHook('hook', 240_000)).toEqual({ since: 240_000, checkedMinute: 4 });
  // The past is not told.
  expect(await store.deliveries.dueDocuments('hook', { minute: 0, key: 0 }, 9)).toEqual({
    documents: [],
  });
  const batch = { id, generation: `generation of ${id}`, committedAt: 240_000, rows: [row('new')] };
  expect(await store.append([batch])).toEqual([{ ok: true, firstSeq: 4 }]);
  const lease = { owner: 'node', now: 240_000, until: 240_001 };
  expect(await store.deliveries.claimDeliveries('hook', [{ id }], lease)).toMatchObject([
    { state: 'claimed', delivery: { from: 4, to: 4, authors: ['ada'] } },
  ]);
  await store.close();
  expect(read('PRAGMA user_version')).toBe(7);
  expect(read('PRAGMA integrity_check')).toBe('ok');
});

test('[VERIFY15] a file of the fifth version, which did not count, gets sums that are right', async () => {
  await expectEverything();
  const before = new Database(file);
  before.exec(`${BEFORE_TALLIES}; INSERT INTO earlier_names VALUES ('old/name', 1, 5);
    INSERT INTO erasing VALUES (99, 'old/gone'); INSERT INTO webhooks VALUES (1, 'hook', 60000, 1);
    INSERT INTO deliveries VALUES (1, 1, 2, 3, 'node', 5); PRAGMA user_version = 5`);
  before.close();
  const store = await SqliteStore.open(file);
  await store.close();
  expect(read('SELECT group_concat(checksum) FROM earlier_names')).not.toBe('0');
  for (const table of Object.keys(TALLIED)) {
    const right = `(SELECT entries || ' ' || sum FROM (${countTally(table)}))`;
    expect(read(`SELECT entries || ' ' || sum = ${right} FROM tallies WHERE name = '${table}'`)).toBe(1);
  }
});

test('[STORE17] a file of the fourth version, which knew neither other names nor receipts, is taken over too', async () => {
  await expectEverything();
  const before = new Database(file);
  before.exec(`${BEFORE_NAMES}; PRAGMA user_version = 4`);
  before.close();
  const store = await SqliteStore.open(file);
  const [large, to] = ['old/large', 'new/name'].map(parseDocumentId);
  if (!large || !to) throw new Error('a document is missing');
  const generation = `generation of ${large}`;
  const guard = { head: 5, receipt: { key: 'k', digest: 'd' } };
  const batch = { id: large, generation, committedAt: 9, rows: [row('new')], guard };
  expect(await store.append([batch])).toEqual([{ ok: true, firstSeq: 6 }]);
  expect(await store.rename(large, to, 7)).toBe('done');
  // What was sealed with the old name by the version before.
  expect((await store.readLog(to, 2, 9)).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
  expect(Buffer.compare((await store.readSnapshot(to))?.state ?? bytes(''), LARGE.state)).toBe(0);
  expect(await store.readAuthor(to, 7)).toBe('ada');
  expect((await store.readReceipt('k'))?.document).toBe(to);
  await store.close();
  expect(read('PRAGMA user_version')).toBe(7);
  expect(read('PRAGMA integrity_check')).toBe('ok');
});

test('[STORE17] [VERIFY15] a file of the sixth version, which kept nothing of what becomes of documents, is taken over too', async () => {
  await expectEverything();
  const before = new Database(file);
  const triggers = ['INSERT', 'DELETE', 'UPDATE'].flatMap((event) =>
    ['life_hooks', 'life_events'].map((table) => `DROP TRIGGER tally_${table}_${event};`),
  );
  before.exec(`${triggers.join('')} ${BEFORE_LIFE} PRAGMA user_version = 6`);
  before.close();
  const store = await SqliteStore.open(file);
  await store.deliveries.life.keepEvents('hook', ['deleted'], 1);
  await store.remove(parseDocumentId('old/plain'), 7);
  expect(await store.deliveries.life.dueEvents('hook', 0, 9)).toMatchObject([
    { kind: 'deleted', id: 'old/plain', head: 3, at: 7 },
  ]);
  await store.close();
  expect(read('PRAGMA user_version')).toBe(7);
  for (const table of ['life_hooks', 'life_events']) {
    const right = `(SELECT entries || ' ' || sum FROM (${countTally(table)}))`;
    expect(read(`SELECT entries || ' ' || sum = ${right} FROM tallies WHERE name = '${table}'`)).toBe(1);
  }
});

test('[STORE17] taking over that fails half-way, for want of room, leaves the first version', async () => {
  const tables = read('SELECT group_concat(sql) FROM sqlite_master');
  const database = new Database(file);
  const { page_count: pages } = database.prepare('PRAGMA page_count').all([])[0] as { page_count: number };
  for (const room of [0, 5, 60, 200]) {
    database.exec(`PRAGMA max_page_count = ${pages + room}`);
    expect(() => migrate(database, 1)).toThrow(/full/);
  }
  database.close();
  expect(read('PRAGMA user_version')).toBe(1);
  expect(read('SELECT group_concat(sql) FROM sqlite_master')).toBe(tables);
  await expectEverything();
});

test('[STORE17] a process that is killed at the last moment of taking over leaves the first version', async () => {
  const child = join(process.cwd(), 'tests', 'support', 'store-child.mjs');
  const { signal } = spawnSync(process.execPath, [child, file, 'migrate-and-die']);
  expect(signal).toBe('SIGKILL');
  expect(read('PRAGMA user_version')).toBe(1);
  await expectEverything();
});
