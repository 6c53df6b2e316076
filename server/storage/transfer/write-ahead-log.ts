import { type FileHandle, open } from 'node:fs/promises';

/** Offsets out of https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const BIG_ENDIAN_MAGIC = 0x377f0683;

/** What of a write-ahead log SQLite reads, and whether something comes after that it should have read. */
export interface LogCheck {
  /** Whether frames of the same log come after a damaged one. */
  readonly torn: boolean;
  /** Frames before that. */
  readonly frames: number;
}

/**
 * Checks the chain of checksums of a write-ahead log. SQLite takes the first frame that does not fit for the end: that is
 * how a commit that was interrupted looks, and so does damage in the middle.
 *
 * @throws what Node throws
 */
export async function checkWriteAheadLog(file: string): Promise<LogCheck> {
  const handle = await open(file, 'r');
  try {
    return await checkFrames(handle);
  } finally {
    await handle.close();
  }
}

async function checkFrames(handle: FileHandle): Promise<LogCheck> {
  const header = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
  if (bytesRead < HEADER_BYTES) return { torn: false, frames: 0 };
  const bigEndian = header.readUInt32BE(0) === BIG_ENDIAN_MAGIC;
  const pageSize = header.readUInt32BE(8);
  const size = FRAME_HEADER_BYTES + pageSize;
  const { size: length } = await handle.stat();
  let sums = addChecksum([0, 0], header.subarray(0, 24), bigEndian);
  const fits = sums[0] === header.readUInt32BE(24) && sums[1] === header.readUInt32BE(28);
  if (!fits || pageSize < 512 || pageSize > 65_536) return { torn: length > HEADER_BYTES, frames: 0 };
  const salts = header.subarray(16, 24);
  const frame = Buffer.alloc(size);
  let frames = 0;
  let damaged = false;
  for (let at = HEADER_BYTES; at + size <= length; at += size) {
    await handle.read(frame, 0, size, at);
    const own = salts.equals(frame.subarray(8, 16));
    if (damaged) {
      if (own) return { torn: true, frames };
      continue;
    }
    sums = addChecksum(sums, frame.subarray(0, 8), bigEndian);
    sums = addChecksum(sums, frame.subarray(FRAME_HEADER_BYTES), bigEndian);
    damaged = !own || sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20);
    if (!damaged) frames++;
  }
  return { torn: false, frames };
}

type Sums = readonly [number, number];

function addChecksum([first, second]: Sums, bytes: Buffer, bigEndian: boolean): Sums {
  let s0 = first;
  let s1 = second;
  const word = (at: number) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + word(at) + s1) >>> 0;
    s1 = (s1 + word(at + 4) + s0) >>> 0;
  }
  return [s0, s1];
}
