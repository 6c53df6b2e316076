import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MANIFEST } from '../../server/http/archive/manifest.js';
import { readDirectory, type ZipSource } from '../../server/http/archive/zip-reader.js';
import { CoscribeError } from '../../shared/errors.js';
import { CommandError } from '../command-error.js';

const MAX_FILES = 1_000_000;
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

/** What an archive says of itself. */
export interface ArchiveContents {
  readonly documents: number;
  /** Documents that could not be read when it was made, with the code of why. */
  readonly lacking: readonly { readonly name: string; readonly error: string }[];
}

/** An archive that lies in a file. */
export class ArchiveFile implements ZipSource {
  private constructor(
    private readonly file: FileHandle,
    readonly length: number,
  ) {}

  /** @param name a file, or `-` for all that comes from `stdin` @throws CommandError if there is no such file */
  static async open(name: string, stdin: Readable): Promise<ArchiveFile> {
    const file = name === '-' ? await spool(stdin) : await openNamed(name);
    return new ArchiveFile(file, (await file.stat()).size);
  }

  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.file.read(bytes, 0, length, at);
    if (bytesRead < length) throw new CoscribeError('bad-request', 'the archive is damaged');
    return bytes;
  }

  stream(): Readable {
    return this.file.createReadStream({ start: 0, autoClose: false });
  }

  /** @throws CoscribeError `bad-request` if it is no whole archive */
  async contents(): Promise<ArchiveContents> {
    const entries = await readDirectory(this, MAX_FILES);
    const manifest = await entries.find(({ name }) => name === MANIFEST)?.unpack(MAX_MANIFEST_BYTES);
    if (manifest === undefined) throw new CoscribeError('bad-request', `the archive has no ${MANIFEST}`);
    const { documents } = JSON.parse(manifest.toString('utf8')) as {
      documents: { name: string; error?: string }[];
    };
    const lacking = documents.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]));
    return { documents: documents.length - lacking.length, lacking };
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function openNamed(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      code === 'ENOENT' ? `There is no file ${name}.` : `${name} cannot be read (${code}).`,
    );
  }
}

/** In a file that has no name any more: an archive is read from its end. */
async function spool(stdin: Readable): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'coscribe-'));
  const file = await open(join(folder, 'archive.zip'), 'wx+', 0o600);
  await rm(folder, { recursive: true, force: true });
  try {
    for await (const chunk of stdin) await file.appendFile(chunk as Buffer);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}
