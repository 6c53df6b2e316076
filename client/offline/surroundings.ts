import type { CopyStore } from './copy-store.js';

/** Locks that all tabs of an origin share, and that are free when their holder is gone, however it went. */
export interface TabLocks {
  /** Waits for a lock, and holds it until it is released. @returns what gives it back, or ends the waiting */
  hold(name: string, held: () => void): () => void;
  /** Takes a lock if it is free. @returns what gives it back */
  take(name: string): Promise<(() => void) | undefined>;
  /** The locks that somebody holds and whose names begin so. */
  held(prefix: string): Promise<readonly string[]>;
}

/** Leads to the other tabs of an origin. */
export interface TabLine {
  post(message: unknown): void;
  close(): void;
}

/** What a kept copy needs of its browser. What a browser lacks is `undefined`. */
export interface Surroundings {
  /** Fails where nothing can be kept. */
  openStore(): Promise<CopyStore>;
  readonly locks: TabLocks | undefined;
  openLine(name: string, received: (message: unknown) => void): TabLine | undefined;
  /** Calls back when the page may be about to go. @returns what ends that */
  onHide(hides: () => void): () => void;
  newTab(): string;
}
