import * as Y from 'yjs';
import { UpdateWriter } from '../shared/struct-writer.js';
import { UpdateReader } from '../shared/update-format.js';
import { sectionsOf } from '../shared/update-order.js';
import { compareStructs } from './struct-comparison.js';

/** The clientIDs under which a document has written. They belong to the `Y.Doc`, as its clientID does. */
const written = new WeakMap<Y.Doc, Set<number>>();

function remember(doc: Y.Doc, client: number): void {
  written.set(doc, (written.get(doc) ?? new Set()).add(client));
}

/**
 * Finds out when somebody else has used up clocks of this copy. Of two that write the same clocks of a clientID, the first
 * one in the log counts, for everybody; Yjs takes no notice of the other, and equal state vectors say nothing. So what
 * comes of this copy's own clientIDs is compared with what the copy holds, until it is *settled*: known to be in the log
 * before anything else could be.
 */
export class OwnClocks {
  readonly #doc: Y.Doc;
  /** Per clientID under which this copy has written, the clock up to which everything is settled. */
  readonly #settled = new Map<number, number>();
  /** Updates that are in the log, behind something that has not come yet. */
  #ahead: { readonly seq: number; readonly update: Uint8Array }[] = [];
  #deleted = new UpdateWriter();

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    for (const client of written.get(doc) ?? []) this.#settled.set(client, 0);
    if (Y.getState(doc.store, doc.clientID) > 0) this.wrote();
  }

  /** The document has written something, under the clientID that it has. */
  wrote(): void {
    const doc = this.#doc;
    const settled = this.#settled;
    if (settled.has(doc.clientID)) return;
    settled.set(doc.clientID, 0);
    remember(doc, doc.clientID);
  }

  /**
   * The copy is about to get what was made here in an earlier life, under another clientID. What it has of that so far came
   * from the server.
   */
  adopt(client: number): void {
    if (this.#settled.has(client)) return;
    this.#settled.set(client, Y.getState(this.#doc.store, client));
    remember(this.#doc, client);
  }

  /**
   * Looks at an update that is about to be applied; updates are to come in the order of the log.
   *
   * @returns if it contradicts this copy, which is wrong for good then: what this copy made where the document has something
   *   else, and all that follows, of which nobody can tell what has become of it
   * @throws CoscribeError `invalid-update`
   */
  lostTo(update: Uint8Array): Uint8Array | undefined {
    if (this.#isSettled) return undefined;
    const reader = new UpdateReader(update);
    for (let start = reader.pos; reader.nextSection(); start = reader.pos) {
      const { client, clock: from, sectionsLeft } = reader;
      const settled = this.#settled.get(client);
      if (settled === undefined && sectionsLeft === 0) return undefined;
      while (reader.nextStruct());
      const to = reader.clock + reader.length;
      if (settled === undefined || to <= settled) continue;
      const differsAt = this.#compare(client, update.subarray(start, reader.pos), settled);
      if (differsAt !== undefined) return this.#madeFrom(client, differsAt);
      if (from <= settled) this.#settled.set(client, to);
    }
    return undefined;
  }

  /**
   * Deletions that the updates looked at bring without saying so: of what a struct brings as deleted. For others it is
   * deleted by that; the update that says so may come later (`splitUpdate`).
   */
  takeDeletions(): Uint8Array | undefined {
    const deleted = this.#deleted;
    if (deleted.empty) return undefined;
    this.#deleted = new UpdateWriter();
    return deleted.encode();
  }

  /** An update of this copy is number `seq` of the log. */
  confirmed(seq: number, update: Uint8Array): void {
    this.#ahead.push({ seq, update });
  }

  /** Everything up to `seq` has come. */
  reached(seq: number): void {
    if (this.#ahead.length === 0) return;
    const there = this.#ahead.filter((own) => own.seq <= seq);
    this.#ahead = this.#ahead.filter((own) => own.seq > seq);
    for (const { update } of there) {
      for (const { client, from, to } of sectionsOf(update)) {
        const settled = this.#settled.get(client);
        if (settled !== undefined && from <= settled && settled < to) this.#settled.set(client, to);
      }
    }
  }

  /** What this copy has, as a state vector; of its own, what is settled: the rest is to come back and be compared. */
  stateVector(): Uint8Array {
    const clocks = this.#clocks();
    for (const [client, settled] of this.#settled) {
      if (settled === 0) clocks.delete(client);
      else clocks.set(client, settled);
    }
    return Y.encodeStateVector(clocks);
  }

  get #isSettled(): boolean {
    for (const [client, settled] of this.#settled)
      if (Y.getState(this.#doc.store, client) > settled) return false;
    return true;
  }

  #madeFrom(client: number, clock: number): Uint8Array {
    const before = this.#clocks().set(client, clock);
    return Y.encodeStateAsUpdate(this.#doc, Y.encodeStateVector(before));
  }

  #clocks(): Map<number, number> {
    return Y.decodeStateVector(Y.encodeStateVector(this.#doc));
  }

  /** @param section of an update @returns the first clock that is not the same */
  #compare(client: number, section: Uint8Array, from: number): number | undefined {
    // An update of this section alone.
    const alone = new Uint8Array(section.length + 2);
    alone[0] = 1;
    alone.set(section, 1);
    const { structs } = Y.decodeUpdate(alone);
    const { differsAt, deleted } = compareStructs(
      this.#doc,
      structs,
      from,
      Y.getState(this.#doc.store, client),
    );
    for (const { clock, length } of deleted) this.#deleted.addRange(client, clock, length);
    return differsAt;
  }
}
