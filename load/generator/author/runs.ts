import { NOTHING } from './paragraph.js';

const FIRST_ROOM = 16;

/**
 * Where each character of an author was put: characters that follow each other as if typed in one go are one run, with the
 * clock of its first, that of the character on its left, and that of the one on the right of all of it.
 */
export class Runs {
  count = 0;
  /** Clock, left and right of each. */
  #all = new Int32Array(3 * FIRST_ROOM);

  /** The character with this clock, or several from it on, stand between these two. */
  add(clock: number, left: number, right: number): void {
    const last = 3 * (this.count - 1);
    if (this.count > 0 && left === clock - 1 && this.#all[last + 2] === right) return;
    const at = 3 * this.count++;
    if (at === this.#all.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#all);
      this.#all = grown;
    }
    this.#all[at] = clock;
    this.#all[at + 1] = left;
    this.#all[at + 2] = right;
  }

  /** The run that has this clock. */
  indexOf(clock: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.clock(middle) > clock) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** The same for two whose characters all stand at the same places, and for others as good as never (FNV-1a). */
  get hash(): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < 3 * this.count; at++) {
      hash = Math.imul(hash ^ (this.#all[at] ?? 0), 0x01000193);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  clock(run: number): number {
    return this.#all[3 * run] ?? NOTHING;
  }

  left(run: number): number {
    return this.#all[3 * run + 1] ?? NOTHING;
  }

  right(run: number): number {
    return this.#all[3 * run + 2] ?? NOTHING;
  }
}
