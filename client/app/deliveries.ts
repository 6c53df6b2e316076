import type { Delivery } from './deliver.js';
import type { KeptHere } from './kept-here.js';

/** What could not be delivered is tried again after so many milliseconds. */
const AGAIN_MS = 60_000;

interface DeliveriesOptions {
  deliver(delivery: Omit<Delivery, 'keeps'>): Promise<void>;
  /** With what a document is opened that is kept for that scope; see `scopeOf`. */
  tokenOf(kept: KeptHere): string | undefined;
  /** Milliseconds that only grow. */
  now(): number;
}

/** Delivers what was kept and never sent, one document after the other: nobody has to remember which ones to open again. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #triedAt = new Map<string, number>();
  #busy = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** @returns whether something was tried, so that it is worth looking again */
  async tryAll(here: readonly KeptHere[]): Promise<boolean> {
    const { deliver, tokenOf, now } = this.#options;
    const due = here.filter((kept) => kept.unsavedChanges > 0 && this.#isDue(kept));
    if (this.#busy || due.length === 0) return false;
    this.#busy = true;
    try {
      for (const kept of due) {
        this.#triedAt.set(keyOf(kept), now());
        await deliver({ id: kept.id, scope: kept.scope, token: tokenOf(kept) });
      }
    } catch {
      // The code that delivers could not be loaded: the server is away.
    } finally {
      this.#busy = false;
    }
    return true;
  }

  #isDue(kept: KeptHere): boolean {
    return this.#options.now() - (this.#triedAt.get(keyOf(kept)) ?? Number.NEGATIVE_INFINITY) >= AGAIN_MS;
  }
}

function keyOf({ id, scope }: KeptHere): string {
  return JSON.stringify([id, scope]);
}
