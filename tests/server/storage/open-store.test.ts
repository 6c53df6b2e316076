import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { openStore } from '../../../server/storage/open-store.js';
import { openConnection } from '../../../server/storage/sqlite-connection.js';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../server/storage/sqlite-schema.js';
import { StoreOpenError } from '../../../server/storage/store-open-error.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { killStoreProcesses, StoreProcess } from '../../support/store-process.js';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await killStoreProcesses();
  folder.remove();
});

async function expectRefused(url: string, sentence: RegExp): Promise<void> {
  const outcome = await openStore(url).catch((error: unknown) => error);
  if (!(outcome instanceof StoreOpenError)) throw new Error(`not refused: ${String(outcome)}`);
  expect(outcome.message).toMatch(sentence);
}

/** The file must be refused, and then be the same, with nothing new beside it. */
async function expectRefusedUnchanged(file: string, sentence: RegExp): Promise<void> {
  const before = [readFileSync(file), folder.names()];
  await expectRefused(`sqlite:${file}`, sentence);
  expect([readFileSync(file), folder.names()]).toEqual(before);
}

async function createStore(file: string): Promise<void> {
  const store = await openStore(`sqlite:${file}`);
  await store.open(parseDocumentId('team/plan'), 1);
  await store.close();
}

test('[STORE10] memory: and sqlite:FILE are opened, folders are created', async () => {
  for (const url of ['memory:', `sqlite:${folder.file('a/b/store.db')}`]) {
    const store = await openStore(url);
    expect(store.description).toBe(url);
    expect((await store.open(parseDocumentId('plan'), 1)).head).toBe(0);
    await store.close();
  }
});

test('[STORE10] an address that names no store is refused with the forms that there are, and without its secrets', async () => {
  await expectRefused('', /no scheme.*"sqlite:FILE"/);
  await expectRefused('./data/coscribe.db', /no scheme.*"sqlite:FILE"/);
  await expectRefused('mysql://root:hunter2@db/x', /^There is no store of the kind "mysql:"(?!.*hunter2)/);
  await expectRefused('sqlite:', /names no file/);
  await expectRefused('sqlite::memory:', /names no file.*"memory:"/);
  await expectRefused('memory:x', /nothing after the colon/);
});

test('[STORE10] a path that cannot hold a store is refused with what to do', async () => {
  mkdirSync(folder.file('sub'));
  writeFileSync(folder.file('note.txt'), 'hello');
  await expectRefused(`sqlite:${folder.file('sub')}`, /is a folder\. Name a file inside it/);
  await expectRefused(`sqlite:${folder.file('note.txt/store.db')}`, /cannot be opened.*Check the path/);
  await expectRefused('sqlite:/dev/null', /not an ordinary file/);
  await expectRefused('sqlite:/proc/coscribe-test/store.db', /cannot be opened.*Check the path/);
  // Root may write everywhere, so that only other users can be refused here.
  if (process.getuid?.() !== 0) {
    await createStore(folder.file('sub/store.db'));
    chmodSync(folder.file('sub/store.db'), 0o444);
    await expectRefused(`sqlite:${folder.file('sub/store.db')}`, /cannot be opened.*permission/);
  }
});

test('[STORE11] what is no SQLite database is refused and left as it is', async () => {
  const file = folder.file('store.db');
  writeFileSync(file, 'This is a letter to my landlord, and not a database. '.repeat(20));
  await expectRefusedUnchanged(file, /is no SQLite database\. It was not changed/);
  writeFileSync(file, 'SQLite format 3\0');
  await expectRefusedUnchanged(file, /is no SQLite database/);
  writeFileSync(file, '');
  await expectRefusedUnchanged(file, /is empty.*Restore it from a backup/);
});

test("[STORE11] another program's database, and one of another version of Coscribe, are refused and left as they are", async () => {
  const foreign = new Database(folder.file('foreign.db'));
  foreign.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  await expectRefusedUnchanged(folder.file('foreign.db'), /database of another program/);
  for (const [version, age] of [
    [SCHEMA_VERSION + 1, 'newer'],
    [0, 'older'],
  ]) {
    const file = folder.file(`${age}.db`);
    const other = new Database(file);
    other.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}; CREATE TABLE t (a)`,
    );
    other.close();
    await expectRefusedUnchanged(
      file,
      new RegExp(`written by an? ${age} version of Coscribe \\(schema ${version};`),
    );
  }
});

test('[STORE11] a database that is damaged or cut short is refused and left as it is', async () => {
  const file = folder.file('store.db');
  await createStore(file);
  const healthy = readFileSync(file);
  const damaged = Buffer.from(healthy);
  damaged.fill(0xff, 4096, 4096 + 64);
  writeFileSync(file, damaged);
  await expectRefusedUnchanged(file, /is damaged \(.*\)\. Nothing was repaired or removed/);
  writeFileSync(file, healthy.subarray(0, healthy.length - 4096));
  await expectRefusedUnchanged(file, /is damaged \(.*\)\. Nothing was repaired or removed/);
  writeFileSync(file, healthy);
  await (await openStore(`sqlite:${file}`)).close();
});

test('[STORE11] a new store is not begun beside the edits of one that is missing', async () => {
  writeFileSync(folder.file('store.db-wal'), 'edits');
  await expectRefused(`sqlite:${folder.file('store.db')}`, /is missing, but .*-wal.* is there/);
  expect(folder.names()).toEqual(['store.db-wal']);
});

test('[STORE12] a file belongs to one store: a second process and a second store are refused, until kill -9 frees it', async () => {
  const file = folder.file('store.db');
  const other = new StoreProcess(file, 'serve');
  await other.reported(1);
  await expectRefused(`sqlite:${file}`, /in use by another process/);
  expect(await other.append()).toEqual({ seq: 1, text: 'row 1' });
  await other.kill();
  const store = await openStore(`sqlite:${file}`);
  expect((await store.open(parseDocumentId('test/document'), 1)).head).toBe(1);
  await expectRefused(`sqlite:${file}`, /already open in this process/);
  await store.close();
  await (await openStore(`sqlite:${file}`)).close();
});

test('[STORE8] the connection syncs every commit', () => {
  const database = openConnection({ file: folder.file('store.db'), quickCheckBytes: 0, expected: undefined });
  const setting = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0];
  expect([setting('journal_mode'), setting('synchronous'), setting('locking_mode')]).toEqual([
    'wal',
    2,
    'exclusive',
  ]);
});
