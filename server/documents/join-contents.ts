import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import { IdleQueue } from './idle-queue.js';

/** Smaller answers are made anew each time: that costs less than keeping them. */
const WORTH_KEEPING_BYTES = 4 * 1024;
const KEPT_MS = 1_000;

interface Kept {
  readonly head: number;
  readonly content: Uint8Array;
}

/**
 * What those were answered who opened a document last, so that fifty who open it at the same moment get the same
 * bytes and not a copy each. Kept for a moment, bounded by bytes; the oldest goes first.
 */
export class JoinContents {
  private readonly kept = new Map<DocumentId, Kept>();
  private readonly ages: IdleQueue<DocumentId>;
  private keptBytes = 0;

  constructor(
    clock: Clock,
    private readonly maxBytes: number,
  ) {
    this.ages = new IdleQueue(clock, KEPT_MS, (id) => this.forget(id));
  }

  /** The content of the whole document up to `head`, made by `encode` unless it is here. Nobody may change it. */
  whole(id: DocumentId, head: number, encode: () => Uint8Array): Uint8Array {
    const kept = this.kept.get(id);
    if (kept?.head === head) return kept.content;
    const content = encode();
    this.forget(id);
    if (content.length >= WORTH_KEEPING_BYTES && content.length <= this.maxBytes)
      this.keep(id, { head, content });
    return content;
  }

  /** Lets go of a document that is put away. */
  forget(id: DocumentId): void {
    this.keptBytes -= this.kept.get(id)?.content.length ?? 0;
    this.kept.delete(id);
    this.ages.delete(id);
  }

  private keep(id: DocumentId, kept: Kept): void {
    this.kept.set(id, kept);
    this.ages.add(id);
    this.keptBytes += kept.content.length;
    for (const oldest of this.kept.keys()) {
      if (this.keptBytes <= this.maxBytes) break;
      this.forget(oldest);
    }
  }
}
