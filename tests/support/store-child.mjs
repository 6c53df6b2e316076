/**
 * A process with a store of its own, for tests that kill it or take its disk away.
 *   node store-child.mjs FILE append   appends for ever, and reports each row that the store has confirmed
 *   node store-child.mjs FILE serve    opens the store, then appends one row for each message it gets
 *   node store-child.mjs FILE unsynced writes without waiting for the disk: what a store must not do
 */
import Database from 'libsql';
import { SqliteStore } from '../../dist/server/storage/sqlite-store.js';

const [file, mode] = process.argv.slice(2);
const id = 'test/document';
let count = 0;

function report(message) {
  process.send(message);
}

async function appendOne(store, generation) {
  const update = new TextEncoder().encode(`row ${++count}`);
  const rows = [{ update, clientId: 7, author: 'ada' }];
  const [result] = await store.append([{ id, generation, committedAt: count, rows }]);
  return { seq: result.firstSeq, text: `row ${count}` };
}

if (mode === 'unsynced') {
  const database = new Database(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (n INTEGER)');
  for (let n = 1; n <= 10; n++) database.exec(`INSERT INTO t VALUES (${n})`);
  report({ seq: 10 });
  process.on('message', () => {});
} else {
  const store = await SqliteStore.open(file);
  const { generation } = await store.open(id, 0);
  report({ opened: true });
  if (mode === 'append') {
    for (;;) report(await appendOne(store, generation));
  }
  process.on('message', () => {
    appendOne(store, generation).then(report, (error) => report({ code: error.code }));
  });
}
