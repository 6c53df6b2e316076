import type { Sample } from '../messages.js';
import type { Second } from '../result.js';

/** Notices that nobody will be in any more: the servers are gone, or they have refused everybody for good. */
export class Watchman {
  /** Since which second nobody is in. */
  private since: number | undefined;
  /** Who was refused for good, by code, of each process. */
  private readonly denied = new Map<number, Sample['denied']>();

  /**
   * @param clients how many there are
   * @param afterS seconds without anybody after which it is said that the servers are gone
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

  /** @returns a sentence if everybody was refused for good: nobody tries again */
  hear(process: number, { denied }: Pick<Sample, 'denied'>): string | undefined {
    this.denied.set(process, denied);
    const all = [...this.denied.values()];
    const count = all.flatMap((codes) => Object.values(codes)).reduce((sum, number) => sum + number, 0);
    if (count < this.clients) return undefined;
    const codes = new Set(all.flatMap((one) => Object.keys(one)));
    return `Everybody was refused for good (${[...codes].join(', ')}).`;
  }
}
