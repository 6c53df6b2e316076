import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CoscribeError } from './errors.js';

/** Committed updates `from`, `from + 1`, … of a document's log, as they travel to the sessions. */
export interface UpdateFrame {
  readonly from: number;
  readonly updates: readonly Uint8Array[];
}

/** `seq` of the last update in a frame. */
export function frameEnd(frame: UpdateFrame): number {
  return frame.from + frame.updates.length - 1;
}

/** Updates that are encoded already, each as varUint length and bytes. */
export interface EncodedUpdates {
  readonly count: number;
  readonly bytes: Uint8Array;
}

const NONE: EncodedUpdates = { count: 0, bytes: new Uint8Array() };

/** varUint count, then each update as varUint length and bytes; those that are encoded already come last. */
export function encodeUpdateList(updates: readonly Uint8Array[], then = NONE): Uint8Array {
  const encoder = encoding.createEncoder();
  writeList(encoder, updates, then);
  return encoding.toUint8Array(encoder);
}

/** @throws CoscribeError `bad-request` */
export function decodeUpdateList(bytes: Uint8Array): Uint8Array[] {
  return read(bytes, readList);
}

/** varUint `from`, then the updates as in `encodeUpdateList`. */
export function encodeFrame(frame: UpdateFrame): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, frame.from);
  writeList(encoder, frame.updates);
  return encoding.toUint8Array(encoder);
}

/** @throws CoscribeError `bad-request` */
export function decodeFrame(bytes: Uint8Array): UpdateFrame {
  return read(bytes, (decoder) => ({ from: decoding.readVarUint(decoder), updates: readList(decoder) }));
}

function writeList(encoder: encoding.Encoder, updates: readonly Uint8Array[], then = NONE): void {
  encoding.writeVarUint(encoder, updates.length + then.count);
  for (const update of updates) encoding.writeVarUint8Array(encoder, update);
  encoding.writeUint8Array(encoder, then.bytes);
}

function readList(decoder: decoding.Decoder): Uint8Array[] {
  const count = decoding.readVarUint(decoder);
  // Every update costs at least its length byte: a larger count lies, and must not size an array.
  if (count > decoder.arr.length - decoder.pos) throw new RangeError(`${count} updates announced`);
  return Array.from({ length: count }, () => decoding.readVarUint8Array(decoder));
}

function read<T>(bytes: Uint8Array, parse: (decoder: decoding.Decoder) => T): T {
  try {
    const decoder = decoding.createDecoder(bytes);
    const value = parse(decoder);
    if (decoding.hasContent(decoder)) throw new RangeError('bytes left over');
    return value;
  } catch (cause) {
    throw new CoscribeError('bad-request', 'the frame does not decode', { cause });
  }
}
