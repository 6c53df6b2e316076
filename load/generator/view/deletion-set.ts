/** Clocks of one chunk: so many bits. */
const CHUNK_BITS = 1024;
const CHUNK_WORDS = CHUNK_BITS / 32;
/** Sets of one author that are recognized when they come about in another way. */
const RECOGNIZED = 64;

type Chunk = Uint32Array;

/**
 * Which characters of one author are deleted: a set of clocks that never changes. A thousand clients that know the same have
 * the same set in common, and of two that differ in one place all chunks but one: one bit a character, once for everybody.
 */
export class DeletionSet {
  /** What came of the last addition: whoever comes next mostly adds the same. */
  #lastClock = -1;
  #lastLength = 0;
  #last: DeletionSet | undefined;

  constructor(
    private readonly chunks: readonly (Chunk | undefined)[],
    /** Clocks in it. */
    readonly count: number,
    private readonly hash: number,
  ) {}

  /** @param ranges first clock and length of each */
  static of(ranges: readonly number[]): DeletionSet {
    let set = NONE_DELETED;
    for (let at = 0; at < ranges.length; at += 2) set = set.with(ranges[at] ?? 0, ranges[at + 1] ?? 0);
    return set;
  }

  has(clock: number): boolean {
    const word = this.chunks[Math.floor(clock / CHUNK_BITS)]?.[(clock % CHUNK_BITS) >>> 5] ?? 0;
    return (word & (1 << (clock & 31))) !== 0;
  }

  /** This set and these clocks; itself if it has them. @param known gives an equal set that exists already */
  with(clock: number, length: number, known?: KnownSets): DeletionSet {
    if (clock === this.#lastClock && length === this.#lastLength && this.#last !== undefined)
      return this.#last;
    const added = this.#added(clock, length);
    const next = added === this ? this : (known?.recognize(added) ?? added);
    // Remembered of sets that are not for everybody alone: the empty one would hold on to the first of each author.
    if (this !== NONE_DELETED) {
      this.#lastClock = clock;
      this.#lastLength = length;
      this.#last = next;
    }
    return next;
  }

  equals(other: DeletionSet): boolean {
    if (this === other) return true;
    if (this.count !== other.count || this.hash !== other.hash) return false;
    const length = Math.max(this.chunks.length, other.chunks.length);
    for (let i = 0; i < length; i++) if (!sameChunk(this.chunks[i], other.chunks[i])) return false;
    return true;
  }

  /** Clocks of this set that are not in the other one. */
  without(other: DeletionSet): number {
    let count = 0;
    this.#eachWord((word, chunk, index) => {
      const bits = word & ~(other.chunks[chunk]?.[index] ?? 0);
      for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
    });
    return count;
  }

  /** First clock and length of each range, ascending and apart. */
  ranges(): number[] {
    const ranges: number[] = [];
    let end = -1;
    this.#eachWord((word, chunk, index) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) {
        const clock = chunk * CHUNK_BITS + index * 32 + (31 - Math.clz32(rest & -rest));
        if (clock === end) ranges[ranges.length - 1] = (ranges[ranges.length - 1] ?? 0) + 1;
        else ranges.push(clock, 1);
        end = clock + 1;
      }
    });
    return ranges;
  }

  /** What identifies it, for a map. */
  get key(): number {
    return this.hash;
  }

  #eachWord(visit: (word: number, chunk: number, index: number) => void): void {
    for (let chunk = 0; chunk < this.chunks.length; chunk++) {
      const words = this.chunks[chunk];
      if (words === undefined) continue;
      for (let index = 0; index < CHUNK_WORDS; index++) {
        const word = words[index] ?? 0;
        if (word !== 0) visit(word, chunk, index);
      }
    }
  }

  #added(clock: number, length: number): DeletionSet {
    let chunks: (Chunk | undefined)[] | undefined;
    let count = this.count;
    let hash = this.hash;
    let copied = -1;
    for (let one = clock; one < clock + length; one++) {
      if (this.has(one)) continue;
      chunks ??= [...this.chunks];
      const index = Math.floor(one / CHUNK_BITS);
      if (copied !== index) {
        chunks[index] = Uint32Array.from(chunks[index] ?? new Uint32Array(CHUNK_WORDS));
        copied = index;
      }
      const chunk = chunks[index];
      const word = (one % CHUNK_BITS) >>> 5;
      if (chunk !== undefined) chunk[word] = ((chunk[word] ?? 0) | (1 << (one & 31))) >>> 0;
      count++;
      hash = (hash + mixed(one)) >>> 0;
    }
    return chunks === undefined ? this : new DeletionSet(chunks, count, hash);
  }
}

/** Nothing is deleted. */
export const NONE_DELETED = new DeletionSet([], 0, 0);

/** The last sets of one author: the same deletions in other portions come out as the same set again. */
export class KnownSets {
  readonly #byKey = new Map<number, DeletionSet>();

  recognize(set: DeletionSet): DeletionSet {
    const known = this.#byKey.get(set.key);
    if (known?.equals(set)) return known;
    this.#byKey.delete(set.key);
    this.#byKey.set(set.key, set);
    if (this.#byKey.size > RECOGNIZED) {
      for (const oldest of this.#byKey.keys()) {
        this.#byKey.delete(oldest);
        break;
      }
    }
    return set;
  }
}

function sameChunk(a: Chunk | undefined, b: Chunk | undefined): boolean {
  if (a === b) return true;
  for (let i = 0; i < CHUNK_WORDS; i++) if ((a?.[i] ?? 0) !== (b?.[i] ?? 0)) return false;
  return true;
}

/** Of the clock, so that sums of them differ where sets do (the finalizer of MurmurHash3). */
function mixed(clock: number): number {
  let hash = Math.imul(clock ^ (clock >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
