import type {
  BaseHead,
  BaseOutcome,
  Batch,
  CopyStore,
  Place,
  ReplacedRow,
  StoredCopy,
  UnsavedRow,
} from '../../client/offline/copy-store.js';
import { fitBase } from '../../client/offline/fit-base.js';
import type { Surroundings, TabLine, TabLocks } from '../../client/offline/surroundings.js';
import { decodeUpdateList } from '../../shared/frames.js';

interface KeptPlace {
  head: BaseHead | undefined;
  base: Map<number, Uint8Array>;
  unsaved: Map<string, UnsavedRow>;
  replaced: Map<string, ReplacedRow>;
}

interface Waiting {
  readonly tab: KeptTab;
  granted(): void;
}

/** A browser on a device, with tabs that share what IndexedDB, Web Locks and BroadcastChannel are to them. */
export class KeptDevice {
  readonly places = new Map<string, KeptPlace>();
  readonly locks = new Map<string, Waiting[]>();
  readonly lines = new Map<string, Set<{ tab: KeptTab; received(message: unknown): void }>>();
  /** Throws what a write is to fail with. */
  beforeWrite: (batch: Batch) => void = () => {};
  /** What a store waits for before it opens. */
  opening: Promise<void> = Promise.resolve();
  writes = 0;
  openStores = 0;
  #tabs = 0;

  /** @param locks whether the browser has Web Locks */
  newTab({ locks = true } = {}): KeptTab {
    return new KeptTab(this, `tab ${this.#tabs++}`, locks);
  }

  place(place: Place): KeptPlace {
    const key = JSON.stringify([place.scope, place.server, place.document]);
    const found = this.places.get(key) ?? {
      head: undefined,
      base: new Map(),
      unsaved: new Map(),
      replaced: new Map(),
    };
    this.places.set(key, found);
    return found;
  }

  /** Everything that is kept, of whatever document. */
  get everything(): { heads: BaseHead[]; rows: number; unsaved: UnsavedRow[]; replaced: ReplacedRow[] } {
    const all = [...this.places.values()];
    return {
      heads: all.flatMap(({ head }) => head ?? []),
      rows: all.reduce((sum, { base }) => sum + base.size, 0),
      unsaved: all.flatMap(({ unsaved }) => [...unsaved.values()]),
      replaced: all.flatMap(({ replaced }) => [...replaced.values()]),
    };
  }

  /** The next one who waits for a lock gets it. */
  pass(name: string, from: Waiting): void {
    const queue = this.locks.get(name) ?? [];
    const wasHeld = queue[0] === from;
    const left = queue.filter((waiting) => waiting !== from);
    if (left.length === 0) this.locks.delete(name);
    else this.locks.set(name, left);
    const [next] = left;
    if (wasHeld && next !== undefined) queueMicrotask(() => next.granted());
  }
}

/** One tab: what a kept copy needs of its browser. */
export class KeptTab implements Surroundings {
  readonly locks: TabLocks | undefined;
  readonly hides = new Set<() => void>();
  #killed = false;
  #copies = 0;

  constructor(
    readonly device: KeptDevice,
    readonly name: string,
    locks: boolean,
  ) {
    this.locks = locks ? this.#locks() : undefined;
  }

  newTab(): string {
    return `${this.name}.${this.#copies++}`;
  }

  /** The process is gone: nothing of what it was about to do happens, and its locks are free. */
  kill(): void {
    this.#killed = true;
    for (const [name, queue] of [...this.device.locks])
      for (const waiting of queue) if (waiting.tab === this) this.device.pass(name, waiting);
    for (const line of this.device.lines.values())
      for (const end of line) if (end.tab === this) line.delete(end);
  }

  hide(): void {
    for (const hides of this.hides) hides();
  }

  onHide(hides: () => void): () => void {
    this.hides.add(hides);
    return () => this.hides.delete(hides);
  }

  openLine(name: string, received: (message: unknown) => void): TabLine {
    const { device } = this;
    const line = device.lines.get(name) ?? new Set();
    device.lines.set(name, line);
    const end = { tab: this, received };
    line.add(end);
    return {
      post: (message) => {
        if (this.#killed) return;
        const others = [...line].filter((other) => other !== end);
        const copy = structuredClone(message);
        queueMicrotask(() => {
          for (const other of others) if (line.has(other)) other.received(structuredClone(copy));
        });
      },
      close: () => {
        line.delete(end);
        if (line.size === 0) device.lines.delete(name);
      },
    };
  }

  async openStore(): Promise<CopyStore> {
    const { device } = this;
    await device.opening;
    device.openStores++;
    return {
      read: async (place) => {
        await Promise.resolve();
        return this.#read(place);
      },
      write: async (place, batch) => {
        await Promise.resolve();
        if (this.#killed) return new Promise(() => {});
        device.beforeWrite(batch);
        device.writes++;
        return this.#write(place, structuredClone(batch));
      },
      forget: async (place) => {
        await Promise.resolve();
        device.places.delete(JSON.stringify([place.scope, place.server, place.document]));
      },
      close: () => {
        device.openStores--;
      },
    };
  }

  #read(place: Place): StoredCopy {
    const { head, base, unsaved, replaced } = this.device.place(place);
    const rows = [...base].sort(([one], [other]) => one - other);
    return structuredClone({
      head,
      base: rows.flatMap(([, list]) => decodeUpdateList(list)),
      unsaved: [...unsaved.values()].sort(byKey),
      replaced: [...replaced.values()],
    });
  }

  #write(place: Place, batch: Batch): BaseOutcome {
    const kept = this.device.place(place);
    for (const row of batch.put ?? []) kept.unsaved.set(JSON.stringify(row.key), row);
    for (const key of batch.drop ?? []) kept.unsaved.delete(JSON.stringify(key));
    for (const row of batch.putReplaced ?? []) kept.replaced.set(row.key, row);
    for (const key of batch.dropReplaced ?? []) kept.replaced.delete(key);
    if (batch.base === undefined) return { fits: true, head: undefined };
    const fitted = fitBase(kept.head, batch.base);
    if (fitted.clear) kept.base.clear();
    if (fitted.row !== undefined) kept.base.set(fitted.row.number, fitted.row.bytes);
    kept.head = fitted.head;
    return fitted;
  }

  #locks(): TabLocks {
    const { device } = this;
    const request = (name: string, granted: () => void): (() => void) => {
      const waiting: Waiting = { tab: this, granted };
      const queue = device.locks.get(name) ?? [];
      device.locks.set(name, [...queue, waiting]);
      if (queue.length === 0) queueMicrotask(granted);
      return () => device.pass(name, waiting);
    };
    return {
      hold: request,
      take: async (name) => (device.locks.has(name) ? undefined : request(name, () => {})),
      held: async (prefix) => [...device.locks.keys()].filter((name) => name.startsWith(prefix)),
    };
  }
}

function byKey({ key: [tab, number] }: UnsavedRow, { key: [otherTab, otherNumber] }: UnsavedRow): number {
  return tab === otherTab ? number - otherNumber : tab < otherTab ? -1 : 1;
}
