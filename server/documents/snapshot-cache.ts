import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore, Snapshot } from '../storage/store.js';

/**
 * The snapshots read last, so that fifty people who open a document at once cost one read. Bounded by bytes, the one
 * used longest ago goes first; an opener during a read waits for that read.
 */
export class SnapshotCache {
  private readonly kept = new Map<DocumentId, Snapshot>();
  private readonly reading = new Map<DocumentId, Promise<Snapshot | undefined>>();
  private keptBytes = 0;

  constructor(
    private readonly store: DocumentStore,
    private readonly maxBytes: number,
  ) {}

  /** The document's snapshot with at least this `seq`. */
  async read(id: DocumentId, seq: number): Promise<Snapshot | undefined> {
    const kept = this.kept.get(id);
    if (kept !== undefined && kept.seq >= seq) {
      this.kept.delete(id);
      this.kept.set(id, kept);
      return kept;
    }
    let reading = this.reading.get(id);
    if (reading === undefined) {
      reading = this.store.readSnapshot(id).finally(() => this.reading.delete(id));
      this.reading.set(id, reading);
    }
    const snapshot = await reading;
    if (snapshot !== undefined) this.keep(id, snapshot);
    return snapshot;
  }

  /** Remembers a snapshot that has just been written. */
  keep(id: DocumentId, snapshot: Snapshot): void {
    if ((this.kept.get(id)?.seq ?? 0) >= snapshot.seq) return;
    this.forget(id);
    if (snapshot.state.length > this.maxBytes) return;
    this.kept.set(id, snapshot);
    this.keptBytes += snapshot.state.length;
    for (const oldest of this.kept.keys()) {
      if (this.keptBytes <= this.maxBytes) break;
      this.forget(oldest);
    }
  }

  /** Lets go of a document that is put away. */
  forget(id: DocumentId): void {
    this.keptBytes -= this.kept.get(id)?.state.length ?? 0;
    this.kept.delete(id);
  }
}
