import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import type { DocumentStore } from '../../../server/storage/store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { expectFault } from '../../support/store-data.js';
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

/** Fulfils when so many connections wait for a lock. */
async function waiting(connections: number): Promise<void> {
  const count = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
  while (Number((await postgres.sql(count))[0]?.[0]) < connections);
}

test.each(['another change', 'the revocation of a link'])(
  '[STORE30] a change whose commit takes long is visible before %s that got a later revision',
  async (kind) => {
    await store.create(A, 1, link(A, 1));
    // The commit of the first one waits until somebody lets it.
    await postgres.sql(
      `CREATE TABLE coscribe.gate ();
      CREATE FUNCTION coscribe.halt() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN LOCK TABLE coscribe.gate; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER halt AFTER INSERT ON coscribe.access_changes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id = 'first') EXECUTE FUNCTION coscribe.halt()`,
    );
    const open = await holdGate();
    const first = store.changeAccess({ kind: 'user', id: 'first' }, 1);
    await waiting(1);
    const second =
      kind === 'another change'
        ? other.changeAccess({ kind: 'user', id: 'second' }, 1)
        : other.removeLink(A, 'link-1', 1);
    await Promise.race([second, waiting(2)]);
    expect(await other.accessChangesAfter(0, 9)).toEqual([]);
    expect(await other.accessRevision()).toBe(0);
    await open();
    await Promise.all([first, second]);
    expect((await other.accessChangesAfter(0, 9)).map(({ subject }) => subject.id)).toEqual([
      'first',
      kind === 'another change' ? 'second' : A,
    ]);
    expect(await other.accessRevision()).toBe(2);
  },
);

/** Holds the gate until what it gives is called. */
async function holdGate(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: postgres.server.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE coscribe.gate');
  return async () => {
    await client.query('COMMIT');
    await client.end();
  };
}

test.each([
  ['the role of a link', "UPDATE coscribe.links SET role = 'owner'"],
  ['the end of a link', 'UPDATE coscribe.links SET expires_at = 99'],
  ['the document of a link', 'UPDATE coscribe.links SET document = document + 1'],
  ['the time of a revocation', 'UPDATE coscribe.access_changes SET voided_at = 1'],
])('[STORE32] %s that was damaged opens nothing', async (_, damage) => {
  await store.create(A, 1, link(A, 1, { role: 'viewer', expiresAt: 5 }));
  await store.create(KEPT, 1);
  await store.changeAccess({ kind: 'user', id: 'ada' }, 50);
  expect((await store.findLink(link(A, 1).hash))?.role).toBe('viewer');
  await postgres.sql(damage);
  if (damage.includes('links')) await expectFault(store.findLink(link(A, 1).hash), 'document-unreadable');
  else await expectFault(store.voidedAt('ada', undefined), 'document-unreadable');
  expect(await store.accessChangesAfter(0, 9)).toHaveLength(1);
});
