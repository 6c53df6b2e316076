import { backoff, type Clock, type Random, type Timer } from '../../shared/time.js';
import { RedisConnection } from './redis-connection.js';
import type { RedisAddress } from './redis-url.js';

const PING_EVERY_MS = 1_000;
/** A server that says nothing for so long is away, however well its connection looks. */
const SILENT_MS = 3_500;
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 2_000;
/** A connection that lived for less did not help: the next attempt waits longer. */
const SHORT_LIFE_MS = 2_000;

export interface LinkOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes a new connection ready, for example by subscribing. If it rejects, the connection is thrown away. */
  prepare(connection: RedisConnection): Promise<void>;
  /** The link is ready. */
  up(): void;
  /** The link is no longer ready, or an attempt to make it ready failed. */
  down(reason: Error): void;
}

/** Keeps a connection to one Redis server up, for ever. */
export class RedisLink {
  private readonly options: LinkOptions;
  private readonly closing = new AbortController();
  private readonly done: Promise<void>;
  /** The connection that is there, ready or not. */
  private connection: RedisConnection | undefined;
  private prepared = false;

  constructor(options: LinkOptions) {
    this.options = options;
    this.done = this.run();
  }

  /** The connection, if there is one that is ready. */
  get ready(): RedisConnection | undefined {
    return this.prepared && this.connection?.open ? this.connection : undefined;
  }

  /** Ends the connection and every attempt to make one. Neither `up` nor `down` is called any more. */
  async close(): Promise<void> {
    this.closing.abort();
    this.connection?.end(new Error('closed'));
    await this.done;
  }

  private async run(): Promise<void> {
    const { clock, random } = this.options;
    const { signal } = this.closing;
    let attempt = 0;
    for (;;) {
      const readyFor = await this.once();
      if (signal.aborted) return;
      attempt = readyFor > SHORT_LIFE_MS ? 0 : attempt + 1;
      await pause(clock, backoff(attempt, RETRY_BASE_MS, RETRY_MAX_MS, random), signal);
      if (signal.aborted) return;
    }
  }

  /** One connection, from its beginning to its end; for how many milliseconds it was ready. */
  private async once(): Promise<number> {
    const { address, clock, down } = this.options;
    const { signal } = this.closing;
    let readyAt: number | undefined;
    let reason: Error;
    try {
      const connection = await RedisConnection.open(address, clock, signal);
      const stopWatching = watch(connection, clock);
      try {
        await this.use(connection);
        readyAt = clock.monotonic();
        reason = await connection.ended;
      } finally {
        stopWatching();
        this.connection = undefined;
        this.prepared = false;
        connection.end(new Error('given up'));
      }
    } catch (error) {
      reason = error instanceof Error ? error : new Error(String(error));
    }
    if (!signal.aborted) down(reason);
    return readyAt === undefined ? 0 : clock.monotonic() - readyAt;
  }

  private async use(connection: RedisConnection): Promise<void> {
    const { prepare, up } = this.options;
    if (this.closing.signal.aborted) throw new Error('closed');
    this.connection = connection;
    await prepare(connection);
    this.prepared = true;
    if (connection.open) up();
  }
}

/** Sees to it that a server which no longer answers is found out; returns how to stop that. */
function watch(connection: RedisConnection, clock: Clock): () => void {
  let expectedAt = 0;
  let timer: Timer;
  const next = () => {
    expectedAt = clock.monotonic() + PING_EVERY_MS;
    timer = clock.schedule(PING_EVERY_MS, tick);
  };
  const tick = () => {
    const now = clock.monotonic();
    // If this process stood still, what Redis said meanwhile has not been read yet.
    if (now - expectedAt > PING_EVERY_MS) connection.heard();
    if (now - connection.heardAt > SILENT_MS) return connection.end(new Error('Redis does not answer'));
    connection.ask('PING').catch(() => {});
    next();
  };
  next();
  return () => clock.cancel(timer);
}

/** Fulfils after so many milliseconds, or when the signal says so. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clock.cancel(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.schedule(ms, end);
    signal.addEventListener('abort', end);
  });
}
