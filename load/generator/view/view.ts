import type { Durations } from '../../histogram.js';
import type { Arrival } from './arrivals.js';
import { type DeletionSet, NONE_DELETED } from './deletion-set.js';
import type { Writer } from './writer.js';

/** Pieces that wait for what comes before them; whoever has more has lost something for good. */
const MAX_AHEAD = 1_000;

/** What has arrived, in numbers. */
export interface ArrivalCounts {
  delivered: number;
  readonly shown: Durations;
}

/**
 * What one client has of a document, exactly: of each writer, up to which clock without gaps, and what is deleted. As Yjs would
 * show it: what comes before its time waits, what comes twice does nothing.
 */
export class View {
  /** By the writer's index; nothing has come of whoever is not there. */
  readonly #clocks: number[] = [];
  readonly #deleted: DeletionSet[] = [];
  /** Clock and end of pieces that wait, by the writer's index. */
  readonly #ahead = new Map<number, number[]>();

  /** Pieces of a writer wait for earlier ones that have not come. */
  get waits(): boolean {
    return this.#ahead.size > 0;
  }

  clockOf({ index }: Writer): number {
    return this.#clocks[index] ?? 0;
  }

  deletedOf({ index }: Writer): DeletionSet {
    return this.#deleted[index] ?? NONE_DELETED;
  }

  /**
   * Takes what has come.
   *
   * @param own is passed over: a client knows what it wrote itself
   * @param counts counts what is new; `undefined`: that need not be counted
   * @param now by the clock of the edits' times, in milliseconds
   */
  take(
    arrivals: readonly Arrival[],
    own: Writer | undefined,
    counts: ArrivalCounts | undefined,
    now: number,
  ): void {
    for (const arrival of arrivals) {
      if (arrival.writer === own) continue;
      const isNew = arrival.deletes ? this.#delete(arrival) : this.#write(arrival);
      if (!isNew || counts === undefined) continue;
      counts.delivered += arrival.edits;
      for (const due of arrival.dues) counts.shown.add(now - due);
    }
  }

  #write({ writer, clock, length }: Arrival): boolean {
    const { index } = writer;
    const reached = this.#reached(index);
    const end = clock + length;
    if (end <= reached) return false;
    if (clock > reached) {
      const ahead = this.#ahead.get(index) ?? [];
      if (ahead.length < 2 * MAX_AHEAD) ahead.push(clock, end);
      this.#ahead.set(index, ahead);
      return false;
    }
    this.#clocks[index] = end;
    if (this.#ahead.size > 0) this.#catchUp(index);
    return true;
  }

  #catchUp(index: number): void {
    const ahead = this.#ahead.get(index);
    if (ahead === undefined) return;
    let rest = ahead;
    for (let moved = true; moved; ) {
      moved = false;
      const waiting: number[] = [];
      for (let at = 0; at < rest.length; at += 2) {
        const clock = rest[at] ?? 0;
        const end = rest[at + 1] ?? 0;
        if (clock > this.#reached(index)) waiting.push(clock, end);
        else {
          this.#clocks[index] = Math.max(end, this.#reached(index));
          moved = true;
        }
      }
      rest = waiting;
    }
    if (rest.length === 0) this.#ahead.delete(index);
    else this.#ahead.set(index, rest);
  }

  #delete({ writer, clock, length }: Arrival): boolean {
    const before = this.deletedOf(writer);
    const after = before.with(clock, length, writer.known);
    if (after === before) return false;
    this.#reached(writer.index);
    this.#deleted[writer.index] = after;
    return true;
  }

  /** The clock; fills up with zeros, so that the lists have no holes. */
  #reached(index: number): number {
    while (this.#clocks.length <= index) {
      this.#clocks.push(0);
      this.#deleted.push(NONE_DELETED);
    }
    return this.#clocks[index] ?? 0;
  }
}
