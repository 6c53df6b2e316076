import type { AppendGuard } from '../storage/store.js';

/** What goes to the disk in one batch, and on which conditions. */
export interface Portion<Update> {
  readonly updates: readonly Update[];
  /** The batch is theirs alone, and may be refused without any harm to what comes after it. */
  readonly guard: AppendGuard | undefined;
}

/** What of one document waits for the disk, in order: what has no guard goes together. */
export class CommitQueue<Update> {
  private readonly first: (readonly Portion<Update>[])[] = [];
  /** Behind all of `first`. */
  private last: Update[] = [];

  get isEmpty(): boolean {
    return this.last.length === 0 && this.first.length === 0;
  }

  push(update: Update): void {
    this.last.push(update);
  }

  /** Portions of one commit, of which each goes to the disk only if those before it do. */
  pushChain(portions: readonly Portion<Update>[]): void {
    if (this.last.length > 0) this.first.push([{ updates: this.last, guard: undefined }]);
    this.last = [];
    this.first.push(portions);
  }

  /** What is to go next; nothing if nothing waits. */
  take(): readonly Portion<Update>[] {
    const first = this.first.shift();
    if (first !== undefined) return first;
    if (this.last.length === 0) return [];
    const updates = this.last;
    this.last = [];
    return [{ updates, guard: undefined }];
  }

  /** Everything that waits; nothing does then. */
  clear(): readonly Update[] {
    const all = [
      ...this.first
        .splice(0)
        .flat()
        .flatMap(({ updates }) => updates),
      ...this.last,
    ];
    this.last = [];
    return all;
  }
}
