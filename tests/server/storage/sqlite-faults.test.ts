import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { packRows } from '../../../server/storage/packed-rows.js';
import { SqliteDatabase } from '../../../server/storage/sqlite-database.js';
import { toFault } from '../../../server/storage/sqlite-errors.js';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { startSqliteWorker } from '../../../server/storage/sqlite-thread.js';
import type { AppendResult, DocumentStore } from '../../../server/storage/store.js';
import { StoreOpenError } from '../../../server/storage/store-open-error.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { bytes, expectFault, row } from '../../support/store-data.js';

const A = parseDocumentId('team/damaged');
const B = parseDocumentId('team/healthy');
const BETWEEN = parseDocumentId('team/between');
const PAGE = 4096;

let folder: TemporaryFolder;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('store.db');
});
afterEach(() => folder.remove());

async function append(store: DocumentStore, ids: readonly DocumentId[], texts: readonly string[]) {
  const batches = [];
  for (const id of ids) {
    const { generation } = await store.open(id, 1);
    batches.push({ id, generation, committedAt: 1, rows: texts.map((text) => row(`${id} ${text}`)) });
  }
  return await store.append(batches);
}

/** Two documents with logs of several pages and a snapshot each, on pages of their own: a third is between them. */
async function twoDocuments(): Promise<void> {
  const store = await SqliteStore.open(file);
  const texts = Array.from({ length: 300 }, (_, n) => `row ${n + 1}.`);
  for (const id of [A, BETWEEN, B]) {
    await append(store, [id], texts);
    const { generation } = await store.open(id, 1);
    await store.writeSnapshot(
      id,
      generation,
      { seq: 300, state: bytes(`state of ${id}`), index: bytes(`index of ${id}`) },
      0,
    );
  }
  await store.close();
}

/** Changes the file at the one place where these bytes are. */
function damage(text: string, change: (content: Buffer, position: number) => void): void {
  const content = readFileSync(file);
  const position = content.indexOf(text);
  if (position < 0) throw new Error(`not in the file: ${text}`);
  change(content, position);
  writeFileSync(file, content);
}

const flipByte = (content: Buffer, position: number) => {
  content[position] = (content[position] ?? 0) ^ 0x04;
};

test.each([
  ['an update', `${A} row 150.`, (store: DocumentStore) => store.readLog(A, 0, 300)],
  ['a snapshot', `state of ${A}`, (store: DocumentStore) => store.readSnapshot(A)],
  ['the index of a snapshot', `index of ${A}`, (store: DocumentStore) => store.open(A, 1)],
])(
  '[STORE13] one flipped bit in %s is noticed; the other documents are not concerned',
  async (_, text, read) => {
    await twoDocuments();
    damage(text, flipByte);
    const store = await SqliteStore.open(file);
    await expectFault(read(store), 'document-unreadable');
    expect(await store.readLog(B, 0, 1000)).toHaveLength(300);
    expect((await store.readSnapshot(B))?.state).toEqual(bytes(`state of ${B}`));
    await store.close();
  },
);

test.each([
  [
    'an author that is not UTF-8 any more',
    "UPDATE log SET author = CAST(x'ff' AS TEXT) WHERE document = 1 AND seq = 7",
  ],
  [
    'a value of another type',
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'author TEXT NOT NULL', 'author ANY'); PRAGMA writable_schema = RESET; UPDATE log SET author = NULL WHERE document = 1 AND seq = 7; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'author ANY', 'author TEXT NOT NULL'); PRAGMA writable_schema = OFF",
  ],
  ['a row that is gone', 'DELETE FROM log WHERE document = 1 AND seq = 7'],
  ['a last row that is gone', 'DELETE FROM log WHERE document = 1 AND seq = 300'],
  ['a changed clientID', 'UPDATE log SET client_id = 8 WHERE document = 1 AND seq = 7'],
  ['a snapshot that is gone', 'DELETE FROM snapshots WHERE document = 1'],
  ['a changed generation', "UPDATE documents SET generation = 'x' WHERE key = 1"],
  ['a changed head', 'UPDATE documents SET head = 299 WHERE key = 1'],
  ['a first name that it never had', "UPDATE documents SET sealed_as = 'x/y' WHERE key = 1"],
])('[STORE13] %s is noticed; the other documents are not concerned', async (_, sql) => {
  await twoDocuments();
  const database = new Database(file);
  database.exec(sql);
  database.close();
  const store = await SqliteStore.open(file, { quickCheckBytes: 0 });
  const opening = store.open(A, 1).then(() => store.readLog(A, 0, 300));
  await expectFault(opening, 'document-unreadable');
  expect(await append(store, [B], ['more'])).toEqual([{ ok: true, firstSeq: 301 }]);
  await store.close();
});

test.each([
  ["digest = 'e'", 'another request'],
  ['seq = 9', 'another edit'],
  ["answer = '{}'", 'another answer'],
])('[STORE13] a receipt that says something else is noticed: %s', async (change) => {
  const store = await SqliteStore.open(file);
  await store.keepReceipt({ key: 'k', digest: 'd', seq: 1, answer: '{"a":1}', createdAt: 1 });
  await store.close();
  const database = new Database(file);
  database.exec(`UPDATE receipts SET ${change}`);
  database.close();
  const later = await SqliteStore.open(file);
  await expectFault(later.readReceipt('k'), 'document-unreadable');
  expect(await later.keepReceipt({ key: 'l', digest: 'd', createdAt: 1 })).toBe(true);
  await later.close();
});

test('[STORE13] a damaged page makes the documents on it unreadable and no others, also within one append', async () => {
  await twoDocuments();
  damage(`${A} row 299.`, (content, position) =>
    content.fill(0xff, position - (position % PAGE), position - (position % PAGE) + 8),
  );
  const refused = await SqliteStore.open(file).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StoreOpenError);
  // Without the check at the start, as with a file too large for it.
  const store = await SqliteStore.open(file, { quickCheckBytes: 0 });
  await expectFault(store.readLog(A, 0, 1000), 'document-unreadable');
  await expectFault(store.open(A, 1), 'document-unreadable');
  expect((await store.readLog(A, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const { generation } = await store.open(B, 1);
  const list = await store.list({ limit: 9 });
  expect(list.map(({ head }) => head)).toEqual([300, 300, 300]);
  const rows = [row('new')];
  const generationOfA = generationIn(folder, file);
  const results = await store.append([
    { id: B, generation, committedAt: 1, rows },
    { id: A, generation: generationOfA, committedAt: 1, rows },
    { id: B, generation, committedAt: 1, rows },
  ]);
  expect(results).toEqual([
    { ok: true, firstSeq: 301 },
    { ok: false, code: 'document-unreadable' },
    { ok: true, firstSeq: 302 },
  ]);
  expect(await store.readLog(B, 0, 1000)).toHaveLength(302);
  await store.close();
});

/** A's generation, read in a copy, because the store holds the file. */
function generationIn({ file: inFolder }: TemporaryFolder, source: string): string {
  copyFileSync(source, inFolder('copy.db'));
  const database = new Database(inFolder('copy.db'));
  const found = database.prepare('SELECT generation FROM documents WHERE id = ?').get([A]) as {
    generation: string;
  };
  return found.generation;
}

test('[STORE9] a full database refuses the whole append and goes on when there is room again', async () => {
  await (await SqliteStore.open(file)).close();
  const connection = new Database(file);
  // As the storage thread does it: from now on the write-ahead log is there.
  connection.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT');
  const database = new SqliteDatabase(connection, file);
  const heads = [A, B].map((id) => ({
    id,
    generation: database.open({ id, now: 1 }).generation,
    committedAt: 1,
  }));
  const appendBoth = (text: string): readonly AppendResult[] =>
    database.append({
      batches: heads.map((head) => ({ ...head, count: 1 })),
      rows: packRows([row('small'), row(text)]),
    });
  expect(appendBoth('1')).toEqual([1, 1].map((firstSeq) => ({ ok: true, firstSeq })));
  const { page_count: pages } = connection.prepare('PRAGMA page_count').get() as { page_count: number };
  connection.exec(`PRAGMA max_page_count = ${pages}`);
  for (let attempt = 0; attempt < 3; attempt++) {
    let thrown: unknown;
    try {
      appendBoth('large '.repeat(2000));
    } catch (error) {
      thrown = error;
    }
    expect(toFault(thrown)).toMatchObject({ code: 'store-unavailable', detail: 'the disk is full' });
    expect([A, B].map((id) => database.open({ id, now: 1 }).head)).toEqual([1, 1]);
  }
  connection.exec('PRAGMA max_page_count = 1000000');
  expect(appendBoth('large '.repeat(2000))).toEqual([2, 2].map((firstSeq) => ({ ok: true, firstSeq })));
});

test.each([
  ['new', () => {}],
  ['long unchanged', () => utimesSync(dirname(file), 1, 1)],
])(
  '[STORE9] while the file is moved away appends are refused, and nothing is written twice when it is back; its folder is %s',
  async (_, prepare) => {
    const store = await SqliteStore.open(file);
    prepare();
    expect(await append(store, [A], ['1'])).toEqual([{ ok: true, firstSeq: 1 }]);
    renameSync(file, `${file}.moved`);
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await expectFault(append(store, [A], ['2']), 'store-unavailable');
      expect(refused.message).toMatch(/moved, removed or replaced/);
    }
    expect(await store.readLog(A, 0, 9)).toHaveLength(1);
    renameSync(`${file}.moved`, file);
    expect(await append(store, [A], ['2'])).toEqual([{ ok: true, firstSeq: 2 }]);
    await store.close();
  },
);

test('[STORE9] a file that a link leads to is missed too when it is moved away', async () => {
  await (await SqliteStore.open(file)).close();
  const link = folder.file('links/store.db');
  mkdirSync(dirname(link));
  symlinkSync(file, link);
  const store = await SqliteStore.open(link);
  utimesSync(dirname(link), 1, 1);
  utimesSync(dirname(file), 1, 1);
  expect(await append(store, [A], ['1'])).toEqual([{ ok: true, firstSeq: 1 }]);
  renameSync(file, `${file}.moved`);
  await expectFault(append(store, [A], ['2']), 'store-unavailable');
  renameSync(`${file}.moved`, file);
  expect(await append(store, [A], ['2'])).toEqual([{ ok: true, firstSeq: 2 }]);
  await store.close();
});

test('[STORE14] when the storage thread dies, what is outstanding is refused and the next call starts another', async () => {
  const workers: Worker[] = [];
  const store = await SqliteStore.open(file, {
    startWorker(data) {
      const worker = startSqliteWorker(data);
      workers.push(worker);
      return worker;
    },
  });
  const { generation } = await store.open(A, 1);
  for (let round = 1; round <= 3; round++) {
    const batch = { id: A, generation, committedAt: 1, rows: [row(`${round}`)] };
    const calls = [store.append([batch]), store.readLog(A, 0, 10), store.open(B, 1)];
    await Promise.resolve();
    const ended = workers.at(-1)?.terminate();
    for (const outcome of await Promise.allSettled(calls)) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'store-unavailable' });
    }
    await ended;
    const { head } = await store.open(A, 1);
    expect(await store.append([batch])).toEqual([{ ok: true, firstSeq: head + 1 }]);
    expect(workers).toHaveLength(round + 1);
  }
  await store.close();
});

test('[STORE14] a new storage thread takes only the file that the one before it had', async () => {
  const workers: Worker[] = [];
  const store = await SqliteStore.open(file, {
    startWorker(data) {
      workers.push(startSqliteWorker(data));
      return workers.at(-1) as Worker;
    },
  });
  expect(await append(store, [A], ['1'])).toEqual([{ ok: true, firstSeq: 1 }]);
  await workers.at(-1)?.terminate();
  renameSync(file, `${file}.moved`);
  await expectFault(store.open(A, 1), 'store-unavailable');
  copyFileSync(`${file}.moved`, file);
  await expectFault(store.open(A, 1), 'store-unavailable');
  renameSync(`${file}.moved`, file);
  expect((await store.open(A, 1)).head).toBe(1);
  await store.close();
});

test.each([
  ['throws', 'throw new Error("no such library")', /ended while it opened .*no such library/],
  ['ends', 'process.exit(3)', /ended while it opened/],
])(
  '[STORE14] a storage thread that %s at its start is a store that cannot be opened',
  async (_, code, sentence) => {
    const opening = SqliteStore.open(file, { startWorker: () => new Worker(code, { eval: true }) });
    await expect(opening).rejects.toThrow(sentence);
    await expect(opening).rejects.toBeInstanceOf(StoreOpenError);
    await (await SqliteStore.open(file)).close();
  },
);
