import type { Clock, Timer } from '../../shared/time.js';
import type { ReplayClient } from './replay-client.js';

/** How long the server may be silent while something is due, in milliseconds. */
const MAX_SILENCE_MS = 60_000;
const MAX_CONNECT_MS = 10_000;

/** The server does not do what the replay waits for; the message is a sentence. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

/** No server could be reached, or it would not have us; the message is a sentence. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

interface Wait {
  readonly condition: () => boolean;
  readonly end: (error?: unknown) => void;
}

/** All waiting of a replay, one wait at a time: it ends with its condition, and with whatever makes that hopeless. */
export class Waiting {
  private current: Wait | undefined;

  constructor(
    private readonly clients: readonly ReplayClient[],
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    for (const { provider, line } of clients) {
      provider.on('change', this.look);
      line.onMessage = this.look;
    }
    signal.addEventListener('abort', this.look);
  }

  /** Fulfils once every client is connected and has the document. @throws UnreachableError */
  async connected(): Promise<void> {
    const synced = (): boolean => this.clients.every(({ provider }) => provider.synced);
    const failed = (): boolean => this.clients.some(({ provider }) => provider.status === 'offline');
    try {
      await this.wait(() => synced() || failed(), MAX_CONNECT_MS);
    } catch (error) {
      if (!(error instanceof StalledError)) throw error;
    }
    if (synced()) return;
    const refused = this.clients.find(({ provider }) => provider.error !== undefined);
    throw new UnreachableError(refused?.provider.error?.message ?? 'No Coscribe server answers there.');
  }

  /** @throws StalledError if the condition does not come about, and the reason of the `signal` if it is aborted */
  until(condition: () => boolean): Promise<void> {
    return this.wait(condition, MAX_SILENCE_MS);
  }

  /** Waits until the clock shows this time. */
  async time(at: number): Promise<void> {
    const delay = at - this.clock.monotonic();
    if (delay <= 0) return;
    let due = false;
    const timer = this.clock.schedule(delay, () => {
      due = true;
      this.look();
    });
    try {
      await this.wait(() => due, delay + MAX_SILENCE_MS);
    } finally {
      this.clock.cancel(timer);
    }
  }

  end(): void {
    this.signal.removeEventListener('abort', this.look);
  }

  private async wait(condition: () => boolean, ms: number): Promise<void> {
    this.signal.throwIfAborted();
    if (condition()) return;
    let timer: Timer | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
        this.current = { condition, end };
        timer = this.clock.schedule(ms, () =>
          end(new StalledError(`The server was silent for ${ms / 1000} s.`)),
        );
        this.look();
      });
    } finally {
      this.current = undefined;
      if (timer !== undefined) this.clock.cancel(timer);
    }
  }

  private readonly look = (): void => {
    const { current } = this;
    if (current === undefined) return;
    if (this.signal.aborted) current.end(this.signal.reason);
    else if (current.condition()) current.end();
    else {
      const hopeless = this.hopeless();
      if (hopeless !== undefined) current.end(new StalledError(hopeless));
    }
  };

  /** Why waiting longer cannot help, if it cannot. */
  private hopeless(): string | undefined {
    for (const { provider, line } of this.clients) {
      if (provider.status === 'denied') return provider.error?.message ?? 'The server refused an edit.';
      if (line.holds && line.joinedAgain) {
        return 'The connection was lost; a recording of several authors cannot go on after that.';
      }
    }
    return undefined;
  }
}
