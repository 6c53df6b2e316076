import { decodeStateVector } from '../../../shared/state-vector.js';
import { WANTED } from '../../wire/protocol.js';
import { type Author, BEGINNING, type Mark } from '../author/author.js';
import { encodeUpdate, type Part } from '../author/encode-update.js';
import type { Counts } from '../counts.js';
import type { LoadDocument } from '../view/load-document.js';
import type { View } from '../view/view.js';
import type { Connection } from './connection.js';

/** Characters in one update at most: four bytes each are well below what servers take. */
const MAX_CHARACTERS = 20_000;

/**
 * An author's way to the server. With our own protocol one update is under way at a time, and what is typed meanwhile goes with
 * the next one, as our client does it; with the others every edit goes at once, as their clients do it.
 */
export class Outgoing {
  readonly #author: Author;
  readonly #document: LoadDocument;
  readonly #counts: Counts;
  readonly #atOnce: number;
  readonly #acknowledges: boolean;
  /** Updates under way and how far they go, the oldest first. */
  readonly #marks: { readonly tag: number; readonly mark: Mark }[] = [];
  /** How far an answer to the server's question goes. */
  #wanted: Mark = BEGINNING;
  #sent: Mark = BEGINNING;
  #tag = 0;

  /** @param atOnce updates that may be under way */
  constructor(
    author: Author,
    document: LoadDocument,
    counts: Counts,
    { atOnce, acknowledges }: { readonly atOnce: number; readonly acknowledges: boolean },
  ) {
    this.#author = author;
    this.#document = document;
    this.#counts = counts;
    this.#atOnce = atOnce;
    this.#acknowledges = acknowledges;
  }

  /** Everything typed is sent, and acknowledged where that is done. */
  get done(): boolean {
    const reached = this.#acknowledges ? this.#author.acked : this.#sent;
    return reached.edits === this.#author.times.count;
  }

  /** Edits that should be acknowledged and are not. */
  get unacked(): number {
    return this.#acknowledges ? this.#author.unacked : 0;
  }

  /** Sends what may be sent. */
  flush(connection: Connection): void {
    const author = this.#author;
    while (this.#sent.edits < author.times.count && this.#marks.length < this.#atOnce) {
      const mark = this.#upTo(author.mark);
      const update = encodeUpdate([author.between(this.#sent, mark)], this.#document.text);
      this.#sent = mark;
      if (this.#acknowledges) this.#marks.push({ tag: ++this.#tag, mark });
      else author.forget(mark);
      connection.sendUpdate(update, this.#tag);
    }
  }

  acked(tag: number, now: number): void {
    const mark = tag === WANTED ? this.#wanted : this.#take(tag);
    const author = this.#author;
    if (mark === undefined || mark.edits <= author.acked.edits) return;
    this.#counts.acked += mark.edits - author.acked.edits;
    for (let edit = author.acked.edits; edit < mark.edits; edit++) {
      const due = author.times.dueOf(edit);
      if (due !== undefined) this.#counts.ack.add(now - due);
    }
    author.acknowledge(mark);
  }

  /** The connection is gone, or an update was not taken: what is not acknowledged is sent again. */
  again(): void {
    this.#marks.length = 0;
    if (this.#acknowledges) this.#sent = this.#author.acked;
  }

  /** The server asks for what it lacks, and gets everything up to now. */
  wanted(): void {
    this.#wanted = this.#sent = this.#author.mark;
    if (!this.#acknowledges) this.#author.forget(this.#sent);
  }

  #take(tag: number): Mark | undefined {
    const at = this.#marks.findIndex((one) => one.tag === tag);
    return at === -1 ? undefined : this.#marks.splice(0, at + 1).at(-1)?.mark;
  }

  #upTo(mark: Mark): Mark {
    const { clock, deletions, edits } = this.#sent;
    if (mark.clock - clock <= MAX_CHARACTERS) return mark;
    return { clock: clock + MAX_CHARACTERS, deletions, edits };
  }
}

/**
 * A client's copy as far as it lies beyond a state vector: his own text, and what has come to him of those whose text this
 * process has. What people of other processes wrote he cannot bring back; their own clients do.
 *
 * @throws CoscribeError `invalid-update` if it is no state vector
 */
export function beyond(
  stateVector: Uint8Array,
  document: LoadDocument,
  view: View,
  own: Author | undefined,
): Uint8Array {
  const vector = decodeStateVector(stateVector);
  const parts = document.writers.flatMap((writer): Part[] => {
    const { author, clientId } = writer;
    if (author === undefined) return [];
    const isOwn = author === own;
    const to = isOwn ? author.clock : view.clockOf(writer);
    const deleted = (isOwn ? author.deleted : view.deletedOf(writer)).ranges();
    const from = Math.min(to, vector.get(clientId) ?? 0);
    return [{ clientId, runs: author.runs, from, to, deleted }];
  });
  return encodeUpdate(parts, document.text);
}
