import { closeSync, openSync, readSync } from 'node:fs';
import { StoreOpenError } from './store-open-error.js';

const FILE = 'file:';

/** No address is longer; a database whose name was given by mistake is not read as a whole. */
const MOST_BYTES = 8192;

/** What a store's address looks like. A file that holds one does not name another file. */
const ADDRESS = /^(memory:|sqlite:.+|postgres(ql)?:\/\/.+|leveldb:.+|hocuspocus-sqlite:.+)$/;

/**
 * The address of a store, or what the file holds that `file:PATH` names: so a password is neither on the command line nor in
 * the environment. To be asked once: a pipe can be read only once.
 *
 * @throws StoreOpenError with the name of the file, and nothing of what it holds
 */
export function readStoreAddress(given: string): string {
  if (!given.startsWith(FILE)) return given;
  const path = given.slice(FILE.length);
  const text = readStart(path).trim();
  if (ADDRESS.test(text)) return text;
  throw new StoreOpenError(
    `${given} means that the file holds the address of a store, and ${path} holds none, such as postgres://USER:PASSWORD@HOST/DATABASE. A SQLite store is named by sqlite:FILE.`,
  );
}

function readStart(path: string): string {
  const bytes = Buffer.alloc(MOST_BYTES);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      while (length < MOST_BYTES) {
        const read = readSync(file, bytes, length, MOST_BYTES - length, null);
        if (read === 0) break;
        length += read;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StoreOpenError(
      `${FILE}${path}, which should hold the address of a store, cannot be read (${code}).`,
    );
  }
  return bytes.toString('utf8', 0, length);
}
