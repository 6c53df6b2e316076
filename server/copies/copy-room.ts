import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { DocumentCopy } from './document-copy.js';

/** Copies that are being made at the same time: how large one is shows only then. */
const OPENINGS_AT_ONCE = 4;
/** How long somebody waits for room, in milliseconds. */
const PATIENCE_MS = 5_000;

interface CopyRoomOptions {
  readonly clock: Clock;
  readonly maxDocuments: number;
  /** Of all copies together. */
  readonly maxBytes: number;
}

/** How many copies of documents there may be. Who needs room gets that of what is not in use, the longest unused first. */
export class CopyRoom {
  /** The longest unused first. */
  private readonly copies = new Set<DocumentCopy>();
  private opening = 0;
  private waiters: (() => void)[] = [];

  constructor(private readonly options: CopyRoomOptions) {}

  /**
   * Opens a copy once there is room for it.
   *
   * @throws CoscribeError `server-busy` if there is none for long, or all of it is taken by what is followed; what `open` throws
   */
  async enter(copy: DocumentCopy): Promise<void> {
    const deadline = this.options.clock.monotonic() + PATIENCE_MS;
    while (this.opening >= OPENINGS_AT_ONCE) await this.wait(deadline);
    this.opening++;
    try {
      await copy.open();
      this.copies.add(copy);
      while (!this.makeRoom(copy)) await this.wait(deadline);
    } catch (error) {
      copy.end(new CoscribeError('server-busy'));
      throw error;
    } finally {
      this.opening--;
      this.changed();
    }
  }

  /** A copy is in use, or is not any more, or has ended. */
  changed(copy?: DocumentCopy): void {
    if (copy !== undefined && this.copies.delete(copy) && !copy.gone) this.copies.add(copy);
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }

  /** @returns whether there is room. @throws CoscribeError `server-busy` if there will be none */
  private makeRoom(wanted: DocumentCopy): boolean {
    const { maxDocuments, maxBytes } = this.options;
    let bytes = 0;
    for (const copy of this.copies) bytes += copy.bytes;
    // A single one may be larger: with nothing else there every document has its turn.
    const isFull = (): boolean =>
      this.copies.size > maxDocuments || (bytes > maxBytes && this.copies.size > 1);
    for (const copy of [...this.copies]) {
      if (!isFull()) return true;
      if (copy === wanted || copy.inUse) continue;
      bytes -= copy.bytes;
      this.copies.delete(copy);
      copy.end(new CoscribeError('document-reloading'));
    }
    if (!isFull()) return true;
    if ([...this.copies].every((copy) => copy === wanted || copy.followed))
      throw new CoscribeError('server-busy');
    return false;
  }

  /** Until something changes. @throws CoscribeError `server-busy` */
  private async wait(deadline: number): Promise<void> {
    const { clock } = this.options;
    const left = deadline - clock.monotonic();
    if (left <= 0) throw new CoscribeError('server-busy');
    await new Promise<void>((resolve) => {
      const timer = clock.schedule(left, resolve);
      this.waiters.push(() => {
        clock.cancel(timer);
        resolve();
      });
    });
  }
}
