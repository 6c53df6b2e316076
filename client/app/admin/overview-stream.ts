import type { AdminOverview } from '../../../shared/admin.js';
import type { ErrorCode, WireError } from '../../../shared/errors.js';
import { readWireError } from '../../../shared/protocol.js';
import { backoff, type Clock, type Random, type Timer } from '../../../shared/time.js';
import { ApiError } from '../api.js';
import { EventParser } from './event-parser.js';

/** An overview comes once a second; after so many milliseconds without anything the connection is given up. */
const SILENCE_MS = 8_000;
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 10_000;
/** Refusals that only another token can change. */
const SIGN_IN_CODES: readonly ErrorCode[] = ['unauthenticated', 'token-expired', 'not-allowed'];

export type StreamState =
  | { readonly kind: 'connecting' | 'live' | 'paused' }
  /** It is tried again by itself. There is no error if it simply broke off. */
  | { readonly kind: 'lost'; readonly error: WireError | undefined }
  /** Whoever asks is no operator, as far as the server can tell. */
  | { readonly kind: 'refused'; readonly error: WireError };

export interface OverviewStreamDeps {
  /** @throws ApiError */
  open(signal: AbortSignal): Promise<Response>;
  readonly clock: Clock;
  readonly random: Random;
  onOverview(overview: AdminOverview): void;
  onState(state: StreamState): void;
}

/**
 * Follows what operators see, with one connection at most, until it is stopped.
 *
 *   start ─▶ connecting ─▶ live ──ends, or is silent──▶ lost ──back-off──▶ (open again) ─▶ live
 *                 └── no operator ──▶ refused (until start)                     stop ─▶ paused
 */
export class OverviewStream {
  private current: AbortController | undefined;

  constructor(private readonly deps: OverviewStreamDeps) {}

  /** Begins, or begins anew. */
  start(): void {
    this.current?.abort();
    const own = new AbortController();
    this.current = own;
    this.deps.onState({ kind: 'connecting' });
    void this.follow(own.signal);
  }

  stop(): void {
    if (this.current === undefined) return;
    this.current.abort();
    this.current = undefined;
    this.deps.onState({ kind: 'paused' });
  }

  private async follow(stopped: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!stopped.aborted) {
      const error = await this.read(stopped, () => {
        attempt = 0;
        this.deps.onState({ kind: 'live' });
      });
      if (stopped.aborted) return;
      if (error !== undefined && SIGN_IN_CODES.includes(error.code)) {
        this.deps.onState({ kind: 'refused', error });
        return;
      }
      this.deps.onState({ kind: 'lost', error });
      await this.wait(backoff(attempt++, RETRY_BASE_MS, RETRY_MAX_MS, this.deps.random), stopped);
    }
  }

  /** Reads until the stream is over. @returns what the server said to that, if it said anything */
  private async read(stopped: AbortSignal, onLive: () => void): Promise<WireError | undefined> {
    const { clock, open } = this.deps;
    const silent = new AbortController();
    let watch: Timer | undefined;
    const listen = (): void => {
      if (watch !== undefined) clock.cancel(watch);
      watch = clock.schedule(SILENCE_MS, () => silent.abort());
    };
    try {
      listen();
      const response = await open(AbortSignal.any([stopped, silent.signal]));
      await this.readBody(response, stopped, listen, onLive);
      return undefined;
    } catch (thrown) {
      return thrown instanceof ApiError ? thrown.wire : undefined;
    } finally {
      if (watch !== undefined) clock.cancel(watch);
      // Whatever is still open of it is of no use.
      silent.abort();
    }
  }

  private async readBody(
    response: Response,
    stopped: AbortSignal,
    listen: () => void,
    onLive: () => void,
  ): Promise<void> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    let isLive = false;
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done || stopped.aborted) return;
      listen();
      const events = parser.push(piece.value);
      const end = events.find(({ event }) => event === 'end');
      if (end !== undefined) throw new ApiError(readWireError(JSON.parse(end.data)));
      for (const { event, data } of events) {
        if (event !== 'overview') continue;
        const overview = readOverview(data);
        if (!isLive) onLive();
        isLive = true;
        this.deps.onOverview(overview);
      }
    }
  }

  private wait(ms: number, stopped: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.deps.clock.schedule(ms, resolve);
      stopped.addEventListener('abort', () => {
        this.deps.clock.cancel(timer);
        resolve();
      });
    });
  }
}

/** @throws SyntaxError for what is no overview: another program answers at this address */
function readOverview(data: string): AdminOverview {
  const value = JSON.parse(data) as Partial<AdminOverview> | null;
  if (typeof value?.at === 'number' && Array.isArray(value.nodes) && Array.isArray(value.errors))
    return value as AdminOverview;
  throw new SyntaxError('no overview');
}
