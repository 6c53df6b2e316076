import { sectionsOf } from '../shared/update-order.js';

/**
 * Updates of one clientID, one after the other, without a hole between them: merged they are an update like any other. With
 * a hole `Y.mergeUpdates` would put a Skip struct there, which no server takes.
 */
export class Gapless {
  readonly #client: number;
  /** First clock of the structs so far, and the one after the last. */
  #from: number | undefined;
  #to = 0;

  constructor(client: number) {
    this.#client = client;
  }

  /**
   * Takes the next update. @returns `false`, and does not take it, if something is missing in between, or it is of others too
   *
   * @throws CoscribeError `invalid-update`
   */
  take(update: Uint8Array): boolean {
    for (const { client, from, to } of sectionsOf(update)) {
      if (client !== this.#client) return false;
      const before = this.#from;
      if (before !== undefined && (from > this.#to || to < before)) return false;
      // There is one section of a client.
      this.#from = Math.min(before ?? from, from);
      this.#to = Math.max(this.#to, to);
    }
    return true;
  }
}
