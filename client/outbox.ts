import * as Y from 'yjs';
import type { SessionLimits, UpdateKind } from '../shared/protocol.js';
import { splitUpdate } from '../shared/update-split.js';

/** Updates merged into one message at most: merging is cheap for a few and costs more than linearly for many. */
const MERGE_AT_MOST = 100;

interface Waiting {
  readonly update: Uint8Array;
  /** clientID under which this document made it; `undefined` for what it got from elsewhere. */
  readonly madeBy: number | undefined;
}

interface Parcel {
  /** What is still to be sent, in order; the first is under way. */
  readonly parts: Uint8Array[];
  readonly madeBy: number | undefined;
  readonly changes: number;
}

export interface Message {
  readonly update: Uint8Array;
  readonly kind: UpdateKind;
}

/**
 * Local changes that the server has not confirmed. One message is under way at a time; what is typed meanwhile
 * gathers and goes merged, as one, when the answer is there: the round trip is the clock.
 */
export class Outbox {
  private waiting: Waiting[] = [];
  private parcel: Parcel | undefined;
  private underWay = false;

  /** Changes that are not confirmed: one per Yjs transaction. */
  get changes(): number {
    return this.waiting.length + (this.parcel?.changes ?? 0);
  }

  /** The updates that are not confirmed, in the order in which they were made. */
  unconfirmed(): Uint8Array[] {
    return [...(this.parcel?.parts ?? []), ...this.waiting.map(({ update }) => update)];
  }

  add(update: Uint8Array, madeBy: number | undefined): void {
    this.waiting.push({ update, madeBy });
  }

  /**
   * The next message to send, if nothing is under way and anything waits.
   *
   * @param clientId the clientID with which the session joined: what was made under it is `live`
   * @throws CoscribeError `update-too-large` if a change cannot be split far enough
   */
  next(clientId: number, limits: SessionLimits): Message | undefined {
    if (this.underWay) return undefined;
    this.parcel ??= this.pack(limits);
    const update = this.parcel?.parts[0];
    if (this.parcel === undefined || update === undefined) return undefined;
    this.underWay = true;
    return { update, kind: this.parcel.madeBy === clientId ? 'live' : 'catch-up' };
  }

  /** The message under way is confirmed. */
  confirmed(): void {
    this.underWay = false;
    this.parcel?.parts.shift();
    if (this.parcel?.parts.length === 0) this.parcel = undefined;
  }

  /** The message under way may be lost; it will be sent again. Twice is harmless: Yjs updates are idempotent. */
  returned(): void {
    this.underWay = false;
  }

  private pack(limits: SessionLimits): Parcel | undefined {
    const first = this.waiting[0];
    if (first === undefined) return undefined;
    let count = 0;
    let bytes = 0;
    for (const { update, madeBy } of this.waiting) {
      if (madeBy !== first.madeBy || count === MERGE_AT_MOST) break;
      // Between two changes from elsewhere others may lie that the server has: merged, they would be one with a hole.
      if (count > 0 && madeBy === undefined) break;
      // A merged message should not have to be split again; a single large one has no choice.
      if (count > 0 && bytes + update.length > limits.maxUpdateBytes) break;
      bytes += update.length;
      count++;
    }
    const taken = this.waiting.slice(0, count).map(({ update }) => update);
    const merged = count === 1 ? first.update : Y.mergeUpdates(taken);
    const parts = splitUpdate(merged, {
      maxBytes: limits.maxUpdateBytes,
      maxDeleteRanges: limits.maxDeleteRanges,
    });
    this.waiting = this.waiting.slice(count);
    return { parts, madeBy: first.madeBy, changes: count };
  }
}
