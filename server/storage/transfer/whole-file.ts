import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Database from 'libsql';

/** Where a file is written before it has its name. */
export function draftOf(file: string): string {
  // By chance: in two containers processes have the same number.
  return join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.draft`);
}

/** Merges a copy's write-ahead log into it, so that the one file is all there is. @throws what SQLite throws */
export function settle(file: string): void {
  const database = new Database(file);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL');
  database.prepare('PRAGMA journal_mode = DELETE').all([]);
  // Whoever opens it next is not held off by a connection that is not collected yet.
  database.exec('PRAGMA locking_mode = NORMAL');
  database.prepare('SELECT count(*) FROM sqlite_schema').all([]);
  database.close();
}

/** Gives a file its name when all of it is on disk. @throws what Node throws; `EEXIST` if somebody else has that name */
export async function publish(draft: string, file: string): Promise<void> {
  await sync(draft);
  try {
    await link(draft, file);
    await rm(draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Not every file system has links.
    await rename(draft, file);
  }
  if (process.platform !== 'win32') await sync(dirname(file));
}

export async function discard(draft: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal', '-hold']) await rm(draft + suffix, { force: true });
}

/** Until all of it is on disk. @throws what Node throws */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
