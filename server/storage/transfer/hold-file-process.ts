import { closeSync, openSync, readSync } from 'node:fs';
import Database from 'libsql';
import { sqliteCode } from '../sqlite-errors.js';

/** `unlockable`: it is damaged too much, or may not be written to. No server can have opened it either. */
export type HeldAs = 'held' | 'busy' | 'unlockable';

/** How long to wait for a process that is just ending, in milliseconds. */
const LOCK_WAIT_MS = 1_000;

const MAGIC = 'SQLite format 3\0';

const held: Database.Database[] = [];

function hold(file: string): HeldAs {
  if (!isDatabase(file)) return 'unlockable';
  try {
    const database = new Database(file, { timeout: LOCK_WAIT_MS });
    held.push(database);
    database.exec(
      `PRAGMA busy_timeout = ${LOCK_WAIT_MS}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT`,
    );
    return 'held';
  } catch (error) {
    const code = sqliteCode(error);
    return code === 5 || code === 6 ? 'busy' : 'unlockable';
  }
}

/** To an empty file SQLite would write. */
function isDatabase(file: string): boolean {
  const start = Buffer.alloc(MAGIC.length);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, start, 0, start.length, 0);
    closeSync(descriptor);
  } catch {
    return false;
  }
  return start.toString('latin1') === MAGIC;
}

// Not in order: SQLite would merge the write-ahead log into the file then, and remove it.
process.on('disconnect', () => {
  held.length = 0;
  process.kill(process.pid, 'SIGKILL');
});
// Ctrl-C comes here, too; the command lets go when it is through.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
process.send?.(hold(process.argv[2] ?? ''));
