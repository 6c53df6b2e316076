import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, type FileHandle, open, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { PRIVATE_FILE } from '../private-modes.js';
import { HOLD_EVERY_MS, holdOf } from '../sqlite-hold.js';
import { checkWriteAheadLog } from './write-ahead-log.js';

const CHUNK_BYTES = 1024 * 1024;

/** How often the files are copied again because the server began its write-ahead log anew meanwhile. */
const ATTEMPTS = 40;

/** The part of a write-ahead log's header that says which one it is. */
const SALTS = { at: 12, bytes: 12 };

export interface LiveCopyOptions {
  readonly signal?: AbortSignal;
  /** Waits: a parameter, so that tests need not. */
  wait(milliseconds: number): Promise<void>;
  onProgress?(copied: number, total: number): void;
}

export interface LiveCopy {
  /** Whether frames come after a damaged one in the write-ahead log: what they hold SQLite does not read. */
  readonly torn: boolean;
  /** Whether the file says that it has a write-ahead log, and there is none: no server closed it, or one of an earlier version. */
  readonly logMissing: boolean;
}

/** The files of a store changed so often that no copy of one moment could be made. */
export class RestlessStore extends Error {
  override readonly name = 'RestlessStore';
}

/**
 * Copies a SQLite file and its write-ahead log as they were at one moment, while a server may be writing to them, without
 * a lock and without making it wait.
 *
 * The file is copied first, then the log. Whatever is merged from the log into the file meanwhile stands in the log, too,
 * as long as that is not begun anew: then file and log together are the state at the log's last whole commit, though
 * pages of the file were torn. Whether it was begun anew its salts say; and the file beside the store (`holdOf`) asks the
 * server not to.
 *
 * @throws RestlessStore; what the signal was aborted with; what Node throws. Nothing is left then
 */
export async function copyLiveFile(file: string, to: string, options: LiveCopyOptions): Promise<LiveCopy> {
  const hold = holdOf(file);
  const held = await writeFile(hold, '').then(
    () => true,
    // A folder that we may only read: the server is not asked then, and mostly need not be.
    () => false,
  );
  const timer = setInterval(() => {
    const now = new Date();
    // Somebody else who makes a copy may have taken it away.
    utimes(hold, now, now).catch(() => writeFile(hold, '').catch(() => {}));
  }, HOLD_EVERY_MS);
  try {
    for (let attempt = 1; ; attempt++) {
      const copy = await copyOnce(file, to, options, attempt === ATTEMPTS);
      if (copy !== undefined) return copy;
      if (attempt === ATTEMPTS) {
        throw new RestlessStore('its write-ahead log was begun anew each time while it was copied');
      }
      await options.wait(Math.min(50 * attempt, 1_000));
    }
  } catch (error) {
    await removeCopy(to);
    throw error;
  } finally {
    clearInterval(timer);
    if (held) await rm(hold, { force: true });
  }
}

/** @returns `undefined` if it is of several moments */
async function copyOnce(
  file: string,
  to: string,
  options: LiveCopyOptions,
  last: boolean,
): Promise<LiveCopy | undefined> {
  const wal = `${file}-wal`;
  await removeCopy(to);
  const before = await stateOf(file);
  await copyBytes(file, to, options);
  const logged = await stat(wal).then(
    ({ size }) => size > 0,
    () => false,
  );
  if (logged) await copyBytes(wal, `${to}-wal`, { ...options, onProgress: () => {} });
  if ((await stateOf(file)) !== before) return undefined;
  const logMissing = !existsSync(wal) && (await hasLog(to));
  const torn = logged && (await checkWriteAheadLog(`${to}-wal`)).torn;
  // A frame that was just being written looks the same; the next copy has it whole.
  return torn && !last && (await changes(file, options)) ? undefined : { torn, logMissing };
}

/** Whether a file's header says so: https://www.sqlite.org/fileformat.html#file_format_version_numbers */
async function hasLog(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, 18);
    return bytesRead === 1 && buffer[0] === 2;
  } finally {
    await handle.close();
  }
}

/** Which write-ahead log there is; and, if there is none, which file. */
async function stateOf(file: string): Promise<string> {
  const { ino, dev, size, mtimeMs } = await stat(file);
  const salts = await saltsOf(`${file}-wal`);
  return salts === undefined ? `${dev} ${ino} ${size} ${mtimeMs}` : `${dev} ${ino} ${salts}`;
}

async function saltsOf(wal: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(wal, 'r');
  } catch {
    return undefined;
  }
  try {
    const salts = Buffer.alloc(SALTS.bytes);
    const { bytesRead } = await handle.read(salts, 0, SALTS.bytes, SALTS.at);
    return bytesRead < SALTS.bytes ? undefined : salts.toString('hex');
  } finally {
    await handle.close();
  }
}

/** Whether somebody writes to the log right now. */
async function changes(file: string, { wait }: LiveCopyOptions): Promise<boolean> {
  const { mtimeMs, size } = await stat(`${file}-wal`);
  await wait(100);
  const now = await stat(`${file}-wal`);
  return now.mtimeMs !== mtimeMs || now.size !== size;
}

async function copyBytes(from: string, to: string, { signal, onProgress }: LiveCopyOptions): Promise<void> {
  const { size } = await stat(from);
  try {
    // Where the file system can, this takes no time and no room.
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
    await chmod(to, PRIVATE_FILE);
    onProgress?.(size, size);
    return;
  } catch {
    await rm(to, { force: true });
  }
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', PRIVATE_FILE);
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let at = 0; ; ) {
        signal?.throwIfAborted();
        const { bytesRead } = await source.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        // A full disk takes a part first, and says so by the number only.
        for (let written = 0; written < bytesRead; )
          written += (await target.write(chunk, written, bytesRead - written, at + written)).bytesWritten;
        at += bytesRead;
        onProgress?.(at, Math.max(size, at));
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function removeCopy(to: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(to + suffix, { force: true });
}
