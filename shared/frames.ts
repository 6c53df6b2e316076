import * as decoding from 'lib0/decoding';
import { CoscribeError } from './errors.js';
import { varUintLength, writeVarUint } from './var-uint.js';

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
  return encode([updates.length + then.count], updates, then.bytes);
}

/** @throws CoscribeError `bad-request` */
export function decodeUpdateList(bytes: Uint8Array): Uint8Array[] {
  return read(bytes, readList);
}

/** varUint `from`, then the updates as in `encodeUpdateList`. */
export function encodeFrame({ from, updates }: UpdateFrame): Uint8Array {
  return encode([from, updates.length], updates, NONE.bytes);
}

/** @throws CoscribeError `bad-request` */
export function decodeFrame(bytes: Uint8Array): UpdateFrame {
  return read(bytes, (decoder) => ({ from: decoding.readVarUint(decoder), updates: readList(decoder) }));
}

/** Into a buffer of the right size at once: a document may have megabytes, a frame is made for every keystroke. */
function encode(numbers: readonly number[], updates: readonly Uint8Array[], then: Uint8Array): Uint8Array {
  let size = then.length;
  for (const number of numbers) size += varUintLength(number);
  for (const { length } of updates) size += varUintLength(length) + length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const number of numbers) at = writeVarUint(bytes, at, number);
  for (const update of updates) {
    at = writeVarUint(bytes, at, update.length);
    bytes.set(update, at);
    at += update.length;
  }
  bytes.set(then, at);
  return bytes;
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
