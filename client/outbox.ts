import * as Y from 'yjs';
import type { SessionLimits, UpdateKind } from '../shared/protocol.js';
import { splitUpdate } from '../shared/update-split.js';
import { Gapless } from './gapless.js';

/** Updates merged into one message at most: merging is cheap for a few and costs more than linearly for many. */
const MERGE_AT_MOST = 100;

/** Something in this copy that the server may not have. */
export interface Change {
  readonly update: Uint8Array;
  /** clientID under which all of it was made; `undefined` if that may be several. */
  readonly madeBy: number | undefined;
  /** Yjs transactions that it is made of; 0 if the copy has it in another way, too. */
  readonly count: number;
  /** Another copy has it too, and may be the only one from which the server takes it at the moment. */
  readonly shared: boolean;
}

interface Parcel {
  /** What is still to be sent, in order; the first is under way. */
  readonly parts: Uint8Array[];
  readonly changes: readonly Change[];
}

export interface Message {
  readonly update: Uint8Array;
  readonly kind: UpdateKind;
}

/**
 * Changes that the server has not confirmed. One message is under way at a time; what is typed meanwhile
 * gathers and goes merged, as one, when the answer is there: the round trip is the clock.
 */
export class Outbox {
  #waiting: Change[] = [];
  #parcel: Parcel | undefined;
  #underWay = false;
  #count = 0;
  /** What goes by itself, as it was turned away together with others. */
  readonly #apart = new Set<Change>();
  /** How much of what waits was tried, and is not to be sent yet. */
  #turnedAway = 0;

  /** Changes that are not confirmed: one per Yjs transaction. */
  get changes(): number {
    return this.#count;
  }

  /** What is not confirmed, in the order in which it is sent. */
  all(): readonly Change[] {
    return this.#parcel === undefined ? this.#waiting : [...this.#parcel.changes, ...this.#waiting];
  }

  /** Whether the message under way holds nothing that counts: what is kept twice, or is saved already. */
  get isExtra(): boolean {
    return this.#parcel?.changes.every(({ count }) => count === 0) === true;
  }

  /** The updates that are not confirmed, in the order in which they were made; without the parts that are. */
  unconfirmed(): Uint8Array[] {
    return [...(this.#parcel?.parts ?? []), ...this.#waiting.map(({ update }) => update)];
  }

  add(change: Change): void {
    this.#waiting.push(change);
    this.#count += change.count;
  }

  /**
   * The next message to send, if nothing is under way and anything waits.
   *
   * @param clientId the clientID with which the session joined: what was made under it is `live`
   * @throws CoscribeError `update-too-large` if a change cannot be split far enough
   */
  next(clientId: number, limits: SessionLimits): Message | undefined {
    if (this.#underWay) return undefined;
    this.#parcel ??= this.#pack(limits);
    const { parts, changes } = this.#parcel ?? { parts: [], changes: [] };
    const [update] = parts;
    if (update === undefined) return undefined;
    this.#underWay = true;
    return { update, kind: changes[0]?.madeBy === clientId ? 'live' : 'catch-up' };
  }

  /** The message under way is confirmed. @returns the changes of which that was the last part */
  confirmed(): readonly Change[] {
    this.#underWay = false;
    const { parts, changes } = this.#parcel ?? { parts: [], changes: [] };
    parts.shift();
    if (parts.length > 0) return [];
    this.#parcel = undefined;
    this.#turnedAway = 0;
    for (const change of changes) {
      this.#count -= change.count;
      this.#apart.delete(change);
    }
    return changes;
  }

  /** The message under way may be lost; it will be sent again. Twice is harmless: Yjs updates are idempotent. */
  returned(): void {
    this.#underWay = false;
  }

  /**
   * The server lacks something that the message under way builds on. If another copy may have to send that, or it waits here
   * behind the message, the message goes to the end.
   *
   * @returns what to do: send the `next` one; `pause`, as nothing here can be sent now; or nothing, as no other copy is concerned
   */
  giveWay(): 'next' | 'pause' | undefined {
    const { changes } = this.#parcel ?? { changes: [] };
    const all = [...this.#waiting, ...changes];
    if (!all.some(({ shared }) => shared)) return undefined;
    this.#parcel = undefined;
    this.#underWay = false;
    if (changes.length > 1) {
      // Two authors may have answered one another: what is one message of each would wait for the other one for ever.
      for (const change of changes) this.#apart.add(change);
      this.#waiting = [...changes, ...this.#waiting];
      return 'next';
    }
    this.#waiting = all;
    this.#turnedAway += changes.length;
    if (this.#turnedAway < all.length) return 'next';
    this.#turnedAway = 0;
    return 'pause';
  }

  #pack(limits: SessionLimits): Parcel | undefined {
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    const taken = this.#mergeable(first, limits.maxUpdateBytes);
    const merged = taken.length === 1 ? first.update : Y.mergeUpdates(taken.map(({ update }) => update));
    const parts = splitUpdate(merged, {
      maxBytes: limits.maxUpdateBytes,
      maxDeleteRanges: limits.maxDeleteRanges,
    });
    this.#waiting = this.#waiting.slice(taken.length);
    return { parts, changes: taken };
  }

  /** The first of what waits, and what goes with it. */
  #mergeable(first: Change, maxBytes: number): Change[] {
    const { madeBy, shared } = first;
    // Between two changes from elsewhere others may lie that the server has: merged, they would be one with a hole.
    if (madeBy === undefined || this.#apart.has(first)) return [first];
    const taken: Change[] = [];
    const gapless = new Gapless(madeBy);
    let bytes = 0;
    for (const change of this.#waiting) {
      const { update } = change;
      if (change.madeBy !== madeBy || change.shared !== shared || taken.length === MERGE_AT_MOST) break;
      if (this.#apart.has(change)) break;
      bytes += update.length;
      // A merged message should not have to be split again; a single large one has no choice.
      if (taken.length > 0 && bytes > maxBytes) break;
      // What has been turned away may come behind what builds on it.
      if (this.#waiting.length > 1 && !gapless.take(update)) break;
      taken.push(change);
    }
    return taken.length === 0 ? [first] : taken;
  }
}
