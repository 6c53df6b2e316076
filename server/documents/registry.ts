import type { DocumentId } from '../../shared/ids.js';
import { BusLine } from './bus-line.js';
import { IdleQueue } from './idle-queue.js';
import { type LifeEvent, type LifeState, nextLife } from './lifecycle.js';
import { LiveDocument, type LiveDocumentEvents } from './live-document.js';
import { loadDocument } from './load.js';
import { loadPrepared } from './seeding.js';
import type { DocumentServices } from './services.js';

/** A document from the first opening until it is put away. */
class Entry implements LiveDocumentEvents {
  state: LifeState = 'closed';
  /** Every opener gets this one promise. */
  opening: Promise<LiveDocument> | undefined;
  unloading: Promise<void> | undefined;
  document: LiveDocument | undefined;

  constructor(
    readonly id: DocumentId,
    private readonly meet: (entry: Entry, event: LifeEvent) => void,
  ) {}

  joined(): void {
    this.meet(this, 'joined');
  }

  lastLeft(): void {
    this.meet(this, 'last-left');
  }

  broken(): void {
    this.meet(this, 'broken');
  }
}

/** The documents in memory: each opened once, however many ask, and put away when nobody needs it. */
export class Registry {
  private readonly entries = new Map<DocumentId, Entry>();
  private readonly idle: IdleQueue<Entry>;

  /** @param unloadAfterMs how long a document without sessions stays loaded */
  constructor(
    private readonly services: DocumentServices,
    unloadAfterMs: number,
  ) {
    this.idle = new IdleQueue(services.clock, unloadAfterMs, (entry) => this.meet(entry, 'idle-timeout'));
  }

  get size(): number {
    return this.entries.size;
  }

  has(id: DocumentId): boolean {
    return this.entries.has(id);
  }

  /** Puts a document away that nobody is in, without waiting for somebody to come back. */
  putAway(id: DocumentId): void {
    const entry = this.entries.get(id);
    if (entry?.state === 'idle') this.meet(entry, 'idle-timeout');
  }

  /** @throws CoscribeError as `loadDocument` and `loadPrepared` */
  open(id: DocumentId): Promise<LiveDocument> {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = new Entry(id, this.meet);
      this.entries.set(id, entry);
    }
    this.meet(entry, 'open');
    if (entry.opening === undefined)
      throw new RangeError(`a document that is ${entry.state} is not being opened`);
    return entry.opening;
  }

  /** Fulfils when a document that is being opened is open, or could not be. */
  async opened(id: DocumentId): Promise<void> {
    await this.entries.get(id)?.opening?.catch(() => {});
  }

  /** The documents that are loaded now. */
  *loaded(): Iterable<LiveDocument> {
    for (const { document } of this.entries.values()) if (document !== undefined) yield document;
  }

  /** Fulfils when every load and unload that is under way has ended, well or badly. */
  async settled(): Promise<void> {
    const entries = [...this.entries.values()];
    await Promise.allSettled(entries.flatMap(({ opening, unloading }) => [opening, unloading]));
  }

  /** The one place where a document's life goes on: every event comes here. */
  private readonly meet = (entry: Entry, event: LifeEvent): void => {
    const { next, action } = nextLife(entry.state, event);
    entry.state = next;
    switch (action) {
      case 'load':
        entry.opening = this.load(entry);
        break;
      case 'load-after-unload':
        entry.opening = Promise.resolve(entry.unloading).then(() => this.load(entry));
        break;
      case 'start-idle-timer':
        this.idle.add(entry);
        break;
      case 'stop-idle-timer':
        this.idle.delete(entry);
        break;
      case 'unload':
        this.idle.delete(entry);
        entry.opening = undefined;
        entry.unloading = this.unload(entry);
        break;
      case 'forget':
        this.entries.delete(entry.id);
        break;
      case undefined:
        break;
    }
  };

  private async load(entry: Entry): Promise<LiveDocument> {
    const { services } = this;
    const begun = services.clock.monotonic();
    const line = await BusLine.open(services.bus, entry.id);
    try {
      const { hooks } = services;
      const loaded = await (hooks?.prepares
        ? loadPrepared(entry.id, services, hooks)
        : loadDocument(entry.id, services));
      entry.document = new LiveDocument(loaded, services, line, entry);
    } catch (error) {
      line.close();
      this.meet(entry, 'load-failed');
      throw error;
    }
    const { head } = entry.document;
    const ms = Math.round(services.clock.monotonic() - begun);
    services.log.debug({ document: entry.id, head, ms }, 'a document was loaded');
    this.meet(entry, 'loaded');
    return entry.document;
  }

  private async unload(entry: Entry): Promise<void> {
    await entry.document?.unload({ compact: true });
    entry.document = undefined;
    this.services.log.debug({ document: entry.id }, 'a document was put away');
    this.meet(entry, 'unloaded');
  }
}
