import { statSync } from 'node:fs';
import Database from 'libsql';
import { SqliteDatabase } from './sqlite-database.js';
import { messageOf, sqliteCode } from './sqlite-errors.js';
import { checkOwner, prepareFile } from './sqlite-file.js';
import { MERGE_AT_MOST_PAGES } from './sqlite-hold.js';
import type { SqliteWorkerData } from './sqlite-messages.js';
import { migrate } from './sqlite-migration.js';
import { selectOne } from './sqlite-statement.js';
import { readMigration } from './sqlite-unfinished.js';
import { StoreOpenError } from './store-open-error.js';
import { unfinishedMigration } from './unfinished.js';

/** How long opening waits for a process that is just ending, in milliseconds. */
const LOCK_WAIT_MS = 1_000;

/**
 * Opens our database, checked and ready for use.
 *
 * @throws StoreOpenError with what the operator has to do
 */
export function openDatabase(data: SqliteWorkerData): SqliteDatabase {
  try {
    const database = openConnection(data);
    const unfinished = readMigration(database);
    if (unfinished !== undefined) {
      // As it was found: without a write-ahead log.
      database.exec('PRAGMA journal_mode = DELETE');
      throw unfinishedMigration(data.file, unfinished.source);
    }
    return new SqliteDatabase(database, data.file);
  } catch (error) {
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(explain(data.file, error), { cause: error });
  }
}

/**
 * While the connection lives, no other process can open the file; the operating system drops that lock with the
 * process, however it ends.
 *
 * `close()` of libsql keeps file and lock until the prepared statements are collected: only the end of the thread
 * reliably lets go of them.
 *
 * @throws StoreOpenError and what Node and SQLite throw
 */
export function openConnection({ file, quickCheckBytes, expected }: SqliteWorkerData): Database.Database {
  prepareFile(file, expected);
  const database = new Database(file, { timeout: LOCK_WAIT_MS });
  database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
  // Before the first access, so that the lock is taken for good and no shared-memory file is needed.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  const version = pragma(database, 'user_version');
  checkOwner(file, pragma(database, 'application_id'), version);
  if (statSync(file).size <= quickCheckBytes) quickCheck(database, file);
  configure(database, file);
  migrate(database, version);
  return database;
}

function configure(database: Database.Database, file: string): void {
  const mode = String(Object.values(selectOne(database.prepare('PRAGMA journal_mode = WAL')) as object)[0]);
  if (mode !== 'wal')
    throw new StoreOpenError(`The file system of ${file} cannot hold a write-ahead log. Use another.`);
  // A commit is on disk before it is reported; this is the whole point.
  database.exec('PRAGMA synchronous = FULL');
  // A damaged page is noticed when it is read, not after it was misread.
  database.exec('PRAGMA cell_size_check = ON');
  // What REPLACE takes away is counted, too.
  database.exec('PRAGMA recursive_triggers = ON');
  // After a large transaction the write-ahead log gives its room back.
  database.exec('PRAGMA journal_size_limit = 8388608');
  database.exec(`PRAGMA wal_autocheckpoint = ${MERGE_AT_MOST_PAGES}`);
  database.exec('PRAGMA cache_size = -16384');
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

function pragma(database: Database.Database, name: string): number {
  const row = selectOne(database.prepare(`PRAGMA ${name}`)) as Record<string, unknown>;
  return Number(row[name]);
}

function quickCheck(database: Database.Database, file: string): void {
  const row = selectOne(database.prepare('PRAGMA quick_check(1)')) as { readonly quick_check: string };
  if (row.quick_check !== 'ok') throw new StoreOpenError(damaged(file, row.quick_check));
}

function explain(file: string, error: unknown): string {
  switch (sqliteCode(error)) {
    case 5:
    case 6:
      return `${file} is in use by another process. Stop that one, or name another file; each server needs its own.`;
    case 11:
    case 26:
      return damaged(file, messageOf(error));
    case 13:
      return `There is no room on the disk of ${file}. Make room and start again.`;
    default:
      return `${file} cannot be opened for reading and writing: ${messageOf(error)}. Check the path, its permissions and the disk.`;
  }
}

function damaged(file: string, finding: string): string {
  return (
    `${file} is damaged (${finding.replace(/\s+/g, ' ').trim()}). Nothing was repaired or removed. Restore the file ` +
    `from a backup, or save what is readable with: sqlite3 FILE .recover`
  );
}
