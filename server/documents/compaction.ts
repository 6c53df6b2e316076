import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Timer } from '../../shared/time.js';
import type { Snapshot } from '../storage/store.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

/**
 * Keeps a document's log short: a worker merges snapshot and log into a new snapshot, the store keeps that, and only
 * then is the log trimmed. A crash in between is harmless.
 */
export class Compaction {
  private underWay: Promise<void> | undefined;
  private notBefore = Number.NEGATIVE_INFINITY;
  private failures = 0;
  /** Of a compaction that is due, but not yet allowed. */
  private timer: Timer | undefined;
  /** The document is being put away. */
  private finishing = false;

  constructor(
    private readonly id: DocumentId,
    private readonly generation: string,
    private readonly stored: StoredState,
    private readonly services: DocumentServices,
  ) {}

  /** Starts a compaction if one is due, or sees to it that it starts as soon as it may. */
  consider(): void {
    const { tail } = this.stored;
    const { clock, compaction } = this.services;
    if (tail.length < compaction.atRows && tail.bytes < compaction.atBytes) return;
    if (this.underWay !== undefined || this.timer !== undefined) return;
    const wait = this.notBefore - clock.monotonic();
    if (wait <= 0) this.start();
    else {
      this.timer = clock.schedule(wait, () => {
        this.timer = undefined;
        this.consider();
      });
    }
  }

  /** Starts a compaction now, unless one is under way or the last one failed: the log is all that is in the way. */
  hurry(): void {
    if (this.underWay === undefined && this.failures === 0 && this.stored.tail.length > 0) this.start();
  }

  /** Waits for a compaction under way, and with `compact` does a last one if the tail is long. */
  async finish({ compact }: { readonly compact: boolean }): Promise<void> {
    this.finishing = true;
    await this.underWay;
    if (this.timer !== undefined) this.services.clock.cancel(this.timer);
    this.timer = undefined;
    const { tail } = this.stored;
    const { onUnloadAtRows, onUnloadAtBytes } = this.services.compaction;
    if (!compact || this.failures > 0) return;
    if (tail.length < onUnloadAtRows && tail.bytes < onUnloadAtBytes) return;
    this.start();
    await this.underWay;
  }

  private start(): void {
    const { clock, log, compaction } = this.services;
    this.notBefore = clock.monotonic() + compaction.everyMs;
    this.underWay = this.compact()
      .then(
        () => {
          this.failures = 0;
        },
        (error: unknown) => {
          // The log has everything; a snapshot that can't be made costs time at the next opening and nothing else.
          this.failures++;
          this.notBefore = clock.monotonic() + compaction.everyMs * 2 ** Math.min(this.failures, 6);
          log.warn(
            { document: this.id, err: error },
            'could not compact the document; its log stays as it is',
          );
        },
      )
      .finally(() => {
        this.underWay = undefined;
        if (!this.finishing) this.consider();
      });
  }

  private async compact(): Promise<void> {
    const { stored, services } = this;
    const { store, snapshots, crdt, compaction } = services;
    const seq = stored.tail.head;
    const since = encodeUpdateList([], stored.tail.encodedAfter(stored.tail.first - 1));
    const before = stored.snapshotSeq > 0 ? await snapshots.read(this.id, stored.snapshotSeq) : undefined;
    const again = this.failures > 0;
    const compacted = await crdt.compact({ state: before?.state, since, again });
    const snapshot: Snapshot = { seq, ...compacted };
    const trimTo = Math.max(0, seq - compaction.keepRows);
    // Before the rows go: whoever joins meanwhile must not ask for them.
    stored.firstRow = Math.max(stored.firstRow, trimTo + 1);
    await store.writeSnapshot(this.id, this.generation, snapshot, trimTo);
    snapshots.keep(this.id, snapshot);
    stored.tail.trim(seq);
    stored.snapshotSeq = seq;
    stored.snapshotBytes = snapshot.state.length;
  }
}
