/**
 * How deep the items of one client lie inside shared types: 0 directly in a root type, 1 in a type in a root type …
 * Kept as runs, `clocks[i]` being the first clock of depth `depths[i]`; before the first run it is 0.
 */
export class DepthRuns {
  readonly #clocks: number[] = [];
  readonly #depths: number[] = [];

  get size(): number {
    return this.#clocks.length;
  }

  at(clock: number): number {
    let low = 0;
    let high = this.#clocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#clocks[middle] as number) <= clock) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#depths[low - 1] as number);
  }

  /** From `clock` on, which must not be before the last run, it is `depth`. */
  push(clock: number, depth: number): void {
    if ((this.#depths.at(-1) ?? 0) === depth) return;
    this.#clocks.push(clock);
    this.#depths.push(depth);
  }

  /** Calls `onRun` for each run, ascending. */
  visit(onRun: (clock: number, depth: number) => void): void {
    for (let i = 0; i < this.#clocks.length; i++) onRun(this.#clocks[i] as number, this.#depths[i] as number);
  }
}
