import { RawClient } from './raw-client.js';
import { until } from './until.js';

/** Two people who go on working in a document while a test does its worst beside them. */
export class HonestPair {
  /** Time from typing to the other's screen, in milliseconds. */
  readonly latencies: number[] = [];
  private working = true;
  private work: Promise<void> = Promise.resolve();

  private constructor(
    readonly writer: RawClient,
    readonly reader: RawClient,
  ) {}

  static async start(url: string, document = 'acme/notes'): Promise<HonestPair> {
    const pair = new HonestPair(
      await RawClient.joined(url, { document }),
      await RawClient.joined(url, { document }),
    );
    pair.work = pair.type();
    return pair;
  }

  /**
   * Stops, and makes sure that both were served all the time and were told of nothing else.
   *
   * @throws Error if not
   */
  async finish(): Promise<void> {
    this.working = false;
    await this.work;
    const events = new Set([...this.writer.received, ...this.reader.received].map(({ event }) => event));
    events.delete('updates');
    this.writer.close();
    this.reader.close();
    if (events.size > 0) throw new Error(`the honest pair was told ${[...events].join(', ')}`);
    if (this.latencies.length === 0) throw new Error('the honest pair got nothing done');
  }

  get slowest(): number {
    return Math.max(...this.latencies);
  }

  private async type(): Promise<void> {
    for (let count = 0; this.working; count++) {
      const start = performance.now();
      const reply = await this.writer.type(`${count % 10}`);
      if (!reply.ok) throw new Error(`an honest edit was refused: ${reply.error.message}`);
      await until(() => this.reader.seq >= reply.seq, 'an honest edit to arrive');
      this.latencies.push(performance.now() - start);
    }
  }
}
