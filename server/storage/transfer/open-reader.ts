import { randomUUID } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../check/findings.js';
import { PostgresReader } from '../check/postgres-reader.js';
import { removeFiles, SqliteReader } from '../check/sqlite-reader.js';
import type { StoreReader } from '../check/store-reader.js';
import { UnreadableStore } from '../check/unreadable-store.js';
import { messageOf } from '../sqlite-errors.js';
import { realFile } from '../sqlite-hold.js';
import { StoreOpenError } from '../store-open-error.js';
import { copyLiveFile, type LiveCopyOptions } from './copy-live-file.js';

export interface ReaderOptions extends LiveCopyOptions {
  /** Whether nobody else may use the store meanwhile. */
  readonly alone?: boolean;
  /** Where a SQLite store is copied to; the folder of temporary files unless given. */
  readonly scratch?: string;
}

/** The file of `sqlite:FILE`, which is no symbolic link. @throws StoreOpenError */
export function sqliteFileOf(url: string): string | undefined {
  if (!url.startsWith('sqlite:')) return undefined;
  const file = url.slice('sqlite:'.length);
  if (file === '' || file.startsWith(':') || file.includes('\0'))
    throw new StoreOpenError('"sqlite:" names no file. Give "sqlite:FILE".');
  return realFile(resolve(file));
}

/**
 * Opens a store for reading all of it, as it is at this moment, while servers use it.
 *
 * @throws StoreOpenError if it cannot be looked at; UnreadableStore if it can, and nothing in it can be read
 */
export async function openReader(url: string, options: ReaderOptions): Promise<StoreReader> {
  const file = sqliteFileOf(url);
  if (file !== undefined) return await openSqliteReader(file, url, options);
  if (/^postgres(ql)?:/.test(url)) return await PostgresReader.open(url, options);
  throw new StoreOpenError('Only what is in "sqlite:FILE" or "postgres://…" can be read from outside.');
}

async function openSqliteReader(file: string, url: string, options: ReaderOptions): Promise<SqliteReader> {
  checkFile(file);
  const copy = join(options.scratch ?? tmpdir(), `coscribe-${process.pid}-${randomUUID()}.db`);
  const findings: Finding[] = [];
  const notes: string[] = [];
  try {
    const { torn, logMissing } = await copyLiveFile(file, copy, options);
    if (logMissing)
      notes.push(
        `${file} was not closed by a server of this version, and has no write-ahead log beside it. If ${file}-wal was there and is lost, so are the last edits.`,
      );
    if (torn)
      findings.push({
        kind: 'write-ahead-log-damaged',
        what: `${file}-wal has a damaged frame in the middle`,
      });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new StoreOpenError(
      `${file} cannot be copied to ${dirname(copy)} to be looked at: ${messageOf(error)}. --scratch DIR names another folder.`,
      { cause: error },
    );
  }
  return SqliteReader.open({ copy, description: url, findings, notes, remove: () => removeFiles(copy) });
}

/** @throws StoreOpenError, UnreadableStore */
function checkFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new StoreOpenError(`${file} is not there.`);
  if (!stats.isFile()) throw new StoreOpenError(`${file} is no file.`);
  if (stats.size === 0)
    throw new UnreadableStore([
      { kind: 'file-unreadable', what: `${file} is empty, which no store ever is` },
    ]);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new StoreOpenError(`${file} cannot be read: permission denied.`);
  }
}
