import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import * as Y from 'yjs';
import { backup } from '../../cli/commands/backup.js';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { settle } from '../../server/storage/transfer/whole-file.js';
import { hashContent } from '../../shared/content-hash.js';
import { parseDocumentId } from '../../shared/ids.js';
import { runProcess } from '../support/command-run.js';
import { docBlocks } from '../support/doc-code.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT, readProjectFile } from '../support/project-files.js';
import { runCommand } from '../support/run-command.js';
import { fillStore, type SampleDocument } from '../support/sample-store.js';
import { seededRandom } from '../support/seeds.js';

const ASIDE = 'team/doc-3';
const SECOND = 'team/doc-0';

let folder: TemporaryFolder;
let file: string;
let url: string;
let samples: readonly SampleDocument[];
beforeEach(async () => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  url = `sqlite:${file}`;
  const store = await SqliteStore.open(file);
  samples = await fillStore(store, seededRandom(9), { documents: 4, edits: 12 });
  await store.close();
  settle(file);
});
afterEach(() => folder.remove());

const look = (...more: string[]) => runCommand(verify, ['--store', url, ...more]);

async function setAside(...names: string[]): Promise<void> {
  const database = new Database(file);
  for (const name of names)
    database
      .prepare(
        `UPDATE log SET author = 'eve' WHERE seq = 2 AND document = (SELECT key FROM documents WHERE id = ?)`,
      )
      .run([name]);
  database.close();
  expect((await look('--repair', '--quarantine', folder.file('q'))).code).toBe(1);
}

test('[VERIFY23] what was set aside is told of with exit code 1 until it is brought back, or its name is freed', async () => {
  const saved = folder.file('saved.db');
  expect((await runCommand(backup, ['--store', url, '--to', saved])).code).toBe(0);
  await setAside(ASIDE, SECOND);

  const night = await look();
  expect(night.code).toBe(1);
  expect(night.stdout).toMatch(
    /^4 documents, \d+ log rows, \d snapshots?: 2 documents set aside, which nobody can open\.$/m,
  );
  expect(night.stdout).not.toContain('whole');
  const told = await look('--json');
  expect(told.code).toBe(1);
  expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, documents: 4, setAside: [SECOND, ASIDE] });
  expect(night.stdout).toContain(`coscribe verify --store STORE --forget ID`);
  // Nothing is damaged: there is nothing to repair, and the file stays as it is.
  const before = readFileSync(file);
  expect((await look('--repair')).code).toBe(1);
  expect(readFileSync(file).equals(before)).toBe(true);

  const argv = ['--from', `sqlite:${saved}`, '--to', url, '--merge', '--document', ASIDE];
  expect((await runCommand(migrate, argv)).code).toBe(0);
  expect((await look('--forget', ASIDE)).stderr).toBe(`There is no document ${ASIDE} that was set aside.`);
  expect((await look()).stdout).toContain(': 1 document set aside, which nobody can open.');

  const forgotten = await look('--forget', 'all');
  expect(forgotten).toMatchObject({ code: 0, stderr: `${SECOND} is forgotten: its name is free.\n` });
  expect(forgotten.stdout).toMatch(/^3 documents, .*: everything is whole\.$/m);
  const store = await SqliteStore.open(file);
  expect(await store.create(parseDocumentId(SECOND), 1)).toBeDefined();
  await store.close();
});

test('[VERIFY23] a backup of a store with documents that are set aside says so, and takes no older one away', async () => {
  const older = folder.file('b-20200101-000000.db');
  writeFileSync(older, 'with all of them');
  await setAside(ASIDE);
  const made = await runCommand(backup, ['--store', url, '--to', folder.file('b.db'), '--keep', '1']);
  expect(made.code).toBe(1);
  expect(made.stdout).toMatch(/ bytes; 1 document set aside, which nobody can open\.$/m);
  expect(existsSync(older)).toBe(true);
});

test('[VERIFY23] no other document is forgotten, and none of a store that is not there', async () => {
  await setAside(ASIDE);
  const before = readFileSync(file);
  expect(await look('--forget', SECOND)).toEqual({
    code: 2,
    stdout: '',
    stderr: `There is no document ${SECOND} that was set aside.`,
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  const nowhere = folder.file('none.db');
  expect((await runCommand(verify, ['--store', `sqlite:${nowhere}`, '--forget', 'all'])).stderr).toBe(
    `${nowhere} is not there.`,
  );
  expect(existsSync(nowhere)).toBe(false);
  expect((await look('--forget', 'all', '--repair')).code).toBe(2);
});

test('[VERIFY4] rows that can still be read are exported though others of the same log cannot', async () => {
  const id = parseDocumentId('team/long');
  const store = await SqliteStore.open(file);
  const { generation } = await store.open(id, 1);
  const rows = [1, 2, 3, 4, 5].map((n) => ({
    update: new Uint8Array(40_000).fill(0xa0 + n),
    clientId: 7,
    author: 'ann',
  }));
  await store.append([{ id, generation, committedAt: 2, rows }]);
  await store.close();
  settle(file);
  const bytes = readFileSync(file);
  // On its first page of overflow a row says where it goes on.
  const page = bytes.indexOf(Buffer.alloc(4_000, 0xa3)) & ~4095;
  const next = [page, page + 4_096].find((at) => bytes[at + 4] === 0xa3 && bytes[at] !== 0xa3) ?? 0;
  expect(next).toBeGreaterThan(0);
  bytes.writeUInt32BE(0x7fffffff, next);
  writeFileSync(file, bytes);
  expect((await look('--repair', '--quarantine', folder.file('q'))).code).toBe(1);
  const lines = readFileSync(folder.file(`q/${encodeURIComponent(id)}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const kept = lines.map((line) => JSON.parse(line)).filter(({ table }) => table === 'log');
  expect(kept.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
  expect(Buffer.from(kept[2].update.base64, 'base64').equals(Buffer.alloc(40_000, 0xa4))).toBe(true);
});

test('[VERIFY25] the script in OPERATIONS puts the rows in a quarantine together to what can still be read', async () => {
  await setAside(ASIDE);
  const found = docBlocks('OPERATIONS', readProjectFile('docs/OPERATIONS.md')).filter(({ code }) =>
    code.includes('snapshot_pieces'),
  );
  expect(found).toHaveLength(1);
  const code = found[0]?.code ?? '';
  const rows = folder.file(`q/${encodeURIComponent(ASIDE)}.jsonl`);
  const whole = samples.find(({ id }) => id === ASIDE)?.doc ?? new Y.Doc();
  expect(hashContent(whole)).not.toBe(hashContent(new Y.Doc()));
  expect(await salvaged(code, rows)).toBe(hashContent(whole));

  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'first ');
  const state = Buffer.from(Y.encodeStateAsUpdate(doc));
  const since = Y.encodeStateVector(doc);
  doc.getText('text').insert(6, 'and last');
  const update = Buffer.from(Y.encodeStateAsUpdate(doc, since));
  const hex = (bytes: Buffer) => `\\x${bytes.toString('hex')}`;
  // As PostgreSQL's rows are written, in any order.
  const lines = [
    { document: ASIDE, findings: [] },
    { table: 'log', seq: 3, update: hex(Buffer.from([9, 9, 9])) },
    { table: 'log', seq: 2, update: hex(update) },
    { table: 'snapshots', state_bytes: state.length },
    {
      table: 'snapshot_pieces',
      number: 1,
      content: hex(Buffer.concat([state.subarray(5), Buffer.alloc(3)])),
    },
    { table: 'snapshot_pieces', number: 0, content: hex(state.subarray(0, 5)) },
  ];
  writeFileSync(rows, lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(await salvaged(code, rows)).toBe(hashContent(doc));
});

/** What the script makes of a file in a quarantine. */
async function salvaged(code: string, quarantined: string): Promise<string> {
  const words = [
    '-c',
    '"$@" < "$0" | base64',
    quarantined,
    process.execPath,
    '--input-type=module',
    '-e',
    code,
  ];
  const { stdout } = await runProcess('sh', words, { cwd: ROOT });
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Buffer.from(stdout, 'base64'));
  return hashContent(doc);
}
