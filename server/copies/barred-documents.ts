import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';

/** How long a document is left alone the first time, and at most, in milliseconds. */
const FIRST_MS = 30_000;
const MOST_MS = 60 * 60 * 1000;

/**
 * Documents whose copies took too long or too much memory, so that all copies ended: they are left alone for a while, and
 * longer each time.
 */
export class BarredDocuments {
  private readonly barred = new Map<DocumentId, { readonly until: number; readonly forMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** @returns for how long, in milliseconds */
  add(id: DocumentId): number {
    const forMs = Math.min(MOST_MS, 2 * (this.barred.get(id)?.forMs ?? FIRST_MS / 2));
    this.barred.set(id, { until: this.clock.monotonic() + forMs, forMs });
    return forMs;
  }

  has(id: DocumentId): boolean {
    const entry = this.barred.get(id);
    if (entry === undefined) return false;
    const now = this.clock.monotonic();
    // What went well for as long again is forgotten.
    if (now >= entry.until + entry.forMs) this.barred.delete(id);
    return now < entry.until;
  }
}
