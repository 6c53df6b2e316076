import { backoff, type Clock, type Random } from '../../shared/time.js';
import type { Log } from '../telemetry/log.js';
import { noteStoreFault } from './store-fault.js';

const RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

interface CompletionsOptions<Told> {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** @throws what the store throws */
  complete(told: readonly Told[]): Promise<void>;
}

/** Has the store note what was told: while one request is under way, the next one gathers. */
export class Completions<Told> {
  private waiting: { readonly told: Told; readonly done: () => void }[] = [];
  private writing = false;
  private ended = false;

  constructor(private readonly options: CompletionsOptions<Told>) {}

  /** Fulfils when it is noted; while the store is away it is tried again. Never rejects. */
  add(told: Told): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ told, done });
      if (!this.writing) void this.write();
    });
  }

  /** Tries no more: what could not be noted is told again by whoever looks next. */
  end(): void {
    this.ended = true;
  }

  private async write(): Promise<void> {
    this.writing = true;
    for (let failures = 0; this.waiting.length > 0 && !this.ended; ) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.options.complete(batch.map(({ told }) => told));
        failures = 0;
        for (const { done } of batch) done();
      } catch (error) {
        if (failures === 0) noteStoreFault(this.options.log, error);
        this.waiting = [...batch, ...this.waiting];
        await this.pause(backoff(failures++, RETRY_MS, MAX_RETRY_MS, this.options.random));
      }
    }
    this.writing = false;
  }

  private pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.clock.schedule(delay, resolve);
    });
  }
}
