import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import * as Y from 'yjs';
import { backup } from '../../cli/commands/backup.js';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import type { DocumentStore } from '../../server/storage/store.js';
import { settle } from '../../server/storage/transfer/whole-file.js';
import { hashContent } from '../../shared/content-hash.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { runCommand } from '../support/run-command.js';
import { fillStore, type SampleDocument } from '../support/sample-store.js';
import { seededRandom } from '../support/seeds.js';
import { expectFault } from '../support/store-data.js';

let folder: TemporaryFolder;
let file: string;
let samples: readonly SampleDocument[];
beforeEach(async () => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  const store = await SqliteStore.open(file);
  samples = await fillStore(store, seededRandom(11), { documents: 8, edits: 20 });
  await store.close();
  settle(file);
});
afterEach(() => folder.remove());

function damage(sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

/** What is in a document, as somebody who opens it gets it. */
async function contentOf(store: DocumentStore, id: DocumentId): Promise<string> {
  const { head } = await store.open(id, 1);
  const doc = new Y.Doc();
  const snapshot = await store.readSnapshot(id);
  if (snapshot !== undefined) Y.applyUpdate(doc, snapshot.state);
  for (const { update } of await store.readLog(id, snapshot?.seq ?? 0, head)) Y.applyUpdate(doc, update);
  return hashContent(doc);
}

const own = (n: number) => `(SELECT key FROM documents WHERE id LIKE 'team/%-${n}')`;

test('[VERIFY4] what is derived, or is kept twice, is repaired without losing an edit; the rest is exported and set aside', async () => {
  damage(`
    UPDATE documents SET updated_minute = 7 WHERE key = ${own(0)};
    UPDATE snapshot_pieces SET content = x'00' WHERE document = ${own(2)};
    UPDATE log SET author = 'eve' WHERE document = ${own(3)} AND seq = 2;
    DELETE FROM snapshots WHERE document = ${own(1)};
    UPDATE links SET role = 'owner' WHERE document = ${own(5)};
  `);
  const found = await runCommand(verify, ['--store', `sqlite:${file}`]);
  expect(found.code).toBe(1);
  expect(found.stdout).toContain('team/renamed-1: the record of its snapshot is missing.');
  expect(found.stdout).toContain('team/doc-2: ');
  expect(found.stdout).toContain('The document cannot be opened.');
  const damaged = readFileSync(file);

  const repaired = await runCommand(verify, [
    '--store',
    `sqlite:${file}`,
    '--repair',
    '--quarantine',
    folder.file('q'),
  ]);
  expect(repaired).toMatchObject({ code: 1, stderr: '' });
  expect(repaired.stdout).toContain('Set aside');
  expect(repaired.stdout).toContain('team/doc-3');
  const kept = folder.names().find((name) => name.includes('.damaged-')) ?? '';
  expect(readFileSync(folder.file(kept)).equals(damaged)).toBe(true);

  const exported = readdirSync(folder.file('q'));
  expect(exported).toEqual(['team%2Fdoc-3.jsonl', 'team%2Frenamed-1.jsonl']);
  const lines = readFileSync(folder.file('q/team%2Fdoc-3.jsonl'), 'utf8').trim().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    document: 'team/doc-3',
    findings: [{ kind: 'log-row-damaged' }, {}],
  });
  expect(lines.filter((line) => line.startsWith('{"table":"log"'))).not.toHaveLength(0);

  const store = await SqliteStore.open(file);
  for (const { id, doc } of samples) {
    if (id === 'team/doc-3' || id === 'team/renamed-1')
      await expectFault(store.open(id, 1), 'document-unreadable');
    else if (id !== 'team/doc-6') expect(await contentOf(store, id)).toBe(hashContent(doc));
  }
  await expectFault(store.open(parseDocumentId('team/doc-6'), 1), 'document-deleted');
  expect(await store.listLinks(parseDocumentId('team/renamed-5'))).toEqual([]);
  await store.close();
  const again = await runCommand(verify, ['--store', `sqlite:${file}`]);
  expect(again).toMatchObject({ code: 1 });
  expect(again.stdout).toContain('team/doc-3: it was set aside.');
});

test('[VERIFY5] a document that was set aside comes back from a backup, and no other one changes', async () => {
  const saved = folder.file('backup.db');
  expect((await runCommand(backup, ['--store', `sqlite:${file}`, '--to', saved])).code).toBe(0);
  damage(`UPDATE log SET author = 'eve' WHERE document = ${own(3)} AND seq = 2`);
  expect((await runCommand(verify, ['--store', `sqlite:${file}`, '--repair'])).code).toBe(1);
  const argv = ['--from', `sqlite:${saved}`, '--to', `sqlite:${file}`, '--merge', '--document', 'team/doc-3'];
  expect(await runCommand(migrate, argv)).toMatchObject({ code: 0, stdout: '1 document copied.\n' });
  const looked = await runCommand(verify, ['--store', `sqlite:${file}`, '--json']);
  expect(JSON.parse(looked.stdout)).toMatchObject({ ok: true, documents: 8, findings: [] });
  expect(await runCommand(migrate, argv)).toMatchObject({
    code: 0,
    stdout: '0 documents copied, 1 there already.\n',
  });
});

test('[VERIFY7] a backup is a store with everything that was confirmed before it began, and nobody waits for it', async () => {
  const store = await SqliteStore.open(file);
  const ids = [0, 2, 3].map((n) => parseDocumentId(`team/doc-${n}`));
  const heads = await Promise.all(ids.map((id) => store.open(id, 1)));
  const acked = heads.map(({ head }) => head);
  let typing = true;
  let longest = 0;
  const typists = ids.map(async (id, n) => {
    const generation = heads[n]?.generation ?? '';
    for (let at = 0; typing; at++) {
      const started = performance.now();
      const update = new Uint8Array(2_000).fill(at);
      const [result] = await store.append([
        { id, generation, committedAt: 200_000 + at, rows: [{ update, clientId: 5, author: 'typist' }] },
      ]);
      longest = Math.max(longest, performance.now() - started);
      if (result?.ok) acked[n] = result.firstSeq;
    }
  });
  for (let round = 1; round <= 3; round++) {
    const before = [...acked];
    const to = folder.file(`backup-${round}.db`);
    const made = await runCommand(backup, ['--store', `sqlite:${file}`, '--to', to, '--no-verify']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(folder.names().filter((name) => name.includes(`backup-${round}`))).toEqual([`backup-${round}.db`]);
    const copy = await SqliteStore.open(to);
    const positions = await copy.positions(ids);
    for (const [n, id] of ids.entries())
      expect(positions.get(id)?.head).toBeGreaterThanOrEqual(before[n] ?? 0);
    await copy.close();
  }
  typing = false;
  await Promise.all(typists);
  await store.close();
  expect(existsSync(`${file}-hold`)).toBe(false);
  expect(longest).toBeLessThan(2_000);
});

test('[VERIFY8] what is interrupted, or has no place, leaves nothing; old backups go', async () => {
  const interrupted = await runCommand(
    backup,
    ['--store', `sqlite:${file}`, '--to', folder.file('b.db')],
    AbortSignal.abort(),
  );
  expect(interrupted.code).not.toBe(0);
  expect(await runCommand(backup, ['--store', `sqlite:${file}`, '--to', file])).toMatchObject({
    code: 2,
    stderr: `${file} is there already. Name another file, or use --keep N.`,
  });
  expect(folder.names()).toEqual(['store.db']);
  for (const time of ['20200101-000000', '20210101-000000']) copyFileSync(file, folder.file(`b-${time}.db`));
  copyFileSync(file, folder.file('b-mine.db'));
  const made = await runCommand(backup, [
    '--store',
    `sqlite:${file}`,
    '--to',
    folder.file('b.db'),
    '--keep',
    '2',
    '--json',
  ]);
  expect(JSON.parse(made.stdout)).toMatchObject({
    ok: true,
    verified: true,
    removed: [folder.file('b-20200101-000000.db')],
  });
  expect(folder.names()).toHaveLength(4);
});

test('[VERIFY9] what makes no sense is said in a sentence, with exit code 2', async () => {
  for (const [command, argv, sentence] of [
    [verify, ['--store', `sqlite:${folder.file('none.db')}`], `${folder.file('none.db')} is not there.`],
    [verify, ['--store', `sqlite:${file}`, '--document', 'team/none'], 'There is no document team/none.'],
    [verify, ['--to', 'sqlite:x'], '--to and --quarantine go with --repair. See coscribe verify --help.'],
    [backup, [], 'Say where to: --to FILE. See coscribe backup --help.'],
    [migrate, ['--to', 'sqlite:x'], 'Say where from: --from SOURCE. See coscribe migrate --help.'],
    [migrate, ['--from', 'leveldb:/nowhere', '--to', 'sqlite:x'], '/nowhere is not there.'],
  ] as const) {
    expect(await runCommand(command, argv)).toEqual({ code: 2, stdout: '', stderr: sentence });
  }
  const full = await runCommand(migrate, ['--from', 'memory:', '--to', `sqlite:${file}`]);
  expect(full.code).toBe(2);
  const one = await runCommand(verify, ['--store', `sqlite:${file}`, '--document', 'team/doc-2']);
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(one.stdout).toMatch(/^1 document, \d+ log rows, 1 snapshot: everything is whole\.\n$/);
  const twice = ['--from', `sqlite:${file}`, '--to', `sqlite:${folder.file('copy.db')}`];
  expect((await runCommand(migrate, twice)).code).toBe(0);
  expect((await runCommand(migrate, twice)).stderr).toContain('has documents already');
});
