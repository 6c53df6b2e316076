import { pipeline, Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { mostUnpacked } from './archive-bounds.js';

/** As much goes through yazl, which adds up a check sum, in one turn of the event loop. What packs it is another thread. */
const SLICE_BYTES = 64 * 1024;

/** Writes a zip archive: of what was taken from it, only the directory is kept. */
export class ZipWriter {
  /** The archive. Destroying it ends the writing. */
  readonly output: Readable;
  private readonly zip = new ZipFile();
  private readonly gone = new AbortController();
  private written = 0;
  private unpacked = 0;

  constructor() {
    const output = new Transform({
      transform: (piece: Buffer, _, done) => {
        this.written += piece.length;
        done(null, piece);
      },
    });
    this.zip.on('error', (error) => output.destroy(error));
    pipeline(this.zip.outputStream, output, () => this.gone.abort());
    this.output = output;
  }

  /**
   * Adds a file. Resolves when it is packed, which goes on only as fast as `output` is read.
   *
   * @param name its path, with `/` between folders
   * @param at when it was changed, in milliseconds since the Unix epoch
   * @throws Error if `output` is destroyed
   */
  async file(name: string, content: Uint8Array, at: number): Promise<void> {
    this.gone.signal.throwIfAborted();
    const slices = Readable.from(slicesOf(content), { objectMode: false });
    this.unpacked += content.length;
    this.zip.addReadStream(slices, name, {
      compress: this.unpacked <= mostUnpacked(this.written),
      // Of a time before 1970 yazl throws, and in a turn of its own.
      mtime: new Date(Math.max(at, 0)),
    });
    await finished(slices, { signal: this.gone.signal });
  }

  /** Adds the directory, which ends the archive. */
  end(): void {
    this.zip.end();
  }
}

function* slicesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += SLICE_BYTES) yield content.subarray(at, at + SLICE_BYTES);
}
