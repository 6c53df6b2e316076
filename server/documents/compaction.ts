import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Timer } from '../../shared/time.js';
import type { Snapshot } from '../storage/store.js';
import { compareTail } from './compare-tail.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

export interface CompactionOptions {
  readonly id: DocumentId;
  readonly generation: string;
  readonly stored: StoredState;
  readonly services: DocumentServices;
  /** A new snapshot is in the store. */
  onWritten(snapshot: Snapshot): void;
  /** What is here is not what the store has: it must not become a snapshot. */
  onWrong(error: CoscribeError): void;
}

/** A log that another node should have merged is merged here when it is this many times as long. */
const PATIENCE = 2;

/**
 * Keeps a document's log short: a worker merges snapshot and log into a new snapshot, the store keeps that, and only
 * then is the log trimmed. A crash in between is harmless.
 */
export class Compaction {
  private underWay: Promise<void> | undefined;
  private notBefore = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private lastError: unknown;
  /** Of a compaction that is due, but not yet allowed. */
  private timer: Timer | undefined;
  /** The document is being put away. */
  private finishing = false;
  private long = false;
  /** The log became long by rows of this node: of all that have the document open it is this one's turn. */
  private own = true;

  constructor(private readonly options: CompactionOptions) {}

  /** The log has got longer. */
  grown({ own }: { readonly own: boolean }): void {
    const wasLong = this.long;
    this.long = this.isLong(1);
    if (!this.long) return;
    if (!wasLong) this.own = own;
    this.consider();
  }

  /** Another node has merged the log. */
  adopted(): void {
    this.long = this.isLong(1);
  }

  /** Starts a compaction if one is due, or sees to it that it starts as soon as it may. */
  consider(): void {
    const { clock } = this.options.services;
    if (!this.isLong(this.own ? 1 : PATIENCE)) return;
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
    if (this.underWay === undefined && this.failures === 0 && this.options.stored.tail.length > 0)
      this.start();
  }

  /**
   * Merges what there is of the log, whether that is due or not.
   *
   * @throws CoscribeError if it could not be done; the log is as it was
   */
  async now(): Promise<void> {
    while (this.underWay !== undefined) await this.underWay;
    if (this.finishing || this.options.stored.tail.length === 0) return;
    this.start();
    await this.underWay;
    if (this.failures > 0) throw toCoscribeError(this.lastError);
  }

  /** Waits for a compaction under way, and with `compact` does a last one if the tail is long. */
  async finish({ compact }: { readonly compact: boolean }): Promise<void> {
    this.finishing = true;
    await this.underWay;
    if (this.timer !== undefined) this.options.services.clock.cancel(this.timer);
    this.timer = undefined;
    const { tail } = this.options.stored;
    const { onUnloadAtRows, onUnloadAtBytes } = this.options.services.compaction;
    if (!compact || this.failures > 0) return;
    if (tail.length < onUnloadAtRows && tail.bytes < onUnloadAtBytes) return;
    this.start();
    await this.underWay;
  }

  private start(): void {
    const { clock, log, compaction, counters } = this.options.services;
    const begun = clock.monotonic();
    this.notBefore = begun + compaction.everyMs;
    this.underWay = this.compact()
      .then(
        () => {
          this.failures = 0;
          const ms = clock.monotonic() - begun;
          counters.observe('compaction', ms);
          log.debug({ document: this.options.id, ms: Math.round(ms) }, 'the log was merged into a snapshot');
        },
        (error: unknown) => {
          // The log has everything; a snapshot that can't be made costs time at the next opening and nothing else.
          this.failures++;
          counters.add('compaction-failures', 1);
          this.lastError = error;
          this.notBefore = clock.monotonic() + compaction.everyMs * 2 ** Math.min(this.failures, 6);
          log.warn(
            { document: this.options.id, err: error },
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
    const { id, generation, stored, services, onWritten } = this.options;
    const { store, snapshots, crdt, compaction } = services;
    const { tail } = stored;
    const seq = tail.head;
    const after = tail.first - 1;
    const since = encodeUpdateList([], tail.encodedAfter(after));
    if (!services.bus.alone) {
      const compared = await compareTail({ id, generation, after, updates: tail.after(after) }, store);
      // Another node was quicker; this one hears of its snapshot.
      if (compared === 'trimmed') return;
      if (compared !== 'equal') this.refuseWrongRow(compared.wrong);
    }
    const before =
      stored.snapshotSeq > 0 ? await snapshots.read(id, generation, stored.snapshotSeq) : undefined;
    const again = this.failures > 0;
    const compacted = await crdt.compact({ state: before?.state, since, again });
    const snapshot: Snapshot = { seq, ...compacted };
    const trimTo = Math.max(0, seq - compaction.keepRows);
    // Before the rows go: whoever joins meanwhile must not ask for them.
    stored.firstRow = Math.max(stored.firstRow, trimTo + 1);
    await store.writeSnapshot(id, generation, snapshot, trimTo);
    snapshots.keep(id, generation, snapshot);
    // Another node was quicker.
    if (seq <= stored.snapshotSeq) return;
    tail.trim(seq);
    stored.snapshotSeq = seq;
    stored.snapshotBytes = snapshot.state.length;
    this.long = this.isLong(1);
    onWritten(snapshot);
  }

  /** What came over the bus must not become the document without anybody having looked. */
  private refuseWrongRow(seq: number): never {
    const error = new CoscribeError('internal', `log row ${seq} is not what the store has`);
    this.options.onWrong(error);
    throw error;
  }

  private isLong(times: number): boolean {
    const { stored, services } = this.options;
    const { atRows, atBytes } = services.compaction;
    return stored.tail.length >= times * atRows || stored.tail.bytes >= times * atBytes;
  }
}
