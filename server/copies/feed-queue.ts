import { CoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { CopyFeed } from '../workers/copy-work.js';

/** What a copy lacks, in the order of the log, until the thread takes it; and who waits for it to come. */
export class FeedQueue {
  /** What the session was given when it joined. */
  private content: CopyFeed | undefined;
  /** Rows since, up to `head`. */
  private rows: Uint8Array[] = [];
  private rowBytes = 0;
  private lastSeq = 0;
  private readonly waiters = new Set<{
    readonly seq: number;
    readonly go: (error?: CoscribeError) => void;
  }>();

  /** The last row that has come. */
  get head(): number {
    return this.lastSeq;
  }

  /** Of rows that wait, in bytes. */
  get bytes(): number {
    return this.rowBytes;
  }

  /** A feed that is taken now does not go up to `head`: the content goes alone. */
  get needsTwo(): boolean {
    return this.content !== undefined && this.rows.length > 0;
  }

  begin(content: Uint8Array, head: number): void {
    this.content = { list: content, seq: head };
    this.lastSeq = head;
  }

  /** Rows `from`, `from + 1`, …, of which some may have come before. @throws CoscribeError `document-reloading` if some are missing before */
  push(from: number, updates: readonly Uint8Array[]): void {
    if (from > this.lastSeq + 1) throw new CoscribeError('document-reloading');
    for (const row of updates.slice(this.lastSeq + 1 - from)) {
      this.rows.push(row);
      this.rowBytes += row.length;
      this.lastSeq++;
    }
    for (const { seq, go } of [...this.waiters]) if (seq <= this.lastSeq) go();
  }

  take(): CopyFeed | undefined {
    const { content, rows } = this;
    if (content !== undefined) {
      this.content = undefined;
      return content;
    }
    if (rows.length === 0) return undefined;
    this.rows = [];
    this.rowBytes = 0;
    return { list: encodeUpdateList(rows), seq: this.lastSeq };
  }

  /** Fulfils once the row has come. @throws the error that it ends with */
  async until(seq: number): Promise<void> {
    if (this.lastSeq >= seq) return;
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        seq,
        go: (error?: CoscribeError) => {
          this.waiters.delete(waiter);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Nothing more comes. */
  end(error: CoscribeError): void {
    this.content = undefined;
    this.rows = [];
    this.rowBytes = 0;
    for (const { go } of [...this.waiters]) go(error);
  }
}
