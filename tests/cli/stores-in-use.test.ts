import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { openStore } from '../../server/storage/open-store.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { holdFile } from '../../server/storage/transfer/hold-file.js';
import { settle } from '../../server/storage/transfer/whole-file.js';
import { parseDocumentId } from '../../shared/ids.js';
import { everythingIn } from '../support/everything-in.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { interruptAfter } from '../support/interrupt.js';
import { runCommand } from '../support/run-command.js';
import { fillStore } from '../support/sample-store.js';
import { seededRandom } from '../support/seeds.js';
import { killStoreProcesses, StoreProcess } from '../support/store-process.js';

let folder: TemporaryFolder;
let file: string;
let source: string;
beforeEach(async () => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  source = `sqlite:${file}`;
  const store = await SqliteStore.open(file);
  await fillStore(store, seededRandom(17), { documents: 6, edits: 10 });
  await store.close();
  settle(file);
});
afterEach(async () => {
  await killStoreProcesses();
  folder.remove();
});

test('[VERIFY6] a store that a server uses is not repaired, written to, nor moved elsewhere, as long as the command runs', async () => {
  const damaging = new Database(file);
  damaging.exec('UPDATE documents SET updated_minute = 7');
  damaging.close();
  copyFileSync(file, folder.file('other.db'));
  const server = new StoreProcess(file, 'serve');
  await server.reported(1);
  const refused = { code: 2, stdout: '', stderr: `${file} is in use. Stop the server that uses it first.` };
  const other = `sqlite:${folder.file('other.db')}`;
  const repair = await runCommand(verify, ['--store', source, '--repair']);
  expect(repair).toMatchObject({ code: 2, stderr: refused.stderr });
  expect(await runCommand(migrate, ['--from', other, '--to', source, '--merge'])).toEqual(refused);
  expect(await runCommand(migrate, ['--from', source, '--to', `sqlite:${folder.file('new.db')}`])).toEqual(
    refused,
  );
  expect(existsSync(folder.file('new.db'))).toBe(false);
  // It can be looked at, and documents can be taken from it one by one.
  const one = ['--from', source, '--to', `sqlite:${folder.file('one.db')}`, '--merge'];
  expect((await runCommand(migrate, [...one, '--document', 'team/doc-2'])).code).toBe(0);
  expect((await runCommand(migrate, ['--from', other, '--to', source, '--dry-run'])).code).toBe(2);
  expect((await runCommand(migrate, ['--from', other, '--to', source, '--merge', '--dry-run'])).code).toBe(0);
  expect(await server.append()).toMatchObject({ seq: 1 });
  await server.kill();
});

test('[VERIFY6] a held file is nobody else’s, however often it is copied meanwhile, and is not changed', async () => {
  const server = new StoreProcess(file, 'serve');
  await server.reported(1);
  await server.append();
  await server.kill();
  const before = [file, `${file}-wal`].map((name) => readFileSync(name));
  const hold = await holdFile(file);
  copyFileSync(file, folder.file('copy.db'));
  await expect(openStore(source)).rejects.toThrow('is in use by another process');
  await expect(holdFile(file)).rejects.toThrow(`${file} is in use.`);
  await hold.release();
  for (const [n, name] of [file, `${file}-wal`].entries())
    expect(readFileSync(name).equals(before[n] ?? Buffer.alloc(0))).toBe(true);
  const store = await openStore(source);
  expect((await store.open(parseDocumentId('test/document'), 1)).head).toBe(1);
  await store.close();
  await (await holdFile(file)).release();
  expect(folder.names().sort()).toEqual(['copy.db', 'store.db']);
  for (const text of ['', 'no database']) {
    writeFileSync(folder.file('other.db'), text);
    await (await holdFile(folder.file('other.db'))).release();
    expect(readFileSync(folder.file('other.db'), 'utf8')).toBe(text);
  }
  await (await holdFile(folder.file('none.db'))).release();
  expect(existsSync(folder.file('none.db'))).toBe(false);
});

test('[VERIFY11] the same command goes on with a migration that was interrupted, and no server starts before it is done', async () => {
  const target = folder.file('new.db');
  const argv = ['--from', source, '--to', `sqlite:${target}`];
  const interrupted = await runCommand(
    migrate,
    argv,
    interruptAfter(4, () => existsSync(target)),
  );
  expect(interrupted).toMatchObject({
    stdout: '',
    stderr: 'What has come stays; the same command goes on from there.\nInterrupted.',
  });
  await expect(openStore(`sqlite:${target}`)).rejects.toThrow(
    `Documents are being moved into ${target} from ${source}, and not all of them have come.`,
  );
  const looked = await runCommand(verify, ['--store', `sqlite:${target}`, '--json']);
  expect(JSON.parse(looked.stdout)).toMatchObject({
    ok: false,
    documents: 3,
    findings: [{ kind: 'migration-unfinished' }],
  });
  copyFileSync(file, folder.file('other.db'));
  const other = ['--from', `sqlite:${folder.file('other.db')}`, '--to', `sqlite:${target}`];
  for (const more of [[], ['--merge']])
    expect((await runCommand(migrate, [...other, ...more])).stderr).toContain(
      'Give that coscribe migrate again',
    );

  // The servers went on with the old store meanwhile.
  const id = parseDocumentId('team/doc-0');
  const store = await SqliteStore.open(file);
  const { generation } = await store.open(id, 1);
  await store.append([
    {
      id,
      generation,
      committedAt: 400_000,
      rows: [{ update: new Uint8Array([0, 0]), clientId: 5, author: 'ann' }],
    },
  ]);
  await store.close();
  settle(file);
  expect(await runCommand(migrate, [...argv, '--dry-run'])).toMatchObject({
    stdout: '4 documents to copy, 2 there already.\n',
  });
  expect(await runCommand(migrate, argv)).toEqual({
    code: 0,
    stdout: '4 documents copied, 2 there already.\n',
    stderr: '',
  });
  expect(await everythingIn(`sqlite:${target}`, folder.path)).toEqual(
    await everythingIn(source, folder.path),
  );
  expect((await runCommand(verify, ['--store', `sqlite:${target}`])).code).toBe(0);
  expect((await runCommand(migrate, argv)).stderr).toContain('has documents already');
  await (await openStore(`sqlite:${target}`)).close();
});

test('[VERIFY11] what has come can be made a store of, if the rest never will', async () => {
  const target = folder.file('new.db');
  const argv = ['--from', source, '--to', `sqlite:${target}`];
  await runCommand(
    migrate,
    argv,
    interruptAfter(4, () => existsSync(target)),
  );
  const repaired = await runCommand(verify, ['--store', `sqlite:${target}`, '--repair', '--json']);
  expect(repaired.code).toBe(1);
  expect(JSON.parse(repaired.stdout)).toMatchObject({ repaired: { copied: 3, mended: 0, setAside: [] } });
  await (await openStore(`sqlite:${target}`)).close();
});

test('[VERIFY9] [VERIFY18] the address of a store comes from a file; what such a file must not hold is said without it', async () => {
  const address = folder.file('address');
  writeFileSync(address, `${source}\n`);
  expect((await runCommand(verify, ['--store', `file:${address}`])).code).toBe(0);
  await (await openStore(`sqlite:${folder.file('b.db')}`)).close();
  const moved = await runCommand(migrate, ['--from', `file:${address}`, '--to', source]);
  expect(moved.stderr).toContain('--from and --to are the same store.');
  symlinkSync(file, folder.file('link.db'));
  const linked = await runCommand(migrate, [
    '--from',
    `file:${address}`,
    '--to',
    `sqlite:${folder.file('link.db')}`,
  ]);
  expect(linked.stderr).toContain('--from and --to are the same store.');
  for (const [text, sentence] of [
    ['hunter2', 'holds none'],
    ['', 'holds none'],
    [`file:${address}`, 'holds none'],
  ] as const) {
    writeFileSync(address, text);
    const { code, stderr } = await runCommand(verify, ['--store', `file:${address}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('hunter2');
  }
  expect((await runCommand(verify, ['--store', `file:${file}`])).stderr).toContain('is named by sqlite:FILE');
  expect((await runCommand(verify, ['--store', `file:${folder.file('none')}`])).stderr).toContain(
    'cannot be read (ENOENT)',
  );
});
