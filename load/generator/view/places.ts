import { Kind, NONE, type UpdateReader } from '../../../shared/update-format.js';
import { NOTHING } from '../author/paragraph.js';
import { Runs } from '../author/runs.js';

/**
 * Where the characters of somebody stand who types in another process, as they were shown to this one: each next to the
 * neighbours that were named when it came first. In the end their hash must be that of their author.
 */
export class Places {
  readonly #runs = new Runs();
  /** Characters whose places are known, from the first on. */
  #reached = 0;
  /** Some came without their places: tombstones that have forgotten them. */
  #hasGaps = false;

  /**
   * Takes the piece at which the reader stands.
   *
   * @returns `false` if a part of it stands in another place than it was shown in before
   */
  take(reader: UpdateReader): boolean {
    const { kind, clock, length } = reader;
    const end = clock + length;
    // What comes before its time is sent again, or its author is not compared.
    if (this.#hasGaps || clock > this.#reached) return true;
    if (kind === Kind.gc) {
      this.#hasGaps = end > this.#reached;
      return true;
    }
    const { left, right } = neighboursAt(reader);
    const from = this.#reached;
    if (from < end) {
      // The piece says where all of it stands: behind one another.
      this.#runs.add(from, from === clock ? left : from - 1, right);
      this.#reached = end;
    }
    return from === clock || isWherePut(reader, this.#runs);
  }

  /** Whether they are the same as their author's, who has written so many characters; `undefined` if that is not known. */
  areThose(written: number, hash: number): boolean | undefined {
    return this.#hasGaps || this.#reached !== written ? undefined : this.#runs.hash === hash;
  }
}

/** Whether the piece names the neighbours that its author named: nothing else decides where Yjs shows it. */
export function isWherePut(reader: UpdateReader, runs: Runs): boolean {
  const { clock, length } = reader;
  const run = runs.indexOf(clock);
  const isWithin = run === runs.count - 1 || clock + length <= runs.clock(run + 1);
  const wanted = clock === runs.clock(run) ? runs.left(run) : clock - 1;
  const { left, right } = neighboursAt(reader);
  return isWithin && left === wanted && right === runs.right(run);
}

/** Clocks of the characters between which the piece was put; they are of the same author. */
function neighboursAt({ originClient, originClock, rightClient, rightClock }: UpdateReader): {
  readonly left: number;
  readonly right: number;
} {
  return {
    left: originClient === NONE ? NOTHING : originClock,
    right: rightClient === NONE ? NOTHING : rightClock,
  };
}
