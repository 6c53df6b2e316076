/**
 * How far a client has got in a document's log. Numbers reach it in two ways: frames, in order, and the answers to
 * its own updates, which may run ahead of the frames.
 */
export class Progress {
  #contiguous = 0;
  readonly #ownAhead = new Set<number>();

  /** Last `seq` up to which the client has everything. */
  get seq(): number {
    return this.#contiguous;
  }

  /** Whether the client has everything up to `seq`, and nothing of its own that came later. */
  isExactly(seq: number): boolean {
    return this.#contiguous === seq && this.#ownAhead.size === 0;
  }

  /** A join brought everything up to `head`. A server of several may lag behind what another one has told. */
  reset(head: number): void {
    this.#contiguous = Math.max(this.#contiguous, head);
    this.#absorb();
  }

  /** An update of the client itself is number `seq`. */
  confirmed(seq: number): void {
    if (seq > this.#contiguous) this.#ownAhead.add(seq);
    this.#absorb();
  }

  /** A frame brings `from` … `end`. @returns `false` if something before it is missing */
  received(from: number, end: number): boolean {
    if (from > this.#contiguous + 1) return false;
    this.#contiguous = Math.max(this.#contiguous, end);
    this.#absorb();
    return true;
  }

  #absorb(): void {
    for (const seq of this.#ownAhead) if (seq <= this.#contiguous) this.#ownAhead.delete(seq);
    while (this.#ownAhead.delete(this.#contiguous + 1)) this.#contiguous++;
  }
}
