import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import * as Y from 'yjs';
import { migrate } from '../../cli/commands/migrate.js';
import { verify } from '../../cli/commands/verify.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { hashContent } from '../../shared/content-hash.js';
import { parseDocumentId } from '../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { interruptAfter } from '../support/interrupt.js';
import { editSomewhere } from '../support/random-edits.js';
import { runCommand } from '../support/run-command.js';
import { seededRandom } from '../support/seeds.js';

// Its types cannot be found from CommonJS.
const { LeveldbPersistence } = createRequire(join(process.cwd(), 'package.json'))('y-leveldb') as {
  LeveldbPersistence: new (
    folder: string,
  ) => { storeUpdate(name: string, update: Uint8Array): Promise<number>; destroy(): Promise<void> };
};

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const NAMES: readonly (readonly [foreign: string, ours: string])[] = [
  ['plain', 'old/plain'],
  ['acme/notes', 'acme/notes'],
  ['meeting notes', 'old/meeting_20notes'],
  ['a/b/c', 'old/a_2fb_2fc'],
  ['überblick', 'old/_c3_bcberblick'],
];

function documentOf(seed: number): Y.Doc {
  const random = seededRandom(seed);
  const doc = new Y.Doc();
  for (let n = 0; n < 60; n++) editSomewhere(random, doc);
  return doc;
}

async function expectAll(file: string): Promise<void> {
  const store = await SqliteStore.open(file);
  for (const [n, [, ours]] of NAMES.entries()) {
    const doc = new Y.Doc();
    for (const { update } of await store.readLog(parseDocumentId(ours), 0, 999)) Y.applyUpdate(doc, update);
    expect(hashContent(doc)).toBe(hashContent(documentOf(n)));
  }
  await store.close();
  expect((await runCommand(verify, ['--store', `sqlite:${file}`])).code).toBe(0);
}

test('[VERIFY13] documents come over from the LevelDB of y-websocket; their names are mapped and listed', async () => {
  const persistence = new LeveldbPersistence(folder.file('level'));
  for (const [n, [name]] of NAMES.entries()) {
    await persistence.storeUpdate(name, Y.encodeStateAsUpdate(documentOf(n)));
  }
  await persistence.destroy();
  const argv = ['--from', `leveldb:${folder.file('level')}`, '--to', `sqlite:${folder.file('a.db')}`];
  const moved = await runCommand(migrate, [...argv, '--workspace', 'old']);
  expect(moved).toMatchObject({ code: 0, stderr: '' });
  expect(moved.stdout).toContain('"meeting notes" → old/meeting_20notes\n');
  expect(moved.stdout).toContain('5 documents copied.\n');
  await expectAll(folder.file('a.db'));
});

test('[VERIFY11] what came over from another server before an interruption is not taken again', async () => {
  const target = folder.file('half.db');
  const argv = [
    '--from',
    `leveldb:${folder.file('level')}`,
    '--to',
    `sqlite:${target}`,
    '--workspace',
    'old',
  ];
  const interrupted = await runCommand(
    migrate,
    argv,
    interruptAfter(3, () => existsSync(target)),
  );
  expect(interrupted.stderr).toContain('the same command goes on from there');
  const again = await runCommand(migrate, argv);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toContain('3 documents copied, 2 there already.\n');
  await expectAll(target);
});

test("[VERIFY14] documents come over from Hocuspocus' SQLite; what our gate refuses is named and kept in a file", async () => {
  const source = new Database(folder.file('hocuspocus.db'));
  source.exec('CREATE TABLE documents (name varchar(255) NOT NULL, data blob NOT NULL, UNIQUE(name))');
  const insert = source.prepare('INSERT INTO documents VALUES (?, ?)');
  for (const [n, [name]] of NAMES.entries()) insert.run([name, Y.encodeStateAsUpdate(documentOf(n))]);
  // A length of 0: Yjs takes it, and never loads the document again.
  const broken = new Uint8Array([1, 1, 1, 0, 0, 0, 0]);
  insert.run(['broken', broken]);
  insert.run(['meeting_20notes', Y.encodeStateAsUpdate(documentOf(1))]);
  source.close();
  const argv = [
    '--from',
    `hocuspocus-sqlite:${folder.file('hocuspocus.db')}`,
    '--to',
    `sqlite:${folder.file('b.db')}`,
  ];
  const options = ['--workspace', 'old', '--refused', folder.file('refused')];
  const trial = await runCommand(migrate, [...argv, ...options, '--dry-run', '--json']);
  expect(JSON.parse(trial.stdout)).toMatchObject({ ok: false, dryRun: true, copied: 5, refused: 2 });
  const moved = await runCommand(migrate, [...argv, ...options]);
  expect(moved.code).toBe(1);
  expect(moved.stdout).toContain('"broken" is refused: ');
  expect(moved.stdout).toContain(
    '"meeting_20notes" is refused: "meeting notes" has become old/meeting_20notes already\n',
  );
  expect(readdirSync(folder.file('refused')).sort()).toEqual(['broken.yjs', 'meeting_20notes.yjs']);
  expect(new Uint8Array(readFileSync(folder.file('refused/broken.yjs')))).toEqual(broken);
  await expectAll(folder.file('b.db'));
});
