import * as Y from 'yjs';
import { OwnClocks } from '../../client/own-clocks.js';
import type { Random } from '../../shared/time.js';
import { splitUpdate } from '../../shared/update-split.js';
import { trimKnown } from '../../shared/update-trim.js';
import { between } from './random.js';
import { editSomewhere } from './random-edits.js';

const WHOLE_PAIRS = ['🙂', 'a🙂b', '🙂🙂'];

/** One author, others, and a server that has what both sent: for what may come back of what the author wrote. */
export class OwnHistory {
  readonly author: Y.Doc;
  readonly own: OwnClocks;
  /** Has everything that was sent, in the order of the log. */
  readonly server = new Y.Doc();
  readonly other = new Y.Doc();
  /** The log. */
  readonly rows: Uint8Array[] = [];
  readonly undo: Y.UndoManager;
  /** Made by the author, and not sent. */
  #unsent: Uint8Array[] = [];

  /** @param pairs whether the author writes characters of two units, and cuts them */
  constructor(
    readonly random: Random,
    private readonly pairs: boolean,
  ) {
    this.author = new Y.Doc({ gc: random() < 0.8 });
    this.own = new OwnClocks(this.author);
    this.author.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'log') return;
      this.own.wrote();
      this.#unsent.push(update);
    });
    this.undo = new Y.UndoManager(this.author, {
      trackedOrigins: new Set(['here', null]),
      captureTimeout: 0,
    });
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  /** The author changes something. */
  write(): void {
    const { author, random, undo } = this;
    const dice = random();
    if (dice < 0.15) undo.undo();
    else if (dice < 0.25) undo.redo();
    else if (dice < 0.4 && this.pairs) {
      const text = author.getText('text');
      text.insert(between(random, 0, text.length), WHOLE_PAIRS[between(random, 0, 2)] ?? '');
    } else editSomewhere(random, author);
  }

  /** The author sends what he has made: as it is, merged, or in parts. */
  send(): void {
    const { random } = this;
    const made = this.#unsent;
    this.#unsent = [];
    if (made.length === 0) return;
    const messages = this.chance(0.5) ? made : [Y.mergeUpdates(made)];
    for (const message of messages) {
      const maxBytes = this.chance(0.2) ? between(random, 80, 200) : 100_000;
      for (const part of splitUpdate(message, { maxBytes, maxDeleteRanges: 1_000 })) {
        this.log(part);
        if (this.chance(0.5)) this.own.confirmed(this.rows.length, part);
      }
    }
  }

  log(row: Uint8Array): void {
    this.rows.push(row);
    Y.applyUpdate(this.server, row);
  }

  /** Somebody else changes something. */
  writeOther(): void {
    const { other, server, random } = this;
    Y.applyUpdate(other, Y.encodeStateAsUpdate(server, Y.encodeStateVector(other)));
    const before = Y.encodeStateVector(other);
    editSomewhere(random, other);
    this.log(Y.encodeStateAsUpdate(other, before));
  }

  /** The author meets the other one elsewhere, who changes what the server has not seen yet, and brings it along. */
  meet(): void {
    const { other, author, random } = this;
    Y.applyUpdate(other, Y.encodeStateAsUpdate(author, Y.encodeStateVector(other)));
    for (let n = between(random, 1, 3); n > 0; n--) editSomewhere(random, other);
    const brought = Y.encodeStateAsUpdate(other);
    const maxBytes = this.chance(0.6) ? between(random, 80, 300) : 100_000;
    for (const part of splitUpdate(brought, { maxBytes, maxDeleteRanges: 1_000 })) this.log(part);
  }

  /** Something that brings the author up to date, with more or less of his own in it. */
  answer(): Uint8Array[] {
    const { server, rows, random } = this;
    const from = between(random, 0, rows.length);
    const behind = { clock: (client: number) => between(random, 0, Y.getState(server.store, client)) };
    switch (between(random, 0, 5)) {
      case 0:
        return rows.slice(from);
      case 1:
        return [Y.encodeStateAsUpdate(server)];
      case 2:
        return [Y.encodeStateAsUpdate(server, this.own.stateVector())];
      case 3:
        return from < rows.length ? [Y.mergeUpdates(rows.slice(from))] : [];
      case 4:
        return splitUpdate(Y.encodeStateAsUpdate(server), {
          maxBytes: between(random, 80, 400),
          maxDeleteRanges: between(random, 1, 20),
        });
      default:
        // The author has all of it, wherever his part of it is cut.
        Y.applyUpdate(this.author, Y.encodeStateAsUpdate(server), 'log');
        return [trimKnown(Y.encodeStateAsUpdate(server), behind)];
    }
  }

  /** The author takes updates. @returns what he has lost to them */
  take(updates: readonly Uint8Array[]): Uint8Array | undefined {
    const { author, own } = this;
    for (const update of updates) {
      const lost = own.lostTo(update);
      if (lost !== undefined) return lost;
    }
    author.transact(() => {
      for (const update of updates) Y.applyUpdate(author, update, 'log');
      const deletions = own.takeDeletions();
      if (deletions !== undefined) Y.applyUpdate(author, deletions, 'log');
    }, 'log');
    return undefined;
  }
}
