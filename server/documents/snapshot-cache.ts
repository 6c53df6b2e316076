import type { DocumentId } from '../../shared/ids.js';
import type { DocumentStore, Snapshot } from '../storage/store.js';

interface KeptSnapshot {
  readonly generation: string;
  readonly snapshot: Snapshot;
}

/**
 * The snapshots read last, so that fifty people who open a document at once cost one read. Bounded by bytes, the one
 * used longest ago goes first; an opener during a read waits for that read.
 */
export class SnapshotCache {
  private readonly kept = new Map<DocumentId, KeptSnapshot>();
  private readonly reading = new Map<string, Promise<Snapshot | undefined>>();
  private keptBytes = 0;

  constructor(
    private readonly store: DocumentStore,
    private readonly maxBytes: number,
  ) {}

  /** The document's snapshot with at least this `seq`. @throws CoscribeError as `DocumentStore.readSnapshot` */
  async read(id: DocumentId, generation: string, seq: number): Promise<Snapshot | undefined> {
    const kept = this.kept.get(id);
    if (kept !== undefined && kept.generation === generation && kept.snapshot.seq >= seq) {
      this.kept.delete(id);
      this.kept.set(id, kept);
      return kept.snapshot;
    }
    // Another node may write a newer one at any time: whoever needs that one does not wait for an older one.
    const key = `${id} ${generation} ${seq}`;
    let reading = this.reading.get(key);
    if (reading === undefined) {
      reading = this.store.readSnapshot(id, generation).finally(() => this.reading.delete(key));
      this.reading.set(key, reading);
    }
    const snapshot = await reading;
    if (snapshot !== undefined) this.keep(id, generation, snapshot);
    return snapshot;
  }

  /** Remembers a snapshot that has just been written. */
  keep(id: DocumentId, generation: string, snapshot: Snapshot): void {
    const kept = this.kept.get(id);
    if (kept?.generation === generation && kept.snapshot.seq >= snapshot.seq) return;
    this.forget(id);
    if (snapshot.state.length > this.maxBytes) return;
    this.kept.set(id, { generation, snapshot });
    this.keptBytes += snapshot.state.length;
    for (const oldest of this.kept.keys()) {
      if (this.keptBytes <= this.maxBytes) break;
      this.forget(oldest);
    }
  }

  /** Lets go of a document that is put away. */
  forget(id: DocumentId): void {
    this.keptBytes -= this.kept.get(id)?.snapshot.state.length ?? 0;
    this.kept.delete(id);
  }
}
