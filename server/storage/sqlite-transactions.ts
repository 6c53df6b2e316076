import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'libsql';
import { StoreFault } from './sqlite-errors.js';
import { identify } from './sqlite-file.js';
import type { FileIdentity } from './sqlite-messages.js';

/** Times of folders are exact to two seconds at least, on every file system. */
const FRESH_MS = 3_000;

/** The transactions of one connection, on the file that it was opened with and on no other. */
export class Transactions {
  private readonly begin;
  private readonly commit;
  private readonly rollback;
  private readonly files: readonly { readonly path: string; readonly identity: FileIdentity | undefined }[];
  /** `undefined` if a link leads to the file: its own folder says nothing then. */
  private readonly folder: string | undefined;
  /** The folder as it was when the files were last looked at. */
  private seen: Stats | undefined;
  private rollbackFailed = false;

  /** @param forget called when what was written since the last commit has been undone */
  constructor(
    private readonly database: Database.Database,
    file: string,
    private readonly forget: () => void,
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
    this.rollback = database.prepare('ROLLBACK');
    this.folder = realpathSync(file) === file ? dirname(file) : undefined;
    this.files = [file, `${file}-wal`].map((path) => ({ path, identity: identify(path) }));
  }

  /** Whether a failed transaction could not be undone, so that this connection must not be used any more. */
  get stuck(): boolean {
    return this.rollbackFailed;
  }

  /** Which file the connection was opened with. */
  get identity(): FileIdentity | undefined {
    return this.files[0]?.identity;
  }

  /** When this returns, what `work` wrote is on disk; when it throws, nothing of it stays. */
  run<Result>(work: () => Result): Result {
    this.begin.run();
    try {
      const result = work();
      this.checkInPlace();
      this.commit.run();
      return result;
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  private undo(): void {
    this.forget();
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    if (!this.database.inTransaction) return;
    try {
      this.rollback.run();
    } catch {
      this.rollbackFailed = true;
    }
  }

  /**
   * A file that was removed or replaced can still be written to, but what is written is lost with the process.
   *
   * Whoever does that changes the folder, so mostly the folder is looked at: since Linux 6.13, looking at the times of a
   * file that is written to makes its next sync write them too (multigrain timestamps). That was 40 µs of each commit,
   * and 80 of waiting.
   */
  private checkInPlace(): void {
    const folder = this.folder === undefined ? undefined : statSync(this.folder, { throwIfNoEntry: false });
    const same = folder?.mtimeMs === this.seen?.mtimeMs && folder?.ino === this.seen?.ino;
    // Two changes soon after each other may leave the same time.
    if (folder !== undefined && same && folder.mtimeMs < Date.now() - FRESH_MS) return;
    for (const { path, identity } of this.files) {
      const found = identify(path);
      if (found?.inode === identity?.inode && found?.device === identity?.device) continue;
      throw new StoreFault('store-unavailable', 'the database file was moved, removed or replaced');
    }
    this.seen = folder;
  }
}
