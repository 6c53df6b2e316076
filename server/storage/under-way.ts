import { CoscribeError } from '../../shared/errors.js';

/** What a store has begun and not ended, so that closing it can wait for that, and refuse the rest. */
export class UnderWay {
  private readonly answers = new Set<Promise<unknown>>();
  private ended = false;

  /** @throws CoscribeError `store-unavailable` once the store is closed */
  async track<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.ended) throw new CoscribeError('store-unavailable', 'the store is closed');
    const answer = work();
    this.answers.add(answer);
    try {
      return await answer;
    } finally {
      this.answers.delete(answer);
    }
  }

  /** Refuses everything from now on. Fulfils when what is under way has ended, well or badly. */
  async end(): Promise<void> {
    this.ended = true;
    await Promise.allSettled(this.answers);
  }
}
