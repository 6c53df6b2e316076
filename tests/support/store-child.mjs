/**
 * A process with a store of its own, for tests that kill it or take its disk away.
 *   node store-child.mjs FILE append   appends for ever, and reports each row that the store has confirmed
 *   node store-child.mjs FILE serve    opens the store, then appends one row for each message it gets
 *   node store-child.mjs FILE snapshots the same, and writes large snapshots meanwhile, which it reports too
 *   node store-child.mjs FILE migrate-and-die  takes a file of an older version over, and dies just before it commits
 *   node store-child.mjs FILE unsynced writes without waiting for the disk: what a store must not do
 */
import Database from 'libsql';
import { migrate } from '../../dist/server/storage/sqlite-migration.js';
import { SqliteStore } from '../../dist/server/storage/sqlite-store.js';

const [file, mode] = process.argv.slice(2);
const id = 'test/document';
let count = 0;
let written = 0;

function report(message) {
  process.send(message);
}

async function appendOne(store, generation) {
  const update = new TextEncoder().encode(`row ${++count}`);
  const rows = [{ update, clientId: 7, author: 'ada' }];
  const [result] = await store.append([{ id, generation, committedAt: count, rows }]);
  written = result.firstSeq;
  return { seq: written, text: `row ${count}` };
}

/** Filled with its `seq`, so that a mixture of two is noticed. */
async function writeSnapshots(store, generation) {
  for (;;) {
    const seq = written;
    const snapshot = {
      seq,
      state: new Uint8Array(300_000).fill(seq),
      index: new Uint8Array(70_000).fill(seq),
    };
    await store.writeSnapshot(id, generation, snapshot, Math.max(0, seq - 5));
    report({ snapshot: seq });
  }
}

if (mode === 'migrate-and-die') {
  const database = new Database(file);
  const dying = new Proxy(database, {
    get: (target, name) => (name === 'exec' ? execOrDie : Reflect.get(target, name).bind?.(target)),
  });
  function execOrDie(sql) {
    if (!sql.endsWith('COMMIT')) return database.exec(sql);
    database.exec(sql.slice(0, -'COMMIT'.length));
    process.kill(process.pid, 'SIGKILL');
  }
  migrate(dying, 1);
} else if (mode === 'unsynced') {
  const database = new Database(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (n INTEGER)');
  for (let n = 1; n <= 10; n++) database.exec(`INSERT INTO t VALUES (${n})`);
  report({ seq: 10 });
  process.on('message', () => {});
} else {
  const store = await SqliteStore.open(file);
  const { generation } = await store.open(id, 0);
  report({ opened: true });
  if (mode === 'snapshots') {
    report(await appendOne(store, generation));
    void writeSnapshots(store, generation);
  }
  if (mode !== 'serve') {
    for (;;) report(await appendOne(store, generation));
  }
  process.on('message', () => {
    appendOne(store, generation).then(report, (error) => report({ code: error.code }));
  });
}
