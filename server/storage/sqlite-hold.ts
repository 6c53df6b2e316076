import { realpathSync, statSync } from 'node:fs';

/**
 * Pages after which SQLite merges the write-ahead log within a commit: a bound for what comes in large pieces. After ordinary
 * commits the storage thread merges it earlier by itself.
 */
export const MERGE_AT_MOST_PAGES = 1_000;

/** A copy is written to this often while it goes on, in milliseconds. */
export const HOLD_EVERY_MS = 1_000;

/** What was not written to for so long, in milliseconds, has been left behind by a process that ended. */
const HOLD_MS = 15_000;

/** Where the write-ahead log of a held store ends its patience, in bytes. */
const MOST_LOG = 2 * 1024 * 1024 * 1024;

/**
 * The file itself, if the path leads over symbolic links: SQLite keeps the write-ahead log beside that one, and so whoever
 * looks beside the link finds none.
 */
export function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The file beside a store that says: a copy is being made. */
export function holdOf(file: string): string {
  return `${file}-hold`;
}

/**
 * Whether somebody copies the store's files right now. As long as the write-ahead log is not begun anew, the file and the
 * log after it are one state, however long copying them takes: what was merged into the file meanwhile stands in the
 * log, too. Nobody's commit waits for it.
 */
export function isHeld(file: string): boolean {
  const hold = statSync(holdOf(file), { throwIfNoEntry: false });
  if (hold === undefined || hold.mtimeMs < Date.now() - HOLD_MS) return false;
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) < MOST_LOG;
}
