/**
 * Where an item lies, as one small number: twice the number of shared types between it and the root type that it is
 * in, and 1 more if it lies under a key (of a map, or an attribute). 0 is what all items of a text document have.
 */
export type Place = number;

export function place(depth: number, keyed: boolean): Place {
  return 2 * depth + (keyed ? 1 : 0);
}

export function placeDepth(at: Place): number {
  return at >> 1;
}

export function isKeyed(at: Place): boolean {
  return (at & 1) === 1;
}

/** The places of one client's items, as runs: `clocks[i]` is the first clock at `places[i]`; before them it is 0. */
export class PlaceRuns {
  readonly #clocks: number[] = [];
  readonly #places: Place[] = [];

  get size(): number {
    return this.#clocks.length;
  }

  at(clock: number): Place {
    let low = 0;
    let high = this.#clocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#clocks[middle] as number) <= clock) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#places[low - 1] as Place);
  }

  /** From `clock` on, which must not be before the last run, it is `at`. */
  push(clock: number, at: Place): void {
    if ((this.#places.at(-1) ?? 0) === at) return;
    this.#clocks.push(clock);
    this.#places.push(at);
  }

  /** Calls `onRun` for each run, ascending. */
  visit(onRun: (clock: number, at: Place) => void): void {
    for (let i = 0; i < this.#clocks.length; i++) onRun(this.#clocks[i] as number, this.#places[i] as Place);
  }
}
