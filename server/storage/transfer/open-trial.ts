import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../sqlite-errors.js';
import { StoreOpenError } from '../store-open-error.js';
import { copyLiveFile, type LiveCopyOptions } from './copy-live-file.js';
import { sqliteFileOf } from './open-reader.js';
import { PostgresWriter } from './postgres-writer.js';
import { SqliteWriter } from './sqlite-writer.js';
import type { StoreWriter } from './store-writer.js';
import { discard } from './whole-file.js';

/**
 * Opens what would be written to, for a trial: whatever is done with it, the store itself is not changed, nor made, and servers
 * may use it.
 *
 * @throws StoreOpenError
 */
export async function openTrial(url: string, options: LiveCopyOptions): Promise<StoreWriter> {
  const file = sqliteFileOf(url);
  if (file !== undefined) return existsSync(file) ? await openCopy(file, options) : NOWHERE;
  if (/^postgres(ql)?:/.test(url)) return (await PostgresWriter.openTrial(url)) ?? NOWHERE;
  throw new StoreOpenError('Documents can be written to "sqlite:FILE" or "postgres://…" only.');
}

async function openCopy(file: string, options: LiveCopyOptions): Promise<StoreWriter> {
  const copy = join(tmpdir(), `coscribe-${process.pid}-${randomUUID()}.db`);
  try {
    await copyLiveFile(file, copy, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new StoreOpenError(`${file} cannot be looked at: ${messageOf(error)}.`, { cause: error });
  }
  try {
    return SqliteWriter.open(copy, file, () => discard(copy));
  } catch (error) {
    await discard(copy);
    throw error;
  }
}

/** A store that does not exist yet. */
const NOWHERE: StoreWriter = {
  description: 'a new store',
  isEmpty: async () => true,
  find: async () => undefined,
  writeRest: async () => {},
  write: async () => true,
  setAside: async () => {},
  listAside: async () => [],
  forgetAside: async () => {},
  unfinished: async () => undefined,
  begin: async () => {},
  finish: async () => {},
  close: async () => {},
};
