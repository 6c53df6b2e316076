import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import type { DocumentStore } from '../../../server/storage/store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { bytes, expectFault, row } from '../../support/store-data.js';
import { link } from '../../support/store-links.js';

const postgres = testPostgres();
const A = parseDocumentId('team/a');
const KEPT = parseDocumentId('team/kept');

let store: DocumentStore;
let other: DocumentStore;
beforeEach(async () => {
  await postgres.sql('DROP SCHEMA IF EXISTS coscribe CASCADE');
  [store, other] = [
    await PostgresStore.open(postgres.server.url),
    await PostgresStore.open(postgres.server.url),
  ];
});
afterEach(async () => {
  await store.close();
  await other.close();
});

/** A document with everything that one can have. @returns its generation */
async function fill(id: typeof A, rows: number): Promise<string> {
  await store.create(id, 1, link(id, 1));
  const { generation } = await store.open(id, 1);
  const content = Array.from({ length: rows }, (_, n) => ({ ...row(`${n}`), clientId: n }));
  await store.append([{ id, generation, committedAt: 1, rows: content }]);
  const snapshot = { seq: 2, state: new Uint8Array(600_000), index: bytes('index') };
  await store.writeSnapshot(id, generation, snapshot, 1);
  return generation;
}

/** How many rows of each table are there. */
async function counts(): Promise<Record<string, number>> {
  const tables = ['documents', 'log', 'authors', 'snapshots', 'snapshot_pieces', 'links', 'erasing'];
  const [found] = await postgres.sql(
    `SELECT ${tables.map((table) => `(SELECT count(*) FROM coscribe.${table})`).join(', ')}`,
  );
  return Object.fromEntries(tables.map((table, n) => [table, Number(found?.[n])]));
}

test.each(['snapshots', 'log', 'authors', 'erasing'])(
  '[STORE28] erasing that fails at the table %s is ended by the next purge, of any node, and reported once',
  async (table) => {
    await fill(KEPT, 3);
    const kept = await counts();
    const generation = await fill(A, 1_100);
    await store.remove(A, 5);
    await postgres.sql(
      `CREATE FUNCTION coscribe.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON coscribe.${table} EXECUTE FUNCTION coscribe.refuse()`,
    );
    await expectFault(store.purge(5, 9), 'store-unavailable');
    expect(await store.restore(A)).toBe(false);
    expect(await store.findLink(link(A, 1).hash, true)).toBeUndefined();
    // The name is free, and what is left is in nobody's way.
    const anew = await other.open(A, 6);
    expect(anew).toMatchObject({ head: 0, snapshotSeq: 0 });
    expect(anew.generation).not.toBe(generation);
    const rows = [{ ...row('x'), clientId: 3, author: 'bob' }];
    expect(await other.append([{ id: A, generation: anew.generation, committedAt: 6, rows }])).toEqual([
      { ok: true, firstSeq: 1 },
    ]);
    await postgres.sql(`DROP TRIGGER refuse ON coscribe.${table}`);
    expect(await other.purge(5, 9)).toEqual([A]);
    expect(await store.purge(5, 9)).toEqual([]);
    expect(await other.readLog(A, 0, 9)).toHaveLength(1);
    await other.remove(A, 7);
    expect(await store.purge(7, 9)).toEqual([A]);
    expect(await counts()).toEqual(kept);
  },
);

test('[STORE28] a log of large rows is erased a few megabytes at a time', async () => {
  const { generation } = await store.open(A, 1);
  for (let n = 0; n < 12; n++) {
    const rows = [{ ...row(''), update: new Uint8Array(1_000_000) }];
    await store.append([{ id: A, generation, committedAt: 1, rows }]);
  }
  await store.remove(A, 1);
  await postgres.sql(
    `CREATE TABLE coscribe.statements (n integer);
    CREATE FUNCTION coscribe.note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO coscribe.statements SELECT count(*) FROM gone; RETURN NULL; END $$;
    CREATE TRIGGER note AFTER DELETE ON coscribe.log REFERENCING OLD TABLE AS gone EXECUTE FUNCTION coscribe.note()`,
  );
  expect(await store.purge(1, 1)).toEqual([A]);
  // The last one finds nothing.
  expect(await postgres.sql('SELECT n FROM coscribe.statements ORDER BY ctid')).toEqual([[5], [5], [2], [0]]);
});

test('[STORE28] a snapshot whose document is erased while it is written is refused, and leaves nothing for long', async () => {
  const generation = await fill(A, 3);
  const snapshot = { seq: 3, state: new Uint8Array(4_000_000), index: bytes('i') };
  const written = store.writeSnapshot(A, generation, snapshot, 3).then(
    () => 'written before',
    (error: unknown) => (error as { code: string }).code,
  );
  await other.remove(A, 1);
  expect(await other.purge(1, 9)).toEqual([A]);
  expect(['written before', 'store-unavailable', 'generation-changed']).toContain(await written);
  expect(await counts()).toMatchObject({
    documents: 0,
    log: 0,
    authors: 0,
    snapshots: 0,
    snapshot_pieces: 0,
  });
});
