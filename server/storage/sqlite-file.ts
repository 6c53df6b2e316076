import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './private-modes.js';
import type { FileIdentity } from './sqlite-messages.js';
import { APPLICATION_ID, OLDEST_READABLE_VERSION, SCHEMA, SCHEMA_VERSION } from './sqlite-schema.js';
import { StoreOpenError } from './store-open-error.js';

const MAGIC = 'SQLite format 3\0';
const UNTOUCHED = 'It was not changed.';

/**
 * Looks at a database file before SQLite does, because SQLite changes files by opening them: it replays the
 * write-ahead log that it finds beside them. What is ours and whole passes; a missing file is created; anything else
 * is refused as it is.
 *
 * @throws StoreOpenError
 */
export function prepareFile(file: string, expected: FileIdentity | undefined): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    if (expected !== undefined) {
      throw new StoreOpenError(
        `${file} was removed while the server used it. Put it back, or restart the server.`,
      );
    }
    createFile(file);
    return;
  }
  if (expected !== undefined && !isSame(stats, expected)) {
    throw new StoreOpenError(
      `${file} was replaced by another file while the server used it. Restart the server.`,
    );
  }
  if (stats.isDirectory()) throw new StoreOpenError(`${file} is a folder. Name a file inside it.`);
  if (!stats.isFile()) throw new StoreOpenError(`${file} is not an ordinary file. Name another one.`);
  accessSync(file, constants.R_OK | constants.W_OK);
  accessSync(dirname(file), constants.R_OK | constants.W_OK | constants.X_OK);
  checkHeader(file);
}

/** The file at this path, whichever it is; `undefined` if there is none. */
export function identify(file: string): FileIdentity | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && { device: stats.dev, inode: stats.ino };
}

function isSame(stats: Stats, identity: FileIdentity): boolean {
  return stats.ino === identity.inode && stats.dev === identity.device;
}

/** Offsets out of https://www.sqlite.org/fileformat.html#the_database_header */
function checkHeader(file: string): void {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  let length: number;
  try {
    length = readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (length === 0) {
    throw new StoreOpenError(
      `${file} is empty, which no store ever is. ${UNTOUCHED} Restore it from a backup; or remove it to begin a new store.`,
    );
  }
  if (length < header.length || header.toString('latin1', 0, 16) !== MAGIC) {
    throw new StoreOpenError(
      `${file} is no SQLite database. ${UNTOUCHED} Name another file, or restore this one from a backup.`,
    );
  }
  checkOwner(file, header.readUInt32BE(68), header.readUInt32BE(60));
}

/**
 * @param application SQLite's `application_id`
 * @param version SQLite's `user_version`
 * @throws StoreOpenError unless this version of Coscribe reads these tables
 */
export function checkOwner(file: string, application: number, version: number): void {
  if (application !== APPLICATION_ID) {
    throw new StoreOpenError(`${file} is a database of another program. ${UNTOUCHED} Name another file.`);
  }
  if (version < OLDEST_READABLE_VERSION || version > SCHEMA_VERSION) {
    const age = version > SCHEMA_VERSION ? 'a newer' : 'an older';
    throw new StoreOpenError(
      `${file} was written by ${age} version of Coscribe (schema ${version}; this one reads ${SCHEMA_VERSION}). ` +
        `${UNTOUCHED} Start that version, or name another file.`,
    );
  }
}

/**
 * A new store appears under its name whole or not at all: it is made beside it, and linked when it is on disk.
 * Two processes may do so at the same time; the second link fails, and both go on with the first one's file.
 */
function createFile(file: string): void {
  for (const suffix of ['-wal', '-journal']) {
    if ((statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0) === 0) continue;
    throw new StoreOpenError(
      `${file} is missing, but ${file}${suffix}, which holds edits of it, is there. ` +
        'Put the file back; or move both away to begin a new store.',
    );
  }
  const folder = dirname(file);
  createFolder(folder);
  const draft = `${file}.new-${process.pid}`;
  rmSync(draft, { force: true });
  // SQLite gives its write-ahead log the mode of the file.
  closeSync(openSync(draft, 'wx', PRIVATE_FILE));
  const database = new Database(draft);
  database.exec(
    `BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA} COMMIT`,
  );
  database.close();
  publish(draft, file);
  syncFolder(folder);
}

function publish(draft: string, file: string): void {
  try {
    linkSync(draft, file);
    rmSync(draft);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') rmSync(draft);
    // File systems without hard links, for instance FAT.
    else if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') renameSync(draft, file);
    else throw error;
  }
}

/** Step by step, because `recursive` never returns where a parent refuses with ENOENT, as /proc does (Node 20.20). */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  createFolder(parent);
  try {
    mkdirSync(folder, PRIVATE_FOLDER);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  syncFolder(parent);
}

/** A new name is on disk when its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
