import * as Y from 'yjs';
import type { ErrorCode } from '../../shared/errors.js';
import type { Ending, KeepHost, Keeping, KeptCopy } from '../keeping.js';
import type { Change } from '../outbox.js';
import { BaseLog } from './base-log.js';
import type { Batch, CopyStore, Place, StoredCopy, UnsavedRow } from './copy-store.js';
import { handOver } from './hand-over.js';
import { generationOf, restoreBase, restoreRows } from './restore-copy.js';
import type { Surroundings } from './surroundings.js';
import { copyName } from './tab-message.js';
import { TabTalk } from './tab-talk.js';
import { TabWatch } from './tab-watch.js';
import { UnsavedRows } from './unsaved-rows.js';
import { within } from './within.js';
import { WriteQueue } from './write-queue.js';

/** A store that does not open within so many milliseconds is done without. */
const OPEN_WITHIN_MS = 5_000;

/** After these the copy itself is over: it is of a document that is gone, or wrong. */
const ENDS_COPY: readonly ErrorCode[] = ['generation-changed', 'copy-diverged'];
/** After these nobody is to find the document on this device: whoever may see it gets it from the server. */
const WIPES_BASE: readonly ErrorCode[] = [...ENDS_COPY, 'no-access', 'document-deleted', 'document-moved'];
/** What was handed back with these will never be taken, and is the application's. Others may pass, with another token perhaps. */
const ENDS_EDITS: readonly ErrorCode[] = [
  ...WIPES_BASE,
  'read-only',
  'invalid-update',
  'update-refused',
  'update-too-large',
  'document-too-large',
];

interface Loaded {
  readonly stored: StoredCopy;
  /** Tabs that are there, and have something unsaved. */
  readonly living: ReadonlySet<string>;
}

/**
 * Keeps the copy of one provider: a *base*, which is the document as the server has it up to a number of its log, and what is
 * *unsaved*, each change by itself. What is written first is what would be lost: a crash at any moment leaves at worst
 * something unsaved that the server has already, and takes again without harm.
 *
 * The unsaved of a tab belongs to it as long as it lives. That of tabs that are gone is adopted by whoever comes next, or
 * sees it go; two that adopt the same do no harm.
 */
export class Keeper implements KeptCopy {
  readonly #host: KeepHost;
  readonly #place: Place;
  readonly #surroundings: Surroundings;
  readonly #talk: TabTalk;
  readonly #watch: TabWatch;
  readonly #base = new BaseLog();
  readonly #queue: WriteQueue;
  readonly #unsaved: UnsavedRows;
  readonly #tab: string;
  #store: CopyStore | undefined;
  #stopHiding = (): void => {};
  /** What was written at once. */
  #written: Promise<unknown> = Promise.resolve();
  #keeping: Keeping = 'loading';
  #opened: Promise<void> = Promise.resolve();
  /** The provider is gone, or its copy is over, or was forgotten: nothing more is kept. */
  #over = false;

  constructor(host: KeepHost, place: Place, surroundings: Surroundings) {
    this.#host = host;
    this.#place = place;
    this.#surroundings = surroundings;
    const tab = surroundings.newTab();
    this.#tab = tab;
    this.#queue = new WriteQueue({
      place,
      clock: host.clock,
      base: this.#base,
      now: () => ({
        position: host.position(),
        role: host.role(),
        isClean: host.isLive() && host.unsaved().length === 0,
        encode: () => Y.encodeStateAsUpdate(host.doc),
      }),
      failed: () => this.#failed(),
    });
    this.#unsaved = new UnsavedRows({
      tab,
      queue: this.#queue,
      generation: () => host.position()?.generation,
    });
    const name = copyName(place);
    this.#watch = new TabWatch({
      locks: surroundings.locks,
      name,
      tab,
      leads: () => {
        this.#base.lead(false);
        this.#queue.soon();
      },
      gone: (other) => void this.#adoptFrom(other),
    });
    this.#talk = new TabTalk({
      tab,
      host,
      open: (received) => surroundings.openLine(name, received),
      took: (change) => {
        this.#unsaved.keep(change);
        host.add(change);
      },
      caughtUp: (position) => {
        host.restore(position, undefined);
        this.#base.missed();
      },
      met: (other) => this.#watch.watch(other),
      forgotten: () => void this.#end(false),
    });
  }

  get keeping(): Keeping {
    return this.#keeping;
  }

  load(loaded: () => void): void {
    const opening = this.#open();
    this.#opened = opening.then(
      () => {},
      () => {},
    );
    within(OPEN_WITHIN_MS, this.#host.clock, opening).then(
      (stored) => {
        if (this.#over) return;
        this.#keeping = 'kept';
        this.#talk.greet();
        loaded();
        this.#handOver(stored);
      },
      () => {
        if (this.#over) return;
        this.#failed();
        loaded();
      },
    );
  }

  added(change: Change): void {
    if (this.#over) return;
    this.#unsaved.keep(change);
    this.#talk.changed(change);
  }

  saved(changes: readonly Change[]): void {
    this.#unsaved.saved(changes);
  }

  logged(updates: readonly Uint8Array[], own: boolean): void {
    this.#base.logged(updates, own);
    this.#queue.soon();
  }

  lineChanged(): void {
    if (this.#over) return;
    const generation = this.#host.position()?.generation;
    if (!this.#host.isLive()) this.#talk.greet();
    else if (generation !== undefined) this.#unsaved.name(generation);
    this.#queue.soon();
  }

  ended({ code, handedBack, copy, handedOver }: Ending): void {
    // At once, not after what is in the queue: a new provider of the document is to find it done.
    const drop =
      ENDS_EDITS.includes(code) && (handedBack || copy !== undefined) ? this.#unsaved.handOver() : [];
    const putReplaced = copy === undefined || handedOver ? [] : [{ key: this.#tab, copy }];
    const base = WIPES_BASE.includes(code) ? ({ kind: 'erase' } as const) : undefined;
    if (base !== undefined) this.#base.missed();
    if (drop.length > 0 || base !== undefined) this.#write({ drop, putReplaced, base });
    if (ENDS_COPY.includes(code)) void this.#end(false);
  }

  async forget(): Promise<void> {
    this.#talk.forget();
    const wiped = this.#store?.forget(this.#place);
    await this.#end(false);
    await wiped;
  }

  destroy(): void {
    void this.#end(true);
  }

  /** @throws whatever keeps the store from opening; Error if nobody waits for it any longer */
  async #open(): Promise<Loaded> {
    const [store, leads] = await Promise.all([this.#surroundings.openStore(), this.#watch.begin()]);
    if (this.#keeping !== 'loading') {
      store.close();
      throw new Error('nobody waits for it any longer');
    }
    this.#store = store;
    // What was changed meanwhile is safe from now on.
    this.#queue.begin(store);
    const stored = await store.read(this.#place);
    const unsaved = stored.unsaved.filter(({ key }) => key[0] !== this.#tab);
    const living = await this.#watch.living();
    if (this.#over || this.#keeping !== 'loading') throw new Error('nobody waits for it any longer');
    if (stored.head !== undefined) this.#base.restored(stored.head);
    if (leads) this.#base.lead(true);
    restoreBase(this.#host, stored);
    this.#adopt(unsaved, living);
    for (const tab of living) this.#watch.watch(tab);
    this.#stopHiding = this.#surroundings.onHide(() => this.#queue.hurry());
    return { stored: { ...stored, unsaved }, living };
  }

  /** Takes what is not saved, as far as it is of the copy's generation, or of none yet. */
  #adopt(unsaved: readonly UnsavedRow[], living: ReadonlySet<string>): void {
    const host = this.#host;
    const generation = host.position()?.generation;
    const own = unsaved.filter((row) => row.generation === undefined || row.generation === generation);
    for (const { change, row } of restoreRows(host, own, living)) {
      this.#unsaved.adopt(change, row);
      host.add(change);
    }
  }

  /** A tab is gone, and may have left something. */
  async #adoptFrom(tab: string): Promise<void> {
    try {
      const stored = await this.#store?.read(this.#place);
      const left = stored?.unsaved.filter(({ key }) => key[0] === tab) ?? [];
      if (!this.#over) this.#adopt(left, new Set());
    } catch {
      // Whoever comes next does it.
    }
  }

  #handOver({ stored, living }: Loaded): void {
    const done = handOver(this.#host, stored, generationOf(stored), living);
    if (done !== undefined) this.#write(done);
  }

  /** Writes at once, before what waits in the queue. */
  #write(batch: Batch): void {
    const written = this.#store?.write(this.#place, batch).then(
      () => {},
      () => {
        // What should have gone is found by another provider, which hands it over, or has it sent.
      },
    );
    this.#written = Promise.all([this.#written, written]);
  }

  #failed(): void {
    this.#keeping = 'failed';
    this.#queue.end();
    this.#store?.close();
    this.#store = undefined;
    // Others may adopt what could be kept.
    this.#watch.end();
    this.#host.changed();
  }

  /** @param keeps whether what there is is written before */
  async #end(keeps: boolean): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#stopHiding();
    this.#talk.close();
    if (keeps) {
      await this.#opened;
      await this.#queue.finish();
    } else {
      this.#queue.end();
      this.#keeping = 'off';
      this.#host.changed();
    }
    await this.#written;
    this.#watch.end();
    this.#store?.close();
    this.#store = undefined;
  }
}
