import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Clock, Timer } from '../../../shared/time.js';
import type {
  DocumentCopies,
  Followed,
  FollowedChange,
  Follower,
  Following,
  Viewed,
} from '../../copies/copies.js';
import type { Chunk } from './chunk.js';
import { changeEvent, generationInId, type LastSeen, snapshotEvent } from './events.js';
import { type NOTHING, RecentChanges } from './recent-changes.js';

/** A snapshot is given to everybody who comes within this time, in milliseconds, and what has changed since after it. */
const SNAPSHOT_KEPT_MS = 5_000;
/** Unless the changes since are larger than the snapshot, and than this, in bytes. */
const SMALL_BYTES = 64 * 1024;

/** Everything that is followed, as it was at a `seq`. */
export interface SnapshotOf {
  /** What somebody has seen who was given it. */
  readonly seen: LastSeen;
  readonly chunk: Chunk;
}

interface FollowedDocumentOptions {
  readonly id: DocumentId;
  readonly what: Followed;
  readonly copies: DocumentCopies;
  readonly clock: Clock;
  /** There is something new for those who follow. */
  onNews(): void;
  /** Nothing comes any more. Called once; not after `stop`. */
  onEnd(error: CoscribeError): void;
}

/** Something in a document that is followed, from the moment it is until it ends: what is new in it, as events. */
export class FollowedDocument implements Follower {
  /** As it stands in ids. */
  private generation = '';
  private upTo: LastSeen = { seq: 0 };
  private following: Following | undefined;
  private recent = new RecentChanges(0);
  /** Has come, and is not shown to anybody yet. */
  private gathered: FollowedChange[] = [];
  private snapshot: SnapshotOf | undefined;
  private snapshotEnds: Timer | undefined;
  private isLooking = false;
  private over: CoscribeError | 'stopped' | undefined;

  constructor(private readonly options: FollowedDocumentOptions) {}

  /** @throws CoscribeError as `DocumentCopies.follow`, and then `onEnd` is not called */
  async open(): Promise<void> {
    const { copies, id, what } = this.options;
    const following = await copies.follow(id, what, this);
    if (this.over !== undefined) {
      following.stop();
      throw this.over === 'stopped' ? new CoscribeError('document-reloading') : this.over;
    }
    this.following = following;
    this.generation = generationInId(following.generation);
    this.recent = new RecentChanges(following.since);
    this.recent.push(following.before.map((change) => this.known(change)));
    this.upTo = { seq: following.seq, generation: this.generation };
    this.gathered = this.gathered.filter(({ seq }) => seq > following.seq);
    this.keep(following);
  }

  changed(changes: readonly FollowedChange[]): void {
    if (this.over !== undefined) return;
    for (const change of changes) this.gathered.push(change);
    if (this.following !== undefined) this.options.onNews();
  }

  ended(error: CoscribeError): void {
    if (this.over !== undefined) return;
    this.over = error;
    this.forgetSnapshot();
    if (this.following !== undefined) this.options.onEnd(error);
  }

  /** What somebody has seen who has been given everything that is shown. */
  get shown(): LastSeen {
    return this.upTo;
  }

  /** From now on what has come is shown. */
  advance(): void {
    if (this.gathered.length === 0) return;
    this.recent.push(this.gathered.map((change) => this.known(change)));
    this.gathered = [];
    this.upTo = { seq: this.recent.head ?? this.upTo.seq, generation: this.generation };
  }

  /** What somebody lacks of what is shown; `undefined` if he needs a snapshot. */
  lackedBy({ seq, generation }: LastSeen): Chunk | typeof NOTHING | undefined {
    if (generation !== undefined && generation !== this.generation) return undefined;
    return this.recent.after(seq);
  }

  /** A snapshot with which one can go on. @returns `undefined` if it has to be made: `onNews` is called when it is there */
  takeSnapshot(): SnapshotOf | undefined {
    const { snapshot } = this;
    if (snapshot !== undefined && this.isFresh(snapshot)) return snapshot;
    void this.look();
    return undefined;
  }

  stop(): void {
    if (this.over !== undefined) return;
    this.over = 'stopped';
    this.forgetSnapshot();
    this.following?.stop();
  }

  /** Never rejects. */
  private async look(): Promise<void> {
    const { following } = this;
    if (this.isLooking || following === undefined) return;
    this.isLooking = true;
    try {
      const viewed = await following.look();
      if (this.over !== undefined) return;
      this.keep(viewed);
      this.options.onNews();
    } catch (error) {
      if (this.over === undefined) following.stop();
      this.ended(toCoscribeError(error));
    } finally {
      this.isLooking = false;
    }
  }

  private keep(viewed: Viewed): void {
    const { clock, what } = this.options;
    this.forgetSnapshot();
    const seen = { seq: viewed.seq, generation: generationInId(viewed.generation) };
    this.snapshot = { seen, chunk: snapshotEvent(what.as, viewed) };
    this.snapshotEnds = clock.schedule(SNAPSHOT_KEPT_MS, () => this.forgetSnapshot());
  }

  private forgetSnapshot(): void {
    if (this.snapshotEnds !== undefined) this.options.clock.cancel(this.snapshotEnds);
    this.snapshotEnds = undefined;
    this.snapshot = undefined;
  }

  private isFresh({ seen, chunk }: SnapshotOf): boolean {
    if (this.lackedBy(seen) === undefined) return false;
    return this.recent.bytesAfter(seen.seq) <= Math.max(SMALL_BYTES, chunk.payload.length);
  }

  private known(change: FollowedChange): { from: number; seq: number; event: Buffer } {
    const { what } = this.options;
    return { from: change.from, seq: change.seq, event: changeEvent(what.as, this.generation, change) };
  }
}
