import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { backup } from '../../cli/commands/backup.js';
import { verify } from '../../cli/commands/verify.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { publish, settle } from '../../server/storage/transfer/whole-file.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { runCommand } from '../support/run-command.js';
import { fillStore } from '../support/sample-store.js';
import { seededRandom } from '../support/seeds.js';

let folder: TemporaryFolder;
let file: string;
beforeEach(async () => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  const store = await SqliteStore.open(file);
  await fillStore(store, seededRandom(5), { documents: 4, edits: 12 });
  await store.close();
  settle(file);
});
afterEach(() => folder.remove());

const url = () => `sqlite:${file}`;
const repair = () =>
  runCommand(verify, ['--store', url(), '--repair', '--quarantine', folder.file('q'), '--json']);

function change(sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

test('[VERIFY4] what is left of a document whose record is gone is no rubbish: it is named and exported', async () => {
  const key = 3;
  change(`DELETE FROM documents WHERE key = ${key}`);
  const found = await runCommand(verify, ['--store', url(), '--json']);
  expect(JSON.parse(found.stdout).findings).toContainEqual(
    expect.objectContaining({ kind: 'record-missing', document: `document with the key ${key}` }),
  );
  const repaired = await repair();
  expect(repaired.code).toBe(1);
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    ok: false,
    repaired: { copied: 3, setAside: [`document with the key ${key}`] },
  });
  const lines = readFileSync(folder.file(`q/document%20with%20the%20key%20${key}.jsonl`), 'utf8');
  expect(lines).toContain('{"table":"log"');
});

test('[VERIFY4] a document whose name was changed by damage to that of another one has its own again, out of the index', async () => {
  const bytes = readFileSync(file);
  // Where a generation follows it is the record, and not the index.
  const at = bytes.findIndex(
    (_, place) =>
      bytes.subarray(place, place + 10).toString() === 'team/doc-2' &&
      /^[0-9a-f]{8}-/.test(bytes.subarray(place + 10, place + 20).toString('latin1')),
  );
  bytes.write('team/doc-3', at);
  writeFileSync(file, bytes);
  const repaired = await repair();
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    ok: true,
    repaired: { copied: 4, mended: 1, setAside: [] },
  });
  expect((await runCommand(verify, ['--store', url(), '--document', 'team/doc-2'])).code).toBe(0);
});

test('[VERIFY22] a write-ahead log that is gone is told of, unless a server has closed the file', async () => {
  const look = async () => JSON.parse((await runCommand(verify, ['--store', url(), '--json'])).stdout);
  const store = await SqliteStore.open(file);
  await store.open('team/new' as never, 1);
  expect(await look()).toMatchObject({ ok: true, documents: 5, notes: [] });
  copyFileSync(file, folder.file('alone.db'));
  await store.close();
  expect(await look()).toMatchObject({ ok: true, documents: 5, notes: [] });
  file = folder.file('alone.db');
  expect(await look()).toMatchObject({
    notes: [expect.stringContaining('has no write-ahead log beside it')],
  });
});

test('[VERIFY4] what a repair could not take along makes its exit code 1', async () => {
  change(`UPDATE links SET role = 'owner' WHERE document = 1`);
  const repaired = await repair();
  expect(repaired.code).toBe(1);
  expect(JSON.parse(repaired.stdout)).toMatchObject({ ok: false, repaired: { copied: 4, setAside: [] } });
  expect((await runCommand(verify, ['--store', url()])).code).toBe(0);
});

test('[VERIFY4] the write-ahead log of a damaged store is kept with it, byte for byte', async () => {
  const store = await SqliteStore.open(file);
  await store.open('team/new' as never, 1);
  for (const end of ['', '-wal']) copyFileSync(file + end, folder.file(`left.db${end}`));
  await store.close();
  file = folder.file('left.db');
  const log = readFileSync(`${file}-wal`);
  log.writeUInt8(log.readUInt8(200) ^ 1, 200);
  writeFileSync(`${file}-wal`, log);
  writeFileSync(`${file}-wal`, log);
  await repair();
  const kept = folder.names().find((name) => name.endsWith('-wal') && name.includes('.damaged-')) ?? '';
  expect(readFileSync(folder.file(kept)).equals(log)).toBe(true);
});

test('[VERIFY9] where nothing can be read, nothing is repaired, and nothing is changed', async () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('no database'.repeat(500)),
    readFileSync(file).subarray(0, 9_000),
  ]) {
    file = folder.file('other.db');
    writeFileSync(file, bytes);
    const refused = await repair();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('nothing was changed');
    expect(refused.stderr).not.toContain('at ');
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(folder.names().filter((name) => name.startsWith('other.db'))).toEqual(['other.db']);
  }
});

test('[VERIFY7] a store that is reached over a symbolic link is copied with its write-ahead log', async () => {
  mkdirSync(folder.file('elsewhere'));
  const name = folder.file('elsewhere/link.db');
  symlinkSync(file, name);
  const store = await SqliteStore.open(name);
  await store.open('team/new' as never, 1);
  const saved = folder.file('saved.db');
  expect((await runCommand(backup, ['--store', `sqlite:${name}`, '--to', saved])).code).toBe(0);
  await store.close();
  const looked = await runCommand(verify, ['--store', `sqlite:${saved}`, '--json']);
  expect(JSON.parse(looked.stdout)).toMatchObject({ ok: true, documents: 5 });
});

test('[VERIFY8] a backup of what is damaged takes no older one away', async () => {
  const older = folder.file('b-20200101-000000.db');
  copyFileSync(file, older);
  change(`UPDATE log SET author = 'eve' WHERE document = 1 AND seq = 1`);
  const made = await runCommand(backup, ['--store', url(), '--to', folder.file('b.db'), '--keep', '1']);
  expect(made.code).toBe(1);
  expect(made.stdout).toContain('Older backups stay');
  expect(existsSync(older)).toBe(true);
});

test('[VERIFY8] a backup that another one overtook does not replace it, and one made before the clock was set back stays', async () => {
  writeFileSync(folder.file('draft'), 'late');
  writeFileSync(folder.file('taken'), 'early');
  await expect(publish(folder.file('draft'), folder.file('taken'))).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(folder.file('taken'), 'utf8')).toBe('early');
  copyFileSync(file, folder.file('b-29990101-000000.db'));
  const made = await runCommand(backup, [
    '--store',
    url(),
    '--to',
    folder.file('b.db'),
    '--keep',
    '1',
    '--json',
  ]);
  expect(existsSync(JSON.parse(made.stdout).file)).toBe(true);
});
