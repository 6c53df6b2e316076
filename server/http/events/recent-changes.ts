import { Chunk } from './chunk.js';

/** A change that is known, as the event that tells of it. */
export interface KnownChange {
  /** It goes on from what there was at this `seq`. */
  readonly from: number;
  readonly seq: number;
  readonly event: Buffer;
}

/** Beyond either of these the oldest are forgotten. */
const MAX_CHANGES = 1_000;
const MAX_BYTES = 1024 * 1024;

/** There is nothing newer. */
export const NOTHING = 'nothing';

/**
 * The newest changes of something that is followed, for those who have seen some of it. What several of them lack is put
 * together once.
 */
export class RecentChanges {
  private readonly changes: KnownChange[] = [];
  private byteCount = 0;
  /** What those lack who have seen up to the change before this one, by its place. */
  private readonly chunks = new Map<number, Chunk>();

  /** @param since from this `seq` on all changes are known */
  constructor(private since: number) {}

  /** The `seq` of the newest one; `undefined` if there is none. */
  get head(): number | undefined {
    return this.changes.at(-1)?.seq;
  }

  /** Takes changes that go on from those before, and forgets old ones. */
  push(changes: readonly KnownChange[]): void {
    if (changes.length === 0) return;
    this.forget();
    this.chunks.clear();
    for (const change of changes) {
      this.changes.push(change);
      this.byteCount += change.event.length;
    }
  }

  /**
   * What somebody lacks who has seen everything up to `seq`.
   *
   * @returns `undefined` if that is not known, or was put together with what he has seen
   */
  after(seq: number): Chunk | typeof NOTHING | undefined {
    if (seq < this.since) return undefined;
    const place = this.placeAfter(seq);
    const first = this.changes[place];
    if (first === undefined) return NOTHING;
    if (seq > first.from) return undefined;
    const known = this.chunks.get(place);
    if (known !== undefined) return known;
    const chunk = new Chunk(this.changes.slice(place).map(({ event }) => event));
    this.chunks.set(place, chunk);
    return chunk;
  }

  /** How long that is, in bytes. */
  bytesAfter(seq: number): number {
    return this.changes.slice(this.placeAfter(seq)).reduce((sum, { event }) => sum + event.length, 0);
  }

  private placeAfter(seq: number): number {
    let place = this.changes.length;
    // Almost everybody lacks the last ones only.
    while ((this.changes[place - 1]?.seq ?? -1) > seq) place--;
    return place;
  }

  private forget(): void {
    let count = 0;
    for (const { seq, event } of this.changes) {
      if (this.changes.length - count <= MAX_CHANGES && this.byteCount <= MAX_BYTES) break;
      this.byteCount -= event.length;
      this.since = seq;
      count++;
    }
    this.changes.splice(0, count);
  }
}
