import * as decoding from 'lib0/decoding';
import type { EncodedUpdates } from '../../shared/frames.js';
import { varUintLength, writeVarUint } from '../../shared/var-uint.js';

/** A buffer that is full is replaced by one with room for this many times as much. */
const GROWTH = 1.5;

const EMPTY = new Uint8Array();

/**
 * The newest part of a document's log in memory: committed updates from `first` on, without gaps. It always reaches
 * back to the newest snapshot, so that snapshot and tail together are the document.
 *
 * All updates lie in one buffer, as they travel to whoever joins. In arrays of their own they would take ten times
 * as much: one keystroke is 20 bytes, a `Uint8Array` around it 200.
 */
export class Tail {
  /** Each update as varUint length and bytes. What is written is never changed: views of it are about. */
  private buffer = EMPTY;
  private used = 0;
  private count = 0;
  private byteCount = 0;
  private firstSeq: number;

  /** @param first the number that the first update pushed will have */
  constructor(first: number) {
    this.firstSeq = first;
  }

  /** First `seq` in the tail; `head + 1` when it is empty. */
  get first(): number {
    return this.firstSeq;
  }

  get head(): number {
    return this.firstSeq + this.count - 1;
  }

  get length(): number {
    return this.count;
  }

  /** Bytes of the updates alone. */
  get bytes(): number {
    return this.byteCount;
  }

  /** Takes a copy of the update. */
  push(update: Uint8Array): void {
    this.reserve(varUintLength(update.length) + update.length);
    this.used = writeVarUint(this.buffer, this.used, update.length);
    this.buffer.set(update, this.used);
    this.used += update.length;
    this.count++;
    this.byteCount += update.length;
  }

  /** Updates `seq + 1 …`, as views; `seq` must lie between `first - 1` and `head`. */
  after(seq: number): Uint8Array[] {
    const { count, bytes } = this.encodedAfter(seq);
    const decoder = decoding.createDecoder(bytes);
    return Array.from({ length: count }, () => decoding.readVarUint8Array(decoder));
  }

  /** Updates `seq + 1 …` in one piece, as a view; `seq` must lie between `first - 1` and `head`. */
  encodedAfter(seq: number): EncodedUpdates {
    if (seq < this.firstSeq - 1)
      throw new RangeError(`the tail starts at ${this.firstSeq}, asked for ${seq + 1}`);
    const skipped = seq - this.firstSeq + 1;
    return { count: this.count - skipped, bytes: this.buffer.subarray(this.skip(skipped).at, this.used) };
  }

  /** Forgets updates up to and including `seq`. */
  trim(seq: number): void {
    const count = seq - this.firstSeq + 1;
    if (count <= 0) return;
    const { at, bytes } = this.skip(count);
    this.buffer = count === this.count ? EMPTY : this.buffer.slice(at, this.used);
    this.used -= at;
    this.count -= count;
    this.byteCount -= bytes;
    this.firstSeq += count;
  }

  private reserve(more: number): void {
    const needed = this.used + more;
    if (needed <= this.buffer.length) return;
    // Exact at first: many a document has one update only, the text that it began with.
    const grown = new Uint8Array(this.used === 0 ? needed : Math.ceil(needed * GROWTH));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }

  /** Where the first `count` updates end in the buffer, and how long they are together. */
  private skip(count: number): { at: number; bytes: number } {
    const decoder = decoding.createDecoder(this.buffer);
    let bytes = 0;
    for (let left = count; left > 0; left--) {
      const length = decoding.readVarUint(decoder);
      decoder.pos += length;
      bytes += length;
    }
    return { at: decoder.pos, bytes };
  }
}
