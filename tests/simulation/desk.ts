import * as Y from 'yjs';
import { clientKeyOf } from '../../client/client-key.js';
import { CoscribeProvider } from '../../client/provider.js';
import type { RejectedEdits } from '../../client/rejected-edits.js';
import type { WireError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import type { ClientLine } from './client-line.js';
import type { Person } from './person.js';
import type { ProcessClock } from './timeline.js';
import type { World } from './world.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzäß€漢🙂';

/** What of a page its desks share. */
export interface Page {
  readonly world: World;
  readonly name: string;
  readonly line: ClientLine;
  readonly clock: ProcessClock;
  /** Absent where nobody is asked who he is. */
  readonly person: Person | undefined;
  /** A desk is of no use any more; called in the middle of something. */
  refused(desk: Desk, error: WireError): void;
}

/** How many people write in an application that does not keep readers from it. */
const WRITES_ANYWAY = 0.05;
/** Handed back text that is typed again, at most. */
const TYPED_AGAIN = 300;

/** One change of so many is looked at. */
const LOOK_AT = 4;

/** A client's copy of one document, and somebody who works in it. */
export class Desk {
  private readonly world: World;
  readonly doc: Y.Doc;
  readonly text: Y.Text;
  readonly provider: CoscribeProvider;
  readonly #undo: Y.UndoManager;
  #moves = 0;
  #changes = 0;
  /** Where a new insertion begins and ends, by whoever: people go on there, or correct it. */
  #fresh = { from: 0, to: 0 };
  #noted = '';
  readonly #page: Page;
  /** What could not be saved, to be typed again. */
  #unsaved: string;
  #rejected: RejectedEdits | undefined;
  #closed = false;

  constructor(
    page: Page,
    readonly id: DocumentId,
    { prefill, unsaved = '' }: DeskOptions,
  ) {
    const { world, name, line, clock, person } = page;
    const { dice } = world;
    this.#page = page;
    this.world = world;
    this.#unsaved = unsaved;
    this.doc = new Y.Doc({ guid: name });
    this.doc.clientID = dice.whole(1, 2 ** 31);
    clientKeyOf(this.doc);
    this.text = this.doc.getText(DEFAULT_TEXT);
    this.text.observe((event) => {
      // Finding the place takes long.
      if (++this.#changes % LOOK_AT === 0) this.#noteFresh(event.delta);
    });
    const ledger = world.ledger(id);
    const deletes = ledger.watch(this.doc);
    prefill?.(this.doc);
    this.provider = new CoscribeProvider({
      document: id,
      doc: this.doc,
      presence: { name, color: '#123456' },
      connectChannel: line.connect,
      clock,
      random: dice.random,
      ...person?.show(id),
    });
    // Not thrown: the provider would take the error for one of its own.
    this.provider.on('rejected', ({ code }, edits) => {
      if (person === undefined) world.fail(new Error(`a change of ${name} was rejected: ${code}`));
      this.#rejected = edits;
      const unsaved = this.#unsaved + edits.inserted.join('');
      // By characters: half a pair of surrogates is nothing that anybody types.
      this.#unsaved = [...unsaved].slice(0, TYPED_AGAIN).join('');
    });
    this.provider.on('change', () => {
      if (line.dead) return;
      this.#noteStatus();
      const { status, error, unsavedChanges } = this.provider;
      if (unsavedChanges === 0) ledger.allSaved(this.doc, deletes);
      world.clientError(name, error?.code);
      if (status !== 'denied' || this.#closed) return;
      if (person?.deserves(error?.code, id) !== true || error === undefined) {
        world.fail(new Error(`${name} was refused for good: ${error?.code}`));
        return;
      }
      this.#closed = true;
      try {
        ledger.checkHandedBack(this.doc, deletes, this.#rejected);
      } catch (failure) {
        world.fail(failure);
      }
      page.refused(this, error);
    });
    this.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
      if (this.provider.synced) world.shownAsGone(id, name, removed);
    });
    this.#undo = new Y.UndoManager(this.text, {
      trackedOrigins: new Set([this]),
      captureTimeout: Number.POSITIVE_INFINITY,
    });
  }

  get name(): string {
    return this.#page.name;
  }

  /** What was typed here and could not be saved. */
  get unsaved(): string {
    return this.#unsaved;
  }

  /** Whether it was refused for good. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether its owner may be in the document, as things stand. */
  get mayRead(): boolean {
    return this.#page.person?.may(this.id, 'viewer') ?? true;
  }

  get mayWrite(): boolean {
    return this.#page.person?.may(this.id, 'editor') ?? true;
  }

  /** Whether it has come to where it has to be in the end. */
  get settled(): boolean {
    const { provider } = this;
    const { person } = this.#page;
    if (!this.mayRead) return this.#closed;
    const knowsRole = person === undefined || provider.role === person.access(this.id);
    return provider.synced && provider.unsavedChanges === 0 && knowsRole;
  }

  /** Does one thing that people do in a text. */
  work(): void {
    const { dice } = this.world;
    if (this.#page.person !== undefined && !this.#canType()) return;
    const what = dice.random();
    this.world.trace.note(`${this.name} works in ${this.id}`);
    if (what < 0.6)
      this.insert(
        dice.chance(0.4) ? this.#between(this.#fresh.to) : this.#place(),
        this.#word(dice.whole(1, 6)),
      );
    else if (what < 0.78) this.#delete();
    else if (what < 0.86) this.#undo.undo();
    else if (what < 0.9) this.#undo.redo();
    else if (what < 0.93) this.insert(this.#place(), this.#word(dice.whole(100, 600)));
    else if (what < 0.95) this.#scatteredDeletes();
    else this.provider.awareness.setLocalStateField('cursor', { at: ++this.#moves });
    if (dice.chance(0.2)) this.#undo.stopCapturing();
  }

  /** What could not be saved is the first thing that is typed when that is possible again. */
  #canType(): boolean {
    const { role } = this.provider;
    if (this.#closed) return false;
    if (role === 'viewer') return this.world.dice.chance(WRITES_ANYWAY);
    if (role !== undefined && this.#unsaved !== '') {
      this.insert(this.#place(), this.#unsaved);
      this.#unsaved = '';
    }
    return true;
  }

  #noteFresh(delta: Y.YTextEvent['delta']): void {
    let at = 0;
    for (const { retain = 0, insert } of delta) {
      at += retain;
      if (typeof insert !== 'string') continue;
      this.#fresh = { from: at, to: at + insert.length };
      at += insert.length;
    }
  }

  #noteStatus(): void {
    const { status, error } = this.provider;
    const now = error === undefined ? status : `${status} (${error.code})`;
    if (now !== this.#noted) this.world.trace.note(`${this.name} in ${this.id}: ${now}`);
    this.#noted = now;
  }

  insert(at: number, text: string): void {
    this.#edit(() => this.text.insert(at, text));
  }

  #delete(): void {
    const from = this.world.dice.chance(0.4) ? this.#between(this.#fresh.from) : this.#place();
    const to = this.#between(Math.min(from + this.world.dice.whole(1, 12), this.text.length));
    if (to > from) this.#edit(() => this.text.delete(from, to - from));
  }

  #place(): number {
    return this.#between(this.world.dice.whole(0, this.text.length));
  }

  /** Never in the middle of a surrogate pair: no editor puts a caret there. */
  #between(place: number): number {
    const at = Math.min(place, this.text.length);
    const unit = this.text.toString().charCodeAt(at);
    return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
  }

  /** Many ranges in one transaction, more than one message may carry. */
  #scatteredDeletes(): void {
    this.#edit(() => {
      const units = this.text.toString();
      for (let at = units.length - 1; at > 0; at -= 3)
        if (units.charCodeAt(at) < 0xd800) this.text.delete(at, 1);
    });
  }

  #edit(change: () => void): void {
    this.doc.transact(change, this);
  }

  #word(letters: number): string {
    const { dice } = this.world;
    return Array.from({ length: letters }, () => dice.pick([...LETTERS])).join('');
  }
}

export interface DeskOptions {
  readonly prefill?: (doc: Y.Doc) => void;
  /** What its owner had typed before and could not save. */
  readonly unsaved?: string;
}
