import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LIFE_KINDS } from '../../../server/storage/delivery-store.js';
import { openStore } from '../../../server/storage/open-store.js';
import { parsePostgresAddress } from '../../../server/storage/postgres-address.js';
import { documentSum } from '../../../server/storage/postgres-documents.js';
import { checkServer, prepareDatabase } from '../../../server/storage/postgres-migration.js';
import { MIGRATIONS } from '../../../server/storage/postgres-schema.js';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import { rowSum } from '../../../server/storage/postgres-sums.js';
import { countTally, readTally } from '../../../server/storage/postgres-tallies.js';
import { StoreOpenError } from '../../../server/storage/store-open-error.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { bytes, row } from '../../support/store-data.js';

const postgres = testPostgres();
const id = parseDocumentId('team/plan');

async function expectRefused(opening: Promise<unknown>, sentence: RegExp): Promise<void> {
  const outcome = await opening.catch((error: unknown) => error);
  if (!(outcome instanceof StoreOpenError)) throw new Error(`not refused: ${String(outcome)}`);
  expect(outcome.message).toMatch(sentence);
  expect(JSON.stringify([outcome.message, outcome.stack, outcome.cause])).not.toContain('hunter2');
}

/** What a database holds, for comparing. */
async function contentOf(url: string): Promise<unknown> {
  return await postgres.sql(
    `SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2`,
    url,
  );
}

test('[STORE10] [STORE23] postgres:// and postgresql:// are opened, and the store does not tell the password', async () => {
  const url = (await postgres.emptyDatabase()).replace('postgres@', 'postgres:hunter2@');
  for (const address of [url, url.replace('postgres:', 'postgresql:'), `${url}?application_name=mine`]) {
    const store = await openStore(address);
    expect(store.description).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/test_\d+$/);
    expect((await store.open(id, 1)).head).toBe(0);
    await store.close();
  }
});

test('[STORE23] an address that cannot be read is refused without its secrets', async () => {
  const refused = (url: string, sentence: RegExp) => expectRefused(openStore(url), sentence);
  await refused(
    'postgres://ada:hunter2@host:notaport/db',
    /cannot be read.*postgres:\/\/USER:PASSWORD@.*percent-encoded/,
  );
  expect(parsePostgresAddress('postgres://a%20b:hunter2@[::1]:77/x%20y?sslmode=disable').description).toBe(
    'postgres://a%20b@[::1]:77/x%20y',
  );
  expect(parsePostgresAddress('postgres://ada:hunter2@/db?host=/run/pg').description).toBe(
    'postgres://ada@/db?host=/run/pg',
  );
});

test('[STORE23] a database that cannot be reached or entered is refused with what to do', async () => {
  const { url, port } = postgres.server;
  const at = `127\\.0\\.0\\.1:${port}`;
  const hba = join(postgres.data, 'pg_hba.conf');
  const before = readFileSync(hba, 'utf8');
  writeFileSync(
    hba,
    `host all locked 127.0.0.1/32 scram-sha-256\nhost all outsider 127.0.0.1/32 reject\n${before}`,
  );
  await postgres.sql(`CREATE ROLE locked LOGIN PASSWORD 'right'; CREATE ROLE outsider LOGIN; CREATE ROLE guest LOGIN;
    SELECT pg_reload_conf()`);
  const as = (user: string) => openStore(url.replace('postgres@', `${user}@`));
  await expectRefused(
    as('locked:hunter2'),
    new RegExp(`^The database "postgres" at ${at} refused the password of.*"locked"`),
  );
  await expectRefused(as('outsider:hunter2'), /does not let the user "outsider" in.*pg_hba\.conf/);
  await expectRefused(as('nobody-of-that-name:hunter2'), /does not let the user "nobody-of-that-name" in/);
  await expectRefused(as('guest:hunter2'), /does not let the user "guest" create.*GRANT CREATE ON DATABASE/);
  await expectRefused(openStore(url.replace(/postgres$/, 'gone')), /"gone" at .* does not exist\. Create it/);
  await expectRefused(
    openStore('postgres://ada:hunter2@127.0.0.1:1/db'),
    /nothing listens there.*COSCRIBE_STORE/,
  );

  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port: silentPort } = silent.address() as { port: number };
  await expectRefused(
    openStore(`postgres://ada:hunter2@127.0.0.1:${silentPort}/db`),
    /cannot be opened \(timeout/,
  );
  await new Promise((resolve) => silent.close(resolve));
});

test('[STORE23] a database that would lose, change or refuse documents is refused with what to do', async () => {
  const facts = { version: 150_018, encoding: 'UTF8', durable: true, readOnly: false, reserved: false };
  const address = parsePostgresAddress(postgres.server.url);
  const check = (found: Partial<typeof facts>) => () => checkServer(address, { ...facts, ...found });
  expect(check({})).not.toThrow();
  expect(check({ version: 120_022 })).toThrow(
    /^The database .* is in PostgreSQL 12; Coscribe needs 13 or later/,
  );
  expect(check({ durable: false })).toThrow(/fsync=off/);
  expect(check({ reserved: true })).toThrow(/^The database .* is used by a coscribe command/);

  const latin = await postgres.emptyDatabase();
  await postgres.sql(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`);
  await expectRefused(openStore(latin.replace(/\w+$/, 'latin')), /has the encoding LATIN1\. Create one/);
  const locked = await postgres.emptyDatabase();
  await postgres.sql(
    'ALTER DATABASE test_2 SET default_transaction_read_only = on'.replace(
      'test_2',
      locked.split('/').pop() ?? '',
    ),
  );
  await expectRefused(openStore(locked), /is read-only.*primary/);
});

test('[STORE8] [STORE23] whatever the role has set, a commit is synced and sees what was committed before', async () => {
  const url = await postgres.emptyDatabase();
  await postgres.sql(`CREATE ROLE careless SUPERUSER LOGIN; ALTER ROLE careless SET synchronous_commit = off;
    ALTER ROLE careless SET default_transaction_isolation = 'serializable'; ALTER ROLE careless SET bytea_output = 'escape';
    ALTER ROLE careless SET client_encoding = 'LATIN1'; ALTER ROLE careless SET search_path = 'nowhere'`);
  const store = await PostgresStore.open(url.replace('postgres@', 'careless@'));
  const { generation } = await store.open(id, 1);
  // What the append's own connection says.
  await postgres.sql(
    `CREATE TABLE seen (commit text, isolation text);
    CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen
      VALUES (current_setting('synchronous_commit'), current_setting('transaction_isolation')); RETURN NULL; END $$;
    CREATE TRIGGER look AFTER INSERT ON coscribe.log EXECUTE FUNCTION look()`,
    url,
  );
  await store.append([{ id, generation, committedAt: 1, rows: [{ ...row('x'), author: 'Zoë' }] }]);
  expect(await postgres.sql('SELECT * FROM seen', url)).toEqual([['on', 'read committed']]);
  expect((await store.readLog(id, 0, 1))[0]?.author).toBe('Zoë');
  await store.close();
});

test('[STORE24] eight stores that start at once on an empty database create its tables once', async () => {
  const url = await postgres.emptyDatabase();
  const stores = await Promise.all(Array.from({ length: 8 }, () => PostgresStore.open(url)));
  const heads = await Promise.all(stores.map((store) => store.open(id, 1)));
  expect(new Set(heads.map(({ generation }) => generation)).size).toBe(1);
  await Promise.all(stores.map((store) => store.close()));
});

test('[STORE24] all that is ours is in the schema "coscribe", which may be made for a user who may make none', async () => {
  const url = await postgres.emptyDatabase();
  await postgres.sql('CREATE ROLE tenant LOGIN; CREATE SCHEMA coscribe AUTHORIZATION tenant', url);
  await (await openStore(url.replace('postgres@', 'tenant@'))).close();
  const schemas = new Set(
    ((await contentOf(url)) as readonly (readonly unknown[])[]).map(([schema]) => schema),
  );
  expect([...schemas]).toEqual(['coscribe']);
});

const NEXT = 'ALTER TABLE coscribe.documents ADD COLUMN colour text';

test('[STORE24] tables of an older version are brought up to date with everything in them, by one of several nodes', async () => {
  const url = await postgres.emptyDatabase();
  const store = await PostgresStore.open(url);
  const { generation } = await store.open(id, 1);
  await store.append([{ id, generation, committedAt: 1, rows: [row('1'), row('2')] }]);
  await store.writeSnapshot(id, generation, { seq: 1, state: bytes('state'), index: bytes('index') }, 1);
  const address = parsePostgresAddress(url);
  await Promise.all([1, 2, 3, 4].map(() => prepareDatabase(address, [...MIGRATIONS, NEXT])));
  expect(await postgres.sql('SELECT colour FROM coscribe.documents', url)).toEqual([[null]]);
  // Nodes of the version before it go on.
  expect(await store.append([{ id, generation, committedAt: 1, rows: [row('3')] }])).toEqual([
    { ok: true, firstSeq: 3 },
  ]);
  expect((await store.readLog(id, 1, 9)).map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await store.readSnapshot(id))?.seq).toBe(1);
  await store.close();
});

test('[STORE24] nodes of version 1 go on beside those of version 2, and cannot use what was deleted', async () => {
  const url = await postgres.emptyDatabase();
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS.slice(0, 1));
  /** As a node of version 1 does it. */
  const create = (name: string) =>
    postgres.sql(
      `INSERT INTO coscribe.documents
          (id, generation, created_at, checksum, head, first_row, updated_at, updated_minute, snapshot_seq, snapshot_bytes)
        VALUES ('${name}', 'g-${name}', 1, ${documentSum(name, `g-${name}`, 1)}, 0, 1, 1, 0, 0, 0) ON CONFLICT (id) DO NOTHING`,
      url,
    );
  const append = async (name: string) => {
    const sum = rowSum(name, 7, 'ada', 1, bytes('x'));
    const [answer] = await postgres.sql(
      `SELECT array_to_string(coscribe.append('{${name}}', '{g-${name}}', '{1}', '{1}', '{7}', '{ada}', '{${sum}}', '{0}', '{1}', 'x',
        '{}', '{}', '{}', '{}'), ',')`,
      url,
    );
    return answer?.[0];
  };
  await create('team/plan');
  await append('team/plan');
  const store = await PostgresStore.open(url);
  expect(await store.open(id, 1)).toMatchObject({ generation: 'g-team/plan', head: 1 });
  expect((await store.readLog(id, 0, 9, 'g-team/plan')).map(({ update }) => update)).toEqual([bytes('x')]);
  await create('team/other');
  const other = parseDocumentId('team/other');
  expect(await append('team/other')).toBe('1');
  expect(await append('team/plan')).toBe('2');
  expect((await store.list({ limit: 9 })).map((each) => each.id)).toEqual([other, id]);

  expect(await store.remove(id, 5)).toBe(true);
  expect(await append('team/plan')).toBe('0');
  await create('team/plan');
  const [found] = await postgres.sql(
    `SELECT generation, created_at, checksum FROM coscribe.documents WHERE id = 'team/plan'`,
    url,
  );
  // What version 1 reads does not fit together.
  expect(documentSum('team/plan', String(found?.[0]), Number(found?.[1]))).not.toBe(Number(found?.[2]));
  expect(await store.restore(id)).toBe(true);
  expect(await append('team/plan')).toBe('3');
  await store.remove(id, 6);
  expect(await store.purge(6, 9)).toEqual([id]);
  await create('team/plan');
  expect(await append('team/plan')).toBe('1');
  await store.close();
});

test('[STORE24] nodes of version 2 go on beside those of version 3', async () => {
  const url = await postgres.emptyDatabase();
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS.slice(0, 2));
  await postgres.sql(
    `INSERT INTO coscribe.documents
        (id, generation, created_at, checksum, head, first_row, updated_at, updated_minute, snapshot_seq, snapshot_bytes)
      VALUES ('${id}', 'g', 1, ${documentSum(id, 'g', 1)}, 0, 1, 1, 0, 0, 0)`,
    url,
  );
  const append = async (at: number) => {
    const sum = rowSum(id, 7, 'ada', at, bytes('x'));
    const [answer] = await postgres.sql(
      `SELECT array_to_string(coscribe.append('{${id}}', '{g}', '{${at}}', '{1}', '{7}', '{ada}', '{${sum}}', '{0}', '{1}', 'x',
        '{}', '{}', '{}', '{}'), ',')`,
      url,
    );
    return answer?.[0];
  };
  expect(await append(1)).toBe('1');
  const store = await PostgresStore.open(url);
  await store.deliveries.beginHook('hook', 60_000);
  expect(await append(60_000)).toBe('2');
  // What a node of version 2 commits is told by one of version 3.
  expect(await store.deliveries.dueDocuments('hook', { minute: 0, key: 0 }, 9)).toMatchObject({
    documents: [{ id, updatedAt: 60_000 }],
  });
  const lease = { owner: 'node', now: 60_000, until: 60_001 };
  expect(await store.deliveries.claimDeliveries('hook', [{ id }], lease)).toMatchObject([
    { state: 'claimed', delivery: { from: 2, to: 2, authors: ['ada'] } },
  ]);
  expect((await store.list({ limit: 9 })).map((each) => each.id)).toEqual([id]);
  // As it erases documents: what was told stays, under a key that is not given again.
  await postgres.sql('DELETE FROM coscribe.documents', url);
  const { generation } = await store.open(id, 60_000);
  await store.append([{ id, generation, committedAt: 60_000, rows: [row('new')] }]);
  expect(await store.deliveries.claimDeliveries('hook', [{ id }], lease)).toMatchObject([
    { state: 'claimed', delivery: { generation, from: 1, to: 1 } },
  ]);
  await store.close();
});

test('[VERIFY15] a database of the version before gets sums that are right, and what its nodes write counts, too', async () => {
  const url = await postgres.emptyDatabase();
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS.slice(0, 4));
  const insert = (client: number) =>
    postgres.sql(`INSERT INTO coscribe.authors VALUES (1, ${client}, 2, 'ada')`, url);
  await insert(1);
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS);
  await insert(2);
  await postgres.sql(
    'UPDATE coscribe.authors SET checksum = 7; DELETE FROM coscribe.authors WHERE client_id = 1',
    url,
  );
  const [there] = await postgres.sql(countTally('coscribe', 'authors'), url);
  const [said] = await postgres.sql(readTally('coscribe').replace('$1', "'authors'"), url);
  expect(said?.map(Number)).toEqual(there?.map(Number));
  expect(Number(there?.[0])).toBe(1);
});

test('[STORE24] [WEBHOOK27] nodes of version 5 go on beside those of version 6, and what becomes of documents by them is kept, too', async () => {
  const url = await postgres.emptyDatabase();
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS.slice(0, 5));
  const store = await PostgresStore.open(url);
  const { life } = store.deliveries;
  await life?.keepEvents('hook', LIFE_KINDS, 1);
  await postgres.sql(
    `INSERT INTO coscribe.documents
        (id, generation, created_at, checksum, head, first_row, updated_at, updated_minute, snapshot_seq, snapshot_bytes)
      VALUES ('${id}', 'g', 3, ${documentSum(id, 'g', 3)}, 0, 1, 3, 0, 0, 0);
    UPDATE coscribe.documents SET deleted_at = 7, generation = 'deleted:' || generation WHERE id = '${id}';
    UPDATE coscribe.documents SET head = 1, updated_at = 8`,
    url,
  );
  expect(await life?.dueEvents('hook', 0, 9)).toMatchObject([
    { kind: 'created', id, generation: 'g', head: 0, at: 3 },
    { kind: 'deleted', id, generation: 'g', head: 0, at: 7 },
  ]);
  for (const table of ['life_hooks', 'life_events']) {
    const [there] = await postgres.sql(countTally('coscribe', table), url);
    const [said] = await postgres.sql(readTally('coscribe').replace('$1', `'${table}'`), url);
    expect(said?.map(Number)).toEqual(there?.map(Number));
  }
  await store.close();
});

test('[STORE24] nodes of version 3 go on beside those of version 4, and take what has another name for damaged', async () => {
  const url = await postgres.emptyDatabase();
  await prepareDatabase(parsePostgresAddress(url), MIGRATIONS.slice(0, 3));
  await postgres.sql(
    `INSERT INTO coscribe.documents
        (id, generation, created_at, checksum, head, first_row, updated_at, updated_minute, snapshot_seq, snapshot_bytes)
      VALUES ('${id}', 'g', 1, ${documentSum(id, 'g', 1)}, 0, 1, 1, 0, 0, 0)`,
    url,
  );
  const append = async (name: string) => {
    const sum = rowSum(name, 7, 'ada', 1, bytes('x'));
    const [answer] = await postgres.sql(
      `SELECT array_to_string(coscribe.append('{${name}}', '{g}', '{1}', '{1}', '{7}', '{ada}', '{${sum}}', '{0}', '{1}', 'x',
        '{}', '{}', '{}', '{}'), ',')`,
      url,
    );
    return answer?.[0];
  };
  expect(await append(id)).toBe('1');
  const store = await PostgresStore.open(url);
  const guarded = {
    id,
    generation: 'g',
    committedAt: 1,
    rows: [{ ...row('2'), clientId: 8 }],
    guard: { head: 1 },
  };
  expect(await store.append([guarded])).toEqual([{ ok: true, firstSeq: 2 }]);
  expect(await append(id)).toBe('3');
  expect(await store.append([guarded])).toEqual([{ ok: false, code: 'precondition-failed' }]);
  const moved = parseDocumentId('team/moved');
  expect(await store.rename(id, moved, 5)).toBe('done');
  expect(await append(id)).toBe('0');
  const [found] = await postgres.sql(
    `SELECT generation, created_at, checksum FROM coscribe.documents WHERE id = 'team/moved'`,
    url,
  );
  // What version 3 reads does not fit together, so that it writes nothing.
  expect(documentSum(moved, String(found?.[0]), Number(found?.[1]))).not.toBe(Number(found?.[2]));
  expect((await store.readLog(moved, 0, 9, 'g')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  await store.close();
});

test('[STORE24] a migration that fails leaves the older version', async () => {
  const url = await postgres.emptyDatabase();
  await (await openStore(url)).close();
  const before = await contentOf(url);
  const address = parsePostgresAddress(url);
  await expectRefused(
    prepareDatabase(address, [...MIGRATIONS, `${NEXT}; CREATE TABLE coscribe.new_one (); SELECT 1 / 0`]),
    /cannot be opened \(division by zero\)/,
  );
  expect(await contentOf(url)).toEqual(before);
  await (await openStore(url)).close();
});

test("[STORE24] tables of a newer version, and another program's schema, are refused and left as they are", async () => {
  const newer = await postgres.emptyDatabase();
  await (await openStore(newer)).close();
  await prepareDatabase(parsePostgresAddress(newer), [...MIGRATIONS, NEXT]);
  const foreign = await postgres.emptyDatabase();
  await postgres.sql('CREATE SCHEMA coscribe; CREATE TABLE coscribe.documents (mine text)', foreign);
  for (const [url, sentence] of [
    [newer, /newer version of Coscribe \(schema 7; this version reads 6\)/],
    [foreign, /^The schema "coscribe" in the database .* belongs to another program\. It was not changed/],
  ] as const) {
    const before = await contentOf(url);
    await expectRefused(openStore(url), sentence);
    expect(await contentOf(url)).toEqual(before);
  }
});
