import { type DeletionSet, type KnownSets, NONE_DELETED } from '../view/deletion-set.js';
import { EditTimes } from './edit-times.js';
import type { Part } from './encode-update.js';
import { NOTHING, Paragraph } from './paragraph.js';
import { Runs } from './runs.js';

/** How far an author's edits have got: a clock and a number of his deletions. */
export interface Mark {
  readonly clock: number;
  readonly deletions: number;
  readonly edits: number;
}

export const BEGINNING: Mark = { clock: 0, deletions: 0, edits: 0 };

/**
 * Somebody who writes a text of his own in a document, beside those of others: what is there of it, where each character was
 * put, what he deleted, and how much of all that is acknowledged. He never touches what others wrote.
 */
export class Author {
  readonly text = new Paragraph();
  readonly times = new EditTimes();
  readonly runs = new Runs();
  /** Characters written so far; the clock of the next one. */
  clock = 0;
  deleted: DeletionSet = NONE_DELETED;
  /** Of it, what is acknowledged. */
  ackedDeleted: DeletionSet = NONE_DELETED;
  acked: Mark = BEGINNING;
  /** Where he goes on when he has deleted everything. */
  #lastDeleted = NOTHING;
  /** Clock and length of his deletions, in their order, from the first that is not acknowledged. */
  #deletions: number[] = [];
  #deletionsBefore = 0;
  /** Of the edit that is being made. */
  #clockBefore = 0;
  #firstDeleted = NOTHING;

  constructor(
    readonly clientId: number,
    private readonly known: KnownSets,
  ) {}

  /** So far, everything. */
  get mark(): Mark {
    const deletions = this.#deletionsBefore + this.#deletions.length / 2;
    return { clock: this.clock, deletions, edits: this.times.count };
  }

  /** Edits that are not acknowledged. */
  get unacked(): number {
    return this.times.count - this.acked.edits;
  }

  /** Writes at the caret. Part of an edit that ends with `commit`. */
  insert(count: number): void {
    const { left, right } = this.text;
    // With nothing left of his text he goes on where the last of it was.
    const origin = left === NOTHING && right === NOTHING ? this.#lastDeleted : left;
    this.runs.add(this.clock, origin, right);
    this.text.insert(this.clock, count);
    this.clock += count;
  }

  /** Deletes up to so many characters before the caret. Part of an edit that ends with `commit`. */
  deleteBefore(count: number): void {
    const clocks = this.text.removeBefore(count);
    const first = clocks[0];
    if (first === undefined) return;
    if (this.#firstDeleted === NOTHING) this.#firstDeleted = first;
    this.#lastDeleted = first;
    for (let from = 0; from < clocks.length; ) {
      let to = from + 1;
      while (to < clocks.length && clocks[to] === (clocks[to - 1] ?? 0) + 1) to++;
      const clock = clocks[from] ?? 0;
      this.#deletions.push(clock, to - from);
      this.deleted = this.deleted.with(clock, to - from, this.known);
      from = to;
    }
  }

  /** What was done since the last call is one edit, due at this time. @returns whether it is one at all */
  commit(due: number): boolean {
    const wrote = this.clock > this.#clockBefore;
    const deleted = this.#firstDeleted;
    if (!wrote && deleted === NOTHING) return false;
    this.times.add(due, this.clock, wrote ? NOTHING : deleted);
    this.#clockBefore = this.clock;
    this.#firstDeleted = NOTHING;
    return true;
  }

  /** What lies between two marks. What was written and deleted within is deleted in the same update. */
  between(from: Mark, to: Mark): Part {
    const first = 2 * (from.deletions - this.#deletionsBefore);
    const last = 2 * (to.deletions - this.#deletionsBefore);
    const deleted = ascending(this.#deletions.slice(Math.max(0, first), last));
    return { clientId: this.clientId, runs: this.runs, from: from.clock, to: to.clock, deleted };
  }

  /** Everything up to there is acknowledged. */
  acknowledge(mark: Mark): void {
    if (mark.edits <= this.acked.edits) return;
    const count = mark.deletions - this.#deletionsBefore;
    for (let at = 0; at < 2 * count; at += 2) {
      const clock = this.#deletions[at] ?? 0;
      this.ackedDeleted = this.ackedDeleted.with(clock, this.#deletions[at + 1] ?? 0, this.known);
    }
    this.#deletions = this.#deletions.slice(2 * count);
    this.#deletionsBefore = mark.deletions;
    this.acked = mark;
    this.times.acked = mark.edits;
  }

  /** For a protocol that acknowledges nothing: what is sent need not be kept apart any longer. */
  forget(mark: Mark): void {
    this.#deletions = this.#deletions.slice(2 * (mark.deletions - this.#deletionsBefore));
    this.#deletionsBefore = mark.deletions;
    this.times.acked = mark.edits;
  }
}

/** Sorted by clock; neighbours joined. Nobody deletes a character twice. */
function ascending(ranges: readonly number[]): number[] {
  if (ranges.length <= 2) return [...ranges];
  const pairs: [number, number][] = [];
  for (let at = 0; at < ranges.length; at += 2) pairs.push([ranges[at] ?? 0, ranges[at + 1] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  let end = NOTHING;
  for (const [clock, length] of pairs) {
    if (clock === end) joined[joined.length - 1] = (joined[joined.length - 1] ?? 0) + length;
    else joined.push(clock, length);
    end = clock + length;
  }
  return joined;
}
