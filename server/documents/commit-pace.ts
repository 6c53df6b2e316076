/** When commits may begin. Times in monotonic milliseconds. */
export interface Pace {
  /** Milliseconds until the next commit may begin; 0 if it may now. */
  wait(now: number): number;
  /** A commit begins, with the batches of so many documents. */
  begun(now: number, documents: number): void;
}

/** A busy node begins a commit this often at most, in milliseconds. */
const PAUSE_MS = 4;
/**
 * Batches that have to come within a pause for it to pay. A commit by itself costs as much as dozens of rows in it, so
 * where many documents are typed into, a pause divides that price; elsewhere it would only cost time.
 */
const WORTHWHILE = 2;
/** Over how long the rate is taken, in milliseconds. */
const MEMORY_MS = 100;

/** Lets a node commit at once, until so many documents want to that gathering them is cheaper. */
export class CommitPace implements Pace {
  private begunAt = Number.NEGATIVE_INFINITY;
  /** Batches a millisecond, lately. */
  private rate = 0;

  wait(now: number): number {
    if (this.rateAt(now) * PAUSE_MS < WORTHWHILE) return 0;
    return Math.max(0, this.begunAt + PAUSE_MS - now);
  }

  begun(now: number, documents: number): void {
    this.rate = this.rateAt(now) + documents / MEMORY_MS;
    this.begunAt = now;
  }

  private rateAt(now: number): number {
    return this.rate * Math.exp((this.begunAt - now) / MEMORY_MS);
  }
}
