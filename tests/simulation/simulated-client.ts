import * as Y from 'yjs';
import { clientKeyOf } from '../../client/client-key.js';
import { CoscribeProvider } from '../../client/provider.js';
import type { DocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { ClientLine } from './client-line.js';
import type { SimulatedServer } from './simulated-server.js';
import type { ProcessClock } from './timeline.js';
import type { World } from './world.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzäß€漢🙂';

/** One change of so many is looked at. */
const LOOK_AT = 4;

/** A client's copy of one document, and somebody who works in it. */
export class Desk {
  readonly doc: Y.Doc;
  readonly text: Y.Text;
  readonly provider: CoscribeProvider;
  readonly #undo: Y.UndoManager;
  #moves = 0;
  #changes = 0;
  /** Where a new insertion begins and ends, by whoever: people go on there, or correct it. */
  #fresh = { from: 0, to: 0 };
  #noted = '';

  constructor(
    private readonly world: World,
    readonly id: DocumentId,
    readonly name: string,
    line: ClientLine,
    clock: ProcessClock,
    prefill: (doc: Y.Doc) => void,
  ) {
    const { dice } = world;
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
    prefill(this.doc);
    this.provider = new CoscribeProvider({
      document: id,
      doc: this.doc,
      presence: { name, color: '#123456' },
      connectChannel: line.connect,
      clock,
      random: dice.random,
    });
    // Not thrown: the provider would take the error for one of its own.
    this.provider.on('rejected', ({ code }) =>
      world.fail(new Error(`a change of ${name} was rejected: ${code}`)),
    );
    this.provider.on('change', () => {
      if (line.dead) return;
      this.#noteStatus();
      const { status, error, unsavedChanges } = this.provider;
      if (unsavedChanges === 0) ledger.allSaved(this.doc, deletes);
      world.clientError(name, error?.code);
      if (status === 'denied') world.fail(new Error(`${name} was refused for good: ${error?.code}`));
    });
    this.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
      if (this.provider.synced) world.shownAsGone(id, name, removed);
    });
    this.#undo = new Y.UndoManager(this.text, {
      trackedOrigins: new Set([this]),
      captureTimeout: Number.POSITIVE_INFINITY,
    });
  }

  get settled(): boolean {
    return this.provider.synced && this.provider.unsavedChanges === 0;
  }

  /** Does one thing that people do in a text. */
  work(): void {
    const { dice } = this.world;
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

export interface ClientOptions {
  readonly prefill?: (id: DocumentId, doc: Y.Doc) => void;
  /** Connects to this one, past the load balancer. */
  readonly node?: SimulatedServer;
}

/** A page: one or more documents over one connection. */
export class SimulatedClient {
  readonly line: ClientLine;
  readonly desks: readonly Desk[];
  readonly #clock: ProcessClock;

  constructor(
    world: World,
    readonly name: string,
    documents: readonly DocumentId[],
    { prefill = () => {}, node }: ClientOptions = {},
  ) {
    this.line = new ClientLine(world, node);
    this.#clock = world.timeline.process();
    this.desks = documents.map(
      (id) => new Desk(world, id, name, this.line, this.#clock, (doc) => prefill(id, doc)),
    );
  }

  /** The process is gone, with whatever was not saved. */
  vanish(serverNoticesAfter: number): void {
    this.line.kill(serverNoticesAfter);
    this.#clock.kill();
  }

  close(): void {
    for (const { provider } of this.desks) provider.destroy();
  }
}
