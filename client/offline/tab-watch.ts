import type { TabLocks } from './surroundings.js';

interface TabWatchOptions {
  /** Without locks nobody knows who is there: each tab takes itself for the first, and all others for gone. */
  readonly locks: TabLocks | undefined;
  /** Of the copy. */
  readonly name: string;
  readonly tab: string;
  /** This tab writes the base from now on: the one that did is gone. */
  leads(): void;
  /** A tab is gone, however it went. */
  gone(tab: string): void;
}

/**
 * Which tabs show the same copy, and which of them writes the base. Each holds a lock as long as it lives, and one of them a
 * second one; whoever waits for a lock learns that its holder is gone.
 */
export class TabWatch {
  readonly #options: TabWatchOptions;
  readonly #watched = new Set<string>();
  #releases: (() => void)[] = [];
  #ended = false;

  constructor(options: TabWatchOptions) {
    this.#options = options;
  }

  /** @returns whether this tab writes the base from the start */
  async begin(): Promise<boolean> {
    const { locks, name, tab, leads } = this.#options;
    if (locks === undefined) return true;
    const [alive, first] = await Promise.all([locks.take(this.#lockOf(tab)), locks.take(`${name} base`)]);
    this.#keep(alive);
    this.#keep(first);
    if (first === undefined && !this.#ended) this.#keep(locks.hold(`${name} base`, leads));
    return first !== undefined;
  }

  /** The other tabs that are there. After `begin`, of two that begin at once one sees the other. */
  async living(): Promise<ReadonlySet<string>> {
    const { locks, tab } = this.#options;
    const prefix = this.#lockOf('');
    const held = (await locks?.held(prefix)) ?? [];
    return new Set(held.map((name) => name.slice(prefix.length)).filter((other) => other !== tab));
  }

  /** Calls back when the tab is gone. */
  watch(tab: string): void {
    const { locks, gone } = this.#options;
    if (locks === undefined || this.#ended || this.#watched.has(tab)) return;
    this.#watched.add(tab);
    const release = locks.hold(this.#lockOf(tab), () => {
      release();
      this.#releases = this.#releases.filter((other) => other !== release);
      this.#watched.delete(tab);
      gone(tab);
    });
    this.#releases.push(release);
  }

  /** Is there no longer itself. */
  end(): void {
    this.#ended = true;
    for (const release of this.#releases) release();
    this.#releases = [];
  }

  #lockOf(tab: string): string {
    return `${this.#options.name} tab ${tab}`;
  }

  #keep(release: (() => void) | undefined): void {
    if (release === undefined) return;
    if (this.#ended) release();
    else this.#releases.push(release);
  }
}
