import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { backup } from '../../cli/commands/backup.js';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { openStore } from '../../server/storage/open-store.js';
import { PostgresStore } from '../../server/storage/postgres-store.js';
import { reserve } from '../../server/storage/postgres-use.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../shared/ids.js';
import { corruptPostgres, type PostgresCorruption } from '../support/corrupt-postgres.js';
import { everythingIn } from '../support/everything-in.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { interruptAfter } from '../support/interrupt.js';
import { testPostgres } from '../support/postgres.js';
import { runCommand } from '../support/run-command.js';
import { fillStore } from '../support/sample-store.js';
import { forSeedsInTurn, seededRandom } from '../support/seeds.js';

const RERUN = 'tests/cli/stores-postgres';
/** `CASES=100` for more. */
const CASES = Number(process.env.CASES ?? 15);

const postgres = testPostgres();
let folder: TemporaryFolder;
let full: string;
beforeAll(async () => {
  folder = temporaryFolder();
  full = await postgres.emptyDatabase();
  const store = await PostgresStore.open(full);
  await fillStore(store, seededRandom(13), { documents: 8, edits: 20 });
  await store.close();
});
afterAll(() => folder.remove());

test('[VERIFY1] a database is checked while nodes use it', async () => {
  const node = await PostgresStore.open(full);
  const looked = await runCommand(verify, ['--store', full, '--json']);
  await node.close();
  expect(JSON.parse(looked.stdout)).toMatchObject({ ok: true, documents: 8, findings: [] });
  expect(looked.code).toBe(0);
});

test('[VERIFY10] from PostgreSQL to SQLite and back everything is the same, byte for byte; a backup of it is a SQLite store', async () => {
  const before = await everythingIn(full, folder.path);
  const file = `sqlite:${folder.file('there.db')}`;
  const back = await postgres.emptyDatabase();
  const trial = await runCommand(migrate, ['--from', full, '--to', file, '--dry-run']);
  expect(trial).toMatchObject({ code: 0, stdout: '8 documents to copy.\n' });
  expect(folder.names()).toEqual([]);
  expect(await runCommand(migrate, ['--from', full, '--to', file])).toMatchObject({ code: 0, stderr: '' });
  expect(await everythingIn(file, folder.path)).toEqual(before);
  expect(await runCommand(migrate, ['--from', file, '--to', back])).toMatchObject({ code: 0, stderr: '' });
  expect(await everythingIn(back, folder.path)).toEqual(before);
  expect((await runCommand(verify, ['--store', file])).code).toBe(0);
  expect((await runCommand(verify, ['--store', back])).code).toBe(0);

  const saved = folder.file('backup.db');
  expect(await runCommand(backup, ['--store', full, '--to', saved])).toMatchObject({ code: 0, stderr: '' });
  const copy = await SqliteStore.open(saved);
  const store = await PostgresStore.open(full);
  expect((await copy.list({ limit: 99 })).map(({ id }) => id).sort()).toEqual(
    (await store.list({ limit: 99 })).map(({ id }) => id).sort(),
  );
  const id = parseDocumentId('team/doc-3');
  const { generation, head } = await copy.open(id, 1);
  const row = { update: new Uint8Array([0, 0]), clientId: 9, author: 'ada' };
  expect(await copy.append([{ id, generation, committedAt: 300_000, rows: [row] }])).toEqual([
    { ok: true, firstSeq: head + 1 },
  ]);
  await copy.close();
  await store.close();
});

test('[VERIFY11] what was interrupted goes on, and what the target has stays', async () => {
  const target = await postgres.emptyDatabase();
  expect(
    (await runCommand(migrate, ['--from', full, '--to', target, '--merge', '--document', 'team/doc-3'])).code,
  ).toBe(0);
  const other = await PostgresStore.open(target);
  await other.open(parseDocumentId('team/doc-0'), 5);
  await other.close();
  const merged = await runCommand(migrate, ['--from', full, '--to', target, '--merge']);
  expect(merged).toMatchObject({
    code: 1,
    stdout:
      'team/doc-0: there is another document of this name, which stays.\n6 documents copied, 1 there already, 1 left behind.\n',
  });
});

test(
  '[VERIFY3] every corruption of a database is found',
  async () => {
    const copy = await postgres.emptyDatabase();
    expect((await runCommand(migrate, ['--from', full, '--to', copy])).code).toBe(0);
    await forSeedsInTurn(CASES, RERUN, async (random) => {
      let corruption: PostgresCorruption | undefined;
      while (corruption === undefined)
        corruption = await corruptPostgres((text) => postgres.sql(text, copy), random);
      const { code } = await runCommand(verify, ['--store', copy, '--json']);
      if (code !== 1) throw new Error(`not found: ${corruption.done}`);
      await corruption.undo();
    });
    expect((await runCommand(verify, ['--store', copy])).code).toBe(0);
  },
  Math.max(30_000, CASES * 2_000),
);

test('[VERIFY12] [VERIFY23] a damaged database is repaired into an empty one, and is itself not changed', async () => {
  const damaged = await postgres.emptyDatabase();
  expect((await runCommand(migrate, ['--from', full, '--to', damaged])).code).toBe(0);
  await postgres.sql(
    `UPDATE coscribe.documents SET updated_minute = 1; UPDATE coscribe.log SET author = 'eve'
    WHERE document = (SELECT key FROM coscribe.documents WHERE id = 'team/doc-3') AND seq = 1;
    DELETE FROM coscribe.documents WHERE id = 'team/doc-2'`,
    damaged,
  );
  expect((await runCommand(verify, ['--store', damaged, '--repair'])).stderr).toMatch(
    /name that one with --to postgres/,
  );
  const target = await postgres.emptyDatabase();
  const secret = (url: string) => Object.assign(new URL(url), { password: 'secret' }).href;
  const argv = [
    '--store',
    secret(damaged),
    '--repair',
    '--to',
    secret(target),
    '--quarantine',
    folder.file('q'),
  ];
  const repaired = await runCommand(verify, argv);
  expect(repaired).toMatchObject({ code: 1, stderr: '' });
  expect(repaired.stdout).toMatch(/Set aside, .*: team\/doc-3, document with the key \d+\./);
  expect(repaired.stdout).not.toContain('secret');
  const aside = await runCommand(verify, ['--store', target]);
  expect(aside.code).toBe(1);
  expect(aside.stdout).toContain(': 1 document set aside, which nobody can open.');
  // Nodes may use it meanwhile: it is open to none of them.
  const node = await PostgresStore.open(target);
  const forgotten = await runCommand(verify, ['--store', target, '--forget', 'all']);
  await node.close();
  expect(forgotten).toMatchObject({ code: 0, stderr: 'team/doc-3 is forgotten: its name is free.\n' });
  expect((await runCommand(verify, ['--store', damaged])).code).toBe(1);
});

test('[VERIFY19] nodes that use a database keep commands out that need it for themselves, and the other way round', async () => {
  const target = await postgres.emptyDatabase();
  const [node, other] = [await PostgresStore.open(full), await PostgresStore.open(target)];
  const free = await postgres.emptyDatabase();
  const used =
    /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/test_\d+ is in use \(connections [\d, ]+ of [\d.]+\)\. Stop all nodes first\./;
  await postgres.sql('UPDATE coscribe.documents SET updated_minute = 1 WHERE key = 1', full);
  for (const [command, argv] of [
    [migrate, ['--from', full, '--to', free]],
    [verify, ['--store', full, '--repair', '--to', free, '--quarantine', folder.file('none')]],
  ] as const) {
    const refused = await runCommand(command, argv);
    expect(refused.stderr).toMatch(used);
    expect(refused.code).toBe(2);
  }
  await postgres.sql('UPDATE coscribe.documents SET updated_minute = updated_at / 60000 WHERE key = 1', full);
  expect((await runCommand(migrate, ['--from', full, '--to', free, '--dry-run'])).code).toBe(0);
  expect(await postgres.sql(`SELECT to_regnamespace('coscribe')`, free)).toEqual([[null]]);
  await node.close();
  expect((await runCommand(migrate, ['--from', full, '--to', target])).stderr).toMatch(used);
  expect((await runCommand(migrate, ['--from', full, '--to', target, '--merge'])).code).toBe(0);
  await other.close();

  const client = new pg.Client({ connectionString: target });
  await client.connect();
  await reserve(client, { place: 'it', wait: () => Promise.resolve() });
  await expect(openStore(target)).rejects.toThrow(/is used by a coscribe command that needs it for itself/);
  await client.end();
  await (await openStore(target)).close();
});

test('[VERIFY11] the same command goes on with a migration into a database, and no node starts before it is done', async () => {
  const target = await postgres.emptyDatabase();
  const argv = ['--from', full, '--to', target];
  const interrupted = await runCommand(
    migrate,
    argv,
    interruptAfter(4, () => true),
  );
  expect(interrupted.stderr).toBe('What has come stays; the same command goes on from there.\nInterrupted.');
  await expect(openStore(target)).rejects.toThrow(
    /Documents are being moved into the database .* from postgres:/,
  );
  const looked = await runCommand(verify, ['--store', target, '--json']);
  expect(JSON.parse(looked.stdout)).toMatchObject({
    documents: 3,
    findings: [{ kind: 'migration-unfinished' }],
  });
  // As if the source had grown since.
  await postgres.sql(
    `DELETE FROM coscribe.log WHERE document = 2 AND seq = (SELECT head FROM coscribe.documents WHERE key = 2);
    UPDATE coscribe.documents SET head = head - 1 WHERE key = 2`,
    target,
  );
  expect(await runCommand(migrate, argv)).toEqual({
    code: 0,
    stdout: '6 documents copied, 2 there already.\n',
    stderr: '',
  });
  expect(await everythingIn(target, folder.path)).toEqual(await everythingIn(full, folder.path));
  expect((await runCommand(verify, ['--store', target])).code).toBe(0);
  await (await openStore(target)).close();
});

test('[VERIFY21] rows that are gone from the end of a log with the number of the last one are missed where a receipt is for them', async () => {
  const copy = await postgres.emptyDatabase();
  await runCommand(migrate, ['--from', full, '--to', copy]);
  await postgres.sql(
    `DELETE FROM coscribe.log WHERE document = 1 AND seq = (SELECT head FROM coscribe.documents WHERE key = 1);
    UPDATE coscribe.documents SET head = head - 1 WHERE key = 1;
    UPDATE coscribe.documents d SET updated_at = committed_at, updated_minute = committed_at / 60000
      FROM coscribe.log l WHERE d.key = 1 AND l.document = 1 AND l.seq = d.head`,
    copy,
  );
  const { stdout } = await runCommand(verify, ['--store', copy, '--json']);
  expect(JSON.parse(stdout).findings).toEqual([
    expect.objectContaining({
      kind: 'log-row-missing',
      what: expect.stringContaining('a receipt is for row'),
    }),
  ]);
});

test('[VERIFY20] a damaged index is found where amcheck is there, and said not to be looked at where it is not', async () => {
  const copy = await postgres.emptyDatabase();
  await runCommand(migrate, ['--from', full, '--to', copy]);
  const look = async () => JSON.parse((await runCommand(verify, ['--store', copy, '--json'])).stdout);
  expect(await look()).toMatchObject({
    ok: true,
    notes: [expect.stringContaining('CREATE EXTENSION amcheck')],
  });
  expect((await runCommand(verify, ['--store', copy])).stdout).toMatch(/^The indexes .* were not checked/);
  await postgres.sql('CREATE EXTENSION amcheck', copy);
  expect(await look()).toMatchObject({ ok: true, notes: [] });
  // A row that its index never hears of.
  const ready = (is: boolean) =>
    postgres.sql(
      `UPDATE pg_index SET indisready = ${is} WHERE indexrelid = 'coscribe.links_document_id_key'::regclass`,
      copy,
    );
  await ready(false);
  await postgres.sql(
    `UPDATE coscribe.links SET id = id || 'x'; UPDATE coscribe.links SET id = left(id, -1)`,
    copy,
  );
  await ready(true);
  expect(await look()).toMatchObject({
    ok: false,
    notes: [],
    findings: [
      {
        kind: 'index-damaged',
        what: expect.stringContaining('the index "links_document_id_key" does not fit'),
      },
    ],
  });
  const repair = await runCommand(verify, [
    '--store',
    copy,
    '--repair',
    '--to',
    await postgres.emptyDatabase(),
  ]);
  expect(repair.stderr).toContain('Run REINDEX SCHEMA coscribe first');
  await postgres.sql('REINDEX SCHEMA coscribe', copy);
  expect(await look()).toMatchObject({ ok: true });
});
