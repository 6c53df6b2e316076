import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import {
  Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  type ZipFile,
} from 'yauzl';
import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';

/** What is read of an archive at once: yauzl asks for each record of the directory by itself. */
const WINDOW_BYTES = 64 * 1024;
/** The directory is held in memory. */
const MAX_DIRECTORY_BYTES = 32 * 1024 * 1024;
/** Of a record in the directory, without what is of a length of its own. */
const RECORD_BYTES = 46;

const DAMAGED = 'it is damaged';

/** Bytes that can be read from any place. */
export interface ZipSource {
  readonly length: number;
  /** @throws CoscribeError `bad-request` if they are not all there */
  read(at: number, length: number): Promise<Buffer>;
}

/** A file in an archive, as its directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes unpacked. */
  readonly size: number;
  /**
   * Its content.
   *
   * @param maxBytes how large it may be
   * @throws CoscribeError `bad-request` if it is damaged, larger than that or than it says, encrypted, or
   *   packed in a way that is not known
   */
  unpack(maxBytes: number): Promise<Buffer>;
}

/**
 * What is in a zip archive, by the directory at its end; folders are left out. A name may be any: it is no path yet.
 *
 * @throws CoscribeError `bad-request` if it is none, is damaged, cut off, in several parts, or has too many files
 */
export async function readDirectory(source: ZipSource, maxEntries: number): Promise<readonly ZipEntry[]> {
  const options = { autoClose: false, decodeStrings: false };
  const zip = await telling('it is no zip archive, or its end is missing', () =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.length, options),
  );
  const { entryCount } = zip;
  if (entryCount > maxEntries) throw unfit(`it has ${entryCount} files, at most ${maxEntries} are taken`);
  return telling(DAMAGED, () => entriesOf(zip));
}

async function entriesOf(zip: ZipFile): Promise<readonly ZipEntry[]> {
  const entries: ZipEntry[] = [];
  let directoryBytes = 0;
  let packedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileNameLength, extraFieldLength, fileCommentLength, uncompressedSize: size } = entry;
    directoryBytes += RECORD_BYTES + fileNameLength + extraFieldLength + fileCommentLength;
    if (directoryBytes > MAX_DIRECTORY_BYTES) throw unfit('its directory is too large');
    packedBytes += entry.compressedSize;
    // Else a little that takes long to unpack could be unpacked as often as there are entries.
    if (packedBytes > zip.fileSize) throw unfit('its files lie upon each other');
    const name = getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      false,
    );
    if (name.endsWith('/')) continue;
    const kept = withoutExtras(entry);
    entries.push({ name, size, unpack: (maxBytes) => unpack(zip, kept, maxBytes) });
  }
  return entries;
}

/** What it takes to unpack a file. Of the rest, four bytes in the directory may be a hundred times as many in memory. */
function withoutExtras({
  generalPurposeBitFlag,
  compressionMethod,
  crc32,
  compressedSize,
  uncompressedSize,
  relativeOffsetOfLocalHeader,
}: Entry): Entry {
  return Object.assign(new Entry(), {
    generalPurposeBitFlag,
    compressionMethod,
    crc32,
    compressedSize,
    uncompressedSize,
    relativeOffsetOfLocalHeader,
  });
}

async function unpack(zip: ZipFile, entry: Entry, maxBytes: number): Promise<Buffer> {
  if (entry.isEncrypted()) throw unfit('it is encrypted');
  if (!entry.canDecodeFileData()) throw unfit(`it is packed by method ${entry.compressionMethod}`);
  if (entry.uncompressedSize > maxBytes) throw unfit('its size is not what it may be');
  const content = await telling(DAMAGED, async () => buffer(await zip.openReadStreamPromise(entry)));
  // yauzl leaves this to whoever wants it.
  if (crc32(content) !== entry.crc32) throw unfit(DAMAGED);
  return content;
}

/** Gives yauzl the bytes of an archive. */
class SourceReader extends RandomAccessReader {
  private start = 0;
  private window: Buffer = Buffer.alloc(0);

  constructor(private readonly source: ZipSource) {
    super();
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    at: number,
    callback: (error: Error | null) => void,
  ): void {
    this.windowAt(at, length).then(
      (bytes) => {
        bytes.copy(target, offset, 0, length);
        callback(null);
      },
      (error) => callback(error),
    );
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.piecesOf(start, end), { objectMode: false });
  }

  /** @returns at least so many bytes */
  private async windowAt(at: number, length: number): Promise<Buffer> {
    if (at < this.start || at + length > this.start + this.window.length) {
      this.window = await this.bytes(at, Math.max(length, Math.min(WINDOW_BYTES, this.source.length - at)));
      this.start = at;
    }
    return this.window.subarray(at - this.start);
  }

  private async *piecesOf(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; at += WINDOW_BYTES)
      yield await this.bytes(at, Math.min(WINDOW_BYTES, end - at));
  }

  /** @throws CoscribeError also for what the disk says: the archive is not to blame for it */
  private async bytes(at: number, length: number): Promise<Buffer> {
    try {
      return await this.source.read(at, length);
    } catch (error) {
      throw toCoscribeError(error);
    }
  }
}

/** What yauzl finds wrong is told in a sentence of ours. */
async function telling<T>(why: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw cause instanceof CoscribeError ? cause : unfit(why, cause);
  }
}

function unfit(why: string, cause?: unknown): CoscribeError {
  return new CoscribeError('bad-request', `the archive cannot be taken: ${why}`, { cause });
}
