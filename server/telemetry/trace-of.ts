import { createHash } from 'node:crypto';

/** A trace's id and that of its first span, as hexadecimal digits (W3C Trace Context: 16 and 8 bytes). */
export interface TraceIds {
  readonly traceId: string;
  readonly rootId: string;
}

/**
 * The trace of an edit: made of its document's generation and its number in the log, which all nodes know. So each of them
 * can add to it what it did, and no id has to travel with the edit.
 */
export function traceOf(generation: string, seq: number): TraceIds {
  const digits = createHash('sha256').update(`${generation} ${seq}`).digest('hex');
  return { traceId: digits.slice(0, 32), rootId: digits.slice(32, 48) };
}

const ALL = 2 ** 32;

/** Chooses a share of all edits, the same ones on every node. One for each generation; cheap for each edit. */
export class EditChoice {
  private readonly bound: number;
  private generation = '';
  private hash = 0;

  /** @param share 0 to 1 */
  constructor(share: number) {
    this.bound = share * ALL;
  }

  has(generation: string, seq: number): boolean {
    if (generation !== this.generation) {
      this.generation = generation;
      this.hash = createHash('sha256').update(generation).digest().readUInt32LE();
    }
    return mixed(this.hash ^ seq) < this.bound;
  }
}

/** The last step of MurmurHash3 for 32 bits (Appleby): every bit of the number moves every bit of the result. */
function mixed(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
