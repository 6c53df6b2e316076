/** Counts of things that come and go; what is not there takes no room. */
export class Tally {
  private readonly counts = new Map<string, number>();

  /** How many different things there are. */
  get size(): number {
    return this.counts.size;
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  more(key: string): void {
    this.counts.set(key, this.of(key) + 1);
  }

  less(key: string): void {
    const left = this.of(key) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }
}
