import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoscribeError } from '../../../shared/errors.js';
import { demandType } from '../body.js';
import type { ZipSource } from './zip-reader.js';

/** A body that is too large for memory: it lies in a file that has no name any more, and is gone when it is closed. */
export class ReceivedFile implements ZipSource {
  private constructor(
    private readonly file: FileHandle,
    readonly length: number,
    /** SHA-256 of it, in hexadecimal. */
    readonly digest: string,
  ) {}

  /**
   * Takes the body of a request as fast as it can be written.
   *
   * @param types media types that it may be of
   * @throws CoscribeError `unsupported-media-type`; `body-too-large`, as soon as that shows; `bad-request` if it is cut off
   */
  static async receive(
    request: IncomingMessage,
    types: readonly string[],
    maxBytes: number,
  ): Promise<ReceivedFile> {
    demandType(request, { types });
    if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
    const file = await openNameless();
    try {
      const hash = createHash('sha256');
      let length = 0;
      for await (const chunk of chunksOf(request)) {
        length += chunk.length;
        if (length > maxBytes) throw tooLarge(maxBytes);
        hash.update(chunk);
        await file.appendFile(chunk);
      }
      return new ReceivedFile(file, length, hash.digest('hex'));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async read(at: number, length: number): Promise<Buffer> {
    if (at + length > this.length) throw new CoscribeError('bad-request', 'the archive is damaged');
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.file.read(bytes, 0, length, at);
    if (bytesRead < length) throw new CoscribeError('internal', 'the file of the archive is cut off');
    return bytes;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** The connection is needed for the answer: what is not read, Hono's listener passes over. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new CoscribeError('bad-request', 'the body has no end', { cause });
  }
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), `coscribe-archive-${process.pid}-`));
  try {
    return await open(join(folder, 'archive.zip'), 'wx+', 0o600);
  } finally {
    // However the process ends, nothing is left of it. Not every system lets go of a folder whose file is open.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

function tooLarge(maxBytes: number): CoscribeError {
  return new CoscribeError('body-too-large', `at most ${maxBytes} bytes`);
}
