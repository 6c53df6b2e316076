/**
 * The newest part of a document's log in memory: committed updates from `first` on, without gaps. It always reaches
 * back to the newest snapshot, so that snapshot and tail together are the document.
 */
export class Tail {
  private updates: Uint8Array[] = [];
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
    return this.firstSeq + this.updates.length - 1;
  }

  get length(): number {
    return this.updates.length;
  }

  get bytes(): number {
    return this.byteCount;
  }

  push(update: Uint8Array): void {
    this.updates.push(update);
    this.byteCount += update.length;
  }

  /** Updates `seq + 1 …`; `seq` must lie between `first - 1` and `head`. */
  after(seq: number): Uint8Array[] {
    if (seq < this.firstSeq - 1)
      throw new RangeError(`the tail starts at ${this.firstSeq}, asked for ${seq + 1}`);
    return this.updates.slice(seq - this.firstSeq + 1);
  }

  /** Forgets updates up to and including `seq`. */
  trim(seq: number): void {
    const count = seq - this.firstSeq + 1;
    if (count <= 0) return;
    for (const update of this.updates.splice(0, count)) this.byteCount -= update.length;
    this.firstSeq += count;
  }
}
