import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../../server/storage/postgres-connections.js';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import type { DocumentStore } from '../../../server/storage/store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { bytes, expectFault, row } from '../../support/store-data.js';

const postgres = testPostgres();
const A = parseDocumentId('team/a');
const B = parseDocumentId('team/b');

/** So that tests need not wait as long as people may. */
const IMPATIENT: Partial<ConnectionLimits> = { connectMs: 1_000, statementMs: 1_000, answerMs: 1_300 };

const stores: DocumentStore[] = [];
let store: DocumentStore;

async function another(limits: Partial<ConnectionLimits> = {}): Promise<DocumentStore> {
  const opened = await PostgresStore.open(postgres.server.url, limits);
  stores.push(opened);
  return opened;
}

beforeEach(async () => {
  await postgres.sql('DROP SCHEMA IF EXISTS coscribe CASCADE');
  store = await another();
});
afterEach(async () => {
  for (const each of stores.splice(0)) await each.close();
});

/** Appends rows with texts of their own, one call after the other, until it is told to end. */
class Typist {
  readonly confirmed: { readonly seq: number; readonly text: string }[] = [];
  readonly faults: CoscribeError[] = [];
  ended = false;
  readonly done: Promise<void>;

  constructor(
    private readonly on: DocumentStore,
    private readonly generation: string,
    private readonly name: string,
  ) {
    this.done = this.type();
  }

  private async type(): Promise<void> {
    for (let n = 0; !this.ended; n++) {
      const text = `${this.name}/${n}`;
      try {
        const batch = { id: A, generation: this.generation, committedAt: 1, rows: [row(text)] };
        const [result] = await this.on.append([batch]);
        if (result?.ok) this.confirmed.push({ seq: result.firstSeq, text });
      } catch (error) {
        if (!(error instanceof CoscribeError) || error.code !== 'store-unavailable') throw error;
        this.faults.push(error);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  }

  /** Waits for so many more confirmed rows. */
  async confirms(count: number): Promise<void> {
    const target = this.confirmed.length + count;
    while (this.confirmed.length < target) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Every row that was confirmed is there, and the log has no gap. */
  async check(): Promise<void> {
    const { head } = await this.on.open(A, 1);
    const log = await this.on.readLog(A, 0, Number.MAX_SAFE_INTEGER);
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, n) => n + 1));
    const texts = log.map(({ update }) => Buffer.from(update).toString());
    expect(new Set(texts).size).toBe(texts.length);
    for (const { seq, text } of this.confirmed) expect(texts[seq - 1]).toBe(text);
  }
}

test('[STORE8] [STORE25] rows that were confirmed are there after PostgreSQL was killed in the middle of appends, and the store goes on by itself', async () => {
  const { generation } = await store.open(A, 1);
  const typists = [new Typist(store, generation, 'a'), new Typist(await another(), generation, 'b')];
  for (let round = 0; round < 4; round++) {
    await Promise.all(typists.map((typist) => typist.confirms(5 + round)));
    await postgres.server.restart(round % 2 === 0 ? 'kill' : 'stop');
  }
  await Promise.all(typists.map((typist) => typist.confirms(5)));
  for (const typist of typists) typist.ended = true;
  await Promise.all(typists.map(({ done }) => done));
  for (const typist of typists) {
    expect(typist.faults.length).toBeGreaterThan(0);
    await typist.check();
  }
});

test('[STORE25] connections that are cut, idle or in use, cost one call at most', async () => {
  const { generation } = await store.open(A, 1);
  const cut = () =>
    postgres.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coscribe'`,
    );
  const typist = new Typist(store, generation, 'a');
  for (let round = 0; round < 5; round++) {
    await typist.confirms(3);
    await cut();
  }
  await typist.confirms(3);
  typist.ended = true;
  await typist.done;
  await typist.check();
  expect(typist.faults.length).toBeLessThanOrEqual(5);
  await cut();
  // Nothing listens to these connections while nobody uses them; that must not end the process.
  await store
    .positions([A])
    .catch((error: unknown) => expect(error).toMatchObject({ code: 'store-unavailable' }));
  expect((await store.positions([A])).size).toBe(1);
});

test('[STORE25] while PostgreSQL is stopped every call is refused in time, and the store can be closed', async () => {
  expect(CONNECTION_LIMITS.answerMs).toBeLessThanOrEqual(5_000);
  expect(CONNECTION_LIMITS.connectMs).toBeLessThanOrEqual(5_000);
  const impatient = await another(IMPATIENT);
  const closed = await another(IMPATIENT);
  const { generation } = await impatient.open(A, 1);
  await closed.open(A, 1);
  const batch = { id: A, generation, committedAt: 1, rows: [row('x')] };
  await impatient.append([batch]);
  postgres.server.pause();
  const began = performance.now();
  await Promise.all([
    expectFault(impatient.append([batch]), 'store-unavailable'),
    expectFault(impatient.append([batch]), 'store-unavailable'),
    ...Array.from({ length: 20 }, () => expectFault(impatient.readLog(A, 0, 1), 'store-unavailable')),
  ]);
  await expectFault(impatient.open(B, 1), 'store-unavailable');
  await closed.close();
  expect(performance.now() - began).toBeLessThan(8_000);
  postgres.server.resume();
  // What had no answer may have been stored.
  const { head } = await impatient.open(A, 1);
  expect(head).toBeLessThanOrEqual(3);
  expect(await impatient.append([batch])).toEqual([{ ok: true, firstSeq: head + 1 }]);
});

test('[STORE25] somebody who locks a document holds up its appends for a while only', async () => {
  const impatient = await another(IMPATIENT);
  const { generation } = await impatient.open(A, 1);
  const batch = { id: A, generation, committedAt: 1, rows: [row('x')] };
  const somebody = new pg.Client({ connectionString: postgres.server.url });
  await somebody.connect();
  await somebody.query('BEGIN; SELECT FROM coscribe.documents FOR UPDATE');
  const fault = await expectFault(impatient.append([batch]), 'store-unavailable');
  await somebody.end();
  expect(fault.message).toContain('the row is locked');
  expect(await impatient.append([batch])).toEqual([{ ok: true, firstSeq: 1 }]);
});

test.each([
  ['53100', 'store-unavailable', 'disk'],
  ['53200', 'store-unavailable', 'memory'],
  ['40P01', 'store-unavailable', 'given up'],
  ['25006', 'store-unavailable', 'read-only'],
  ['57P01', 'store-unavailable', 'stopped'],
  ['58030', 'store-unavailable', 'read or write'],
  ['42501', 'store-unavailable', 'permission'],
  ['22012', 'internal', '22012'],
] as const)(
  '[STORE9] [STORE25] an append that PostgreSQL refuses with %s is refused with %s and leaves nothing behind',
  async (state, code, detail) => {
    const { generation } = await store.open(A, 1);
    const batch = { id: A, generation, committedAt: 1, rows: [row('x'), row('y')] };
    await postgres.sql(`CREATE FUNCTION coscribe.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION USING ERRCODE = '${state}'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON coscribe.log FOR EACH ROW WHEN (NEW.seq = 2) EXECUTE FUNCTION coscribe.fail()`);
    expect((await expectFault(store.append([batch]), code)).message).toContain(detail);
    expect((await store.open(A, 1)).head).toBe(0);
    expect(await store.readAuthor(A, row('').clientId)).toBeUndefined();
    await postgres.sql('DROP TRIGGER fail ON coscribe.log');
    expect(await store.append([batch])).toEqual([{ ok: true, firstSeq: 1 }]);
  },
);

test('[STORE16] what the writer of a snapshot has left is removed with a later one, but not while he may be writing', async () => {
  const { generation } = await store.open(A, 1);
  await store.append([{ id: A, generation, committedAt: 1, rows: [row('x')] }]);
  await postgres.sql(`INSERT INTO coscribe.snapshots (document, seq, begun_at, state_bytes, piece_bytes, checksum, index)
      VALUES (7, 1, now() - interval '2 hours', 1, 1, 1, ''), (8, 1, now(), 1, 1, 1, '');
    INSERT INTO coscribe.snapshot_pieces SELECT key, 0, 1, 'x' FROM coscribe.snapshots`);
  for (const state of ['first', 'second'])
    await store.writeSnapshot(A, generation, { seq: 1, state: bytes(state), index: bytes('i') }, 1);
  const left = await postgres.sql(
    'SELECT document, finished, (SELECT count(*)::integer FROM coscribe.snapshot_pieces WHERE snapshot = key) FROM coscribe.snapshots ORDER BY finished',
  );
  const key = (await postgres.sql('SELECT key FROM coscribe.documents'))[0]?.[0];
  expect(left).toEqual([
    ['8', false, 1],
    [key, true, 1],
  ]);
  expect(await postgres.sql('SELECT count(*)::integer FROM coscribe.log')).toEqual([[0]]);
});

test('[STORE16] a snapshot whose writing fails leaves the one before it, and nothing else', async () => {
  const { generation } = await store.open(A, 1);
  await store.append([{ id: A, generation, committedAt: 1, rows: [row('x'), row('y')] }]);
  const old = { seq: 1, state: new Uint8Array(600_000).fill(1), index: bytes('i') };
  await store.writeSnapshot(A, generation, old, 1);
  await postgres.sql(`CREATE FUNCTION coscribe.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON coscribe.snapshot_pieces FOR EACH ROW WHEN (NEW.number = 2) EXECUTE FUNCTION coscribe.fail()`);
  await expectFault(store.writeSnapshot(A, generation, { ...old, seq: 2 }, 2), 'store-unavailable');
  expect((await store.readSnapshot(A))?.seq).toBe(1);
  expect((await store.open(A, 1)).firstRow).toBe(2);
  expect(await postgres.sql('SELECT count(*)::integer FROM coscribe.snapshots')).toEqual([[1]]);
});
