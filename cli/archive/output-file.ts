import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PRIVATE_FILE } from '../../server/storage/private-modes.js';
import { CommandError } from '../command-error.js';

export interface OutputOptions {
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Looks at what was written, by the name that it has till then: whether it gets its own. */
  accept(written: string): Promise<boolean>;
}

/**
 * Writes a file whole or not at all: under another name beside it, on the disk, and then in its place. It is for whoever runs
 * the command alone.
 *
 * @throws CommandError if it is there and may not be replaced, or cannot be written; what `content` fails with
 */
export async function writeWhole(
  file: string,
  content: Readable,
  { replace, signal, accept }: OutputOptions,
): Promise<void> {
  if (!replace && existsSync(file)) throw taken(file);
  const partial = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}`);
  try {
    await pipeline(content, createWriteStream(partial, { flags: 'wx', mode: PRIVATE_FILE, flush: true }), {
      signal,
    });
    if (!(await accept(partial))) return;
    await (replace ? rename(partial, file) : giveName(partial, file));
    await syncFolder(dirname(file));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(file);
    if (code !== undefined && syscall !== undefined)
      throw new CommandError(`${file} cannot be written (${code}).`);
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

/** Fails if somebody else has made the file meanwhile. Not every file system can do that. */
async function giveName(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    await rename(partial, file);
  }
}

function taken(file: string): CommandError {
  return new CommandError(`${file} is there already; add --force to replace it.`);
}

/** So that the name, too, outlives a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
