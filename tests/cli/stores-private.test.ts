import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { backup } from '../../cli/commands/backup.js';
import { exporting } from '../../cli/commands/export.js';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { settle } from '../../server/storage/transfer/whole-file.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { runCommand } from '../support/run-command.js';
import { fillStore } from '../support/sample-store.js';
import { seededRandom } from '../support/seeds.js';

/** Only root may give files away. */
const ROOT = process.getuid?.() === 0;

let folder: TemporaryFolder;
let file: string;
beforeEach(async () => {
  folder = temporaryFolder();
  mkdirSync(folder.file('data'));
  file = folder.file('data/store.db');
  const store = await SqliteStore.open(file);
  await fillStore(store, seededRandom(4), { documents: 4, edits: 8 });
  await store.close();
  settle(file);
});
afterEach(() => folder.remove());

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test.each([
  ['600', 0o600],
  ['640', 0o640],
])(
  '[VERIFY24] a repaired store has mode %s and the owner of the damaged one; the quarantine is for one alone',
  async (mode, bits) => {
    const database = new Database(file);
    database.exec(`UPDATE log SET author = 'eve' WHERE document = 1 AND seq = 2`);
    database.close();
    chmodSync(file, bits);
    // Of a process that ended; nobody takes it for the new file's.
    writeFileSync(`${file}-shm`, 'old');
    if (ROOT) chownSync(file, 1_234, 2_345);
    const { uid, gid } = statSync(file);
    const { code, stdout } = await runCommand(verify, ['--store', `sqlite:${file}`, '--repair']);
    expect(code).toBe(1);
    expect(stdout).toContain('Set aside');
    expect(stdout).not.toContain('chown');
    expect(modeOf(file)).toBe(mode);
    expect(statSync(file)).toMatchObject({ uid, gid });
    const beside = readdirSync(folder.file('data'));
    const damaged = beside.find((name) => /\.damaged-[\d-]+$/.test(name));
    expect(beside.filter((name) => name.startsWith('store.db-'))).toEqual([]);
    expect(beside).toContain(`${damaged}-shm`);
    expect(modeOf(folder.file(`data/${damaged}`))).toBe(mode);
    const quarantine = folder.file(`data/${beside.find((name) => name.includes('.quarantine-'))}`);
    expect(modeOf(quarantine)).toBe('700');
    const kept = readdirSync(quarantine).map((name) => modeOf(`${quarantine}/${name}`));
    expect(kept).toEqual(['600']);
  },
);

test('[VERIFY24] what migrate, backup and export write is for whoever runs them alone', async () => {
  const store = `sqlite:${file}`;
  const made = ['moved.db', 'saved.db', 'team.zip'].map((name) => folder.file(name));
  const [moved = '', saved = '', archive = ''] = made;
  expect((await runCommand(migrate, ['--from', store, '--to', `sqlite:${moved}`])).code).toBe(0);
  expect((await runCommand(backup, ['--store', store, '--to', saved])).code).toBe(0);
  expect((await runCommand(exporting, ['--store', store, 'team', archive])).code).toBe(0);
  expect(made.map(modeOf)).toEqual(['600', '600', '600']);
  // A store that is there keeps its mode.
  chmodSync(moved, 0o640);
  expect((await runCommand(migrate, ['--from', store, '--to', `sqlite:${moved}`, '--merge'])).code).toBe(0);
  expect(modeOf(moved)).toBe('640');
});

test('[VERIFY9] an empty file is called empty, and no backup is made of it', async () => {
  const empty = folder.file('empty.db');
  writeFileSync(empty, '');
  const looked = await runCommand(verify, ['--store', `sqlite:${empty}`]);
  expect(looked.code).toBe(1);
  expect(looked.stdout).toContain(`${empty} is empty, which no store ever is.`);
  expect(looked.stdout).not.toContain('another program');
  const names = folder.names();
  const saved = ['--store', `sqlite:${empty}`, '--to', folder.file('saved.db')];
  expect(await runCommand(backup, saved)).toEqual({
    code: 2,
    stdout: '',
    stderr: `${empty} is empty, which no store ever is. Restore it from a backup.`,
  });
  expect(folder.names()).toEqual(names);
});
