import type { Second } from '../result.js';

/** Notices that the servers are gone: nobody has been in for too long, though people want to. */
export class Watchman {
  /** Since which second nobody is in. */
  private since: number | undefined;

  /**
   * @param clients how many there are
   * @param afterS seconds after which it is said
   */
  constructor(
    private readonly clients: number,
    private readonly afterS: number,
  ) {}

  /** @returns a sentence if the servers are gone for good, as far as can be seen */
  see({ at, joined, offline }: Second): string | undefined {
    // Whoever is offline on purpose does not want to.
    if (joined > 0 || offline >= this.clients) this.since = undefined;
    else this.since ??= at - 1;
    if (this.since === undefined || at - this.since < this.afterS) return undefined;
    return `Nobody has been connected for ${Math.round(at - this.since)} s: the servers are gone, or no longer reachable.`;
  }
}
