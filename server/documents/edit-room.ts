import type { EditLine } from './edit-line.js';
import type { EditReplica } from './edit-replica.js';

/** Copies that are being made at the same time: how large one is shows only then. */
const OPENINGS_AT_ONCE = 4;

interface EditRoomOptions {
  readonly maxDocuments: number;
  /** Of all copies together. */
  readonly maxBytes: number;
  lines(): Iterable<EditLine>;
}

/** How many copies of documents the application's edits may hold. Who needs room gets that of what is not in use. */
export class EditRoom {
  private readonly copies = new Set<EditReplica>();
  private opening = 0;
  private waiters: (() => void)[] = [];

  constructor(private readonly options: EditRoomOptions) {}

  /** Opens a copy once there is room for it. */
  async enter(open: () => Promise<EditReplica>): Promise<EditReplica> {
    while (this.opening >= OPENINGS_AT_ONCE || !this.hasRoom()) {
      await new Promise<void>((resolve) => {
        this.waiters.push(resolve);
      });
    }
    this.opening++;
    try {
      const copy = await open();
      this.copies.add(copy);
      return copy;
    } finally {
      this.opening--;
      this.changed();
    }
  }

  /** There may be more room than before. */
  changed(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }

  private hasRoom(): boolean {
    const { maxDocuments, maxBytes, lines } = this.options;
    let bytes = 0;
    for (const copy of this.copies) {
      if (copy.ended) this.copies.delete(copy);
      else bytes += copy.bytes;
    }
    const isFull = (): boolean => this.copies.size + this.opening >= maxDocuments || bytes >= maxBytes;
    if (!isFull()) return true;
    for (const line of lines()) {
      const { copy } = line;
      if (copy === undefined || !line.idle) continue;
      bytes -= copy.bytes;
      this.copies.delete(copy);
      line.close();
      if (!isFull()) return true;
    }
    return false;
  }
}
