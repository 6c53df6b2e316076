import type { DocumentId } from '../../shared/ids.js';
import type { Timer } from '../../shared/time.js';
import { type LifeEvent, type LifeState, nextLife } from './lifecycle.js';
import { LiveDocument } from './live-document.js';
import { loadDocument } from './load.js';
import type { DocumentServices } from './services.js';

interface Entry {
  readonly id: DocumentId;
  state: LifeState;
  /** Every opener gets this one promise, from the first opening until the document is put away. */
  opening: Promise<LiveDocument> | undefined;
  unloading: Promise<void> | undefined;
  document: LiveDocument | undefined;
  idleTimer: Timer | undefined;
}

/** The documents in memory: each opened once, however many ask, and put away when nobody needs it. */
export class Registry {
  private readonly entries = new Map<DocumentId, Entry>();

  constructor(
    private readonly services: DocumentServices,
    /** How long a document without sessions stays loaded. */
    private readonly unloadAfterMs: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** @throws CoscribeError as `loadDocument` */
  open(id: DocumentId): Promise<LiveDocument> {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = {
        id,
        state: 'closed',
        opening: undefined,
        unloading: undefined,
        document: undefined,
        idleTimer: undefined,
      };
      this.entries.set(id, entry);
    }
    this.meet(entry, 'open');
    if (entry.opening === undefined)
      throw new RangeError(`a document that is ${entry.state} is not being opened`);
    return entry.opening;
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
  private meet(entry: Entry, event: LifeEvent): void {
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
        entry.idleTimer = this.services.clock.schedule(this.unloadAfterMs, () =>
          this.meet(entry, 'idle-timeout'),
        );
        break;
      case 'stop-idle-timer':
        this.stopIdleTimer(entry);
        break;
      case 'unload':
        this.stopIdleTimer(entry);
        entry.opening = undefined;
        entry.unloading = this.unload(entry);
        break;
      case 'forget':
        this.entries.delete(entry.id);
        break;
      case undefined:
        break;
    }
  }

  private async load(entry: Entry): Promise<LiveDocument> {
    try {
      const loaded = await loadDocument(entry.id, this.services);
      entry.document = new LiveDocument(loaded, this.services, {
        joined: () => this.meet(entry, 'joined'),
        lastLeft: () => this.meet(entry, 'last-left'),
        broken: () => this.meet(entry, 'broken'),
      });
    } catch (error) {
      this.meet(entry, 'load-failed');
      throw error;
    }
    this.meet(entry, 'loaded');
    return entry.document;
  }

  private async unload(entry: Entry): Promise<void> {
    await entry.document?.unload({ compact: true });
    entry.document = undefined;
    this.meet(entry, 'unloaded');
  }

  private stopIdleTimer(entry: Entry): void {
    if (entry.idleTimer !== undefined) this.services.clock.cancel(entry.idleTimer);
    entry.idleTimer = undefined;
  }
}
