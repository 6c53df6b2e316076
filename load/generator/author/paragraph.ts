const FIRST_ROOM = 64;

/** In place of a clock: there is nothing. */
export const NOTHING = -1;

/**
 * The characters of a text that are there, each by its clock, and a caret between two of them. A gap buffer: what happens at
 * the caret costs nothing, moving it costs its way.
 */
export class Paragraph {
  #clocks = new Int32Array(FIRST_ROOM);
  /** The caret; the room before `#after` is free. */
  #caret = 0;
  /** Where what is behind the caret begins. */
  #after = FIRST_ROOM;

  get length(): number {
    return this.#caret + this.#clocks.length - this.#after;
  }

  get caret(): number {
    return this.#caret;
  }

  /** Clock of the character before the caret; `NOTHING` at the beginning. */
  get left(): number {
    return this.#caret === 0 ? NOTHING : (this.#clocks[this.#caret - 1] ?? NOTHING);
  }

  /** Clock of the character behind the caret; `NOTHING` at the end. */
  get right(): number {
    return this.#clocks[this.#after] ?? NOTHING;
  }

  /** Moves the caret; a position beyond the end is the end. */
  moveTo(position: number): void {
    const target = Math.max(0, Math.min(position, this.length));
    const way = target - this.#caret;
    if (way < 0) this.#clocks.copyWithin(this.#after + way, target, this.#caret);
    else this.#clocks.copyWithin(this.#caret, this.#after, this.#after + way);
    this.#caret = target;
    this.#after += way;
  }

  /** Adds characters of successive clocks at the caret, which goes behind them. */
  insert(clock: number, count: number): void {
    if (this.#after - this.#caret < count) this.#grow(count);
    for (let i = 0; i < count; i++) this.#clocks[this.#caret++] = clock + i;
  }

  /** Removes up to so many characters before the caret. @returns their clocks in the order of the text */
  removeBefore(count: number): Int32Array {
    const from = Math.max(0, this.#caret - count);
    const removed = this.#clocks.slice(from, this.#caret);
    this.#caret = from;
    return removed;
  }

  /** In the order of the text. */
  clocks(): Int32Array {
    const all = new Int32Array(this.length);
    all.set(this.#clocks.subarray(0, this.#caret));
    all.set(this.#clocks.subarray(this.#after), this.#caret);
    return all;
  }

  #grow(count: number): void {
    const grown = new Int32Array(Math.max(2 * this.#clocks.length, this.length + count));
    const behind = this.#clocks.subarray(this.#after);
    grown.set(this.#clocks.subarray(0, this.#caret));
    grown.set(behind, grown.length - behind.length);
    this.#after = grown.length - behind.length;
    this.#clocks = grown;
  }
}
