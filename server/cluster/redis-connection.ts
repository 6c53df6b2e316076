import { createClient } from 'redis';
import type { Clock } from '../../shared/time.js';
import { describeAddress, type RedisAddress } from './redis-url.js';

/** For the TCP connection, and again for what Redis and client tell one another first. */
const CONNECT_WITHIN_MS = 3_000;

export type MessageListener = (payload: Buffer, channel: Buffer) => void;

/**
 * One connection to one Redis server, used once: when it is lost it is thrown away with all that the client knew. A
 * client of node-redis that reconnects by itself says neither when all its channels are subscribed again nor which of
 * them are not (https://github.com/redis/node-redis/issues/2725), and keeps commands for later without a bound.
 *
 * Never emits, and leaves no rejection unhandled but those of the promises that it returns.
 */
export class RedisConnection {
  /** Fulfils, with the reason, when the connection is over. Never rejects. */
  readonly ended: Promise<Error>;
  /** `Clock.monotonic` when the server was last heard of. */
  heardAt: number;
  private reason: Error | undefined;
  private tellEnd: (reason: Error) => void = () => {};
  private readonly clock: Clock;
  private readonly client: ReturnType<typeof newClient>;

  /**
   * @param signal gives it up
   * @throws Error whose message tells why there is no connection, with Redis' own words if it refused one
   */
  static async open(address: RedisAddress, clock: Clock, signal?: AbortSignal): Promise<RedisConnection> {
    const connection = new RedisConnection(address, clock);
    const giveUp = () => connection.end(new Error('given up'));
    signal?.addEventListener('abort', giveUp);
    try {
      if (signal?.aborted) giveUp();
      await connection.connect();
      return connection;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private constructor(address: RedisAddress, clock: Clock) {
    this.clock = clock;
    this.heardAt = clock.monotonic();
    this.ended = new Promise((resolve) => {
      this.tellEnd = resolve;
    });
    this.client = newClient(address);
    this.client.on('error', (error: Error) => this.end(error));
    this.client.on('end', () => this.end(new Error(`${describeAddress(address)} hung up`)));
    // Redis lets go of a channel whose slot another server has now. Whoever reconnects looks where it is.
    this.client.on('sharded-channel-moved', () =>
      this.end(new Error('channels were moved to another server')),
    );
  }

  private async connect(): Promise<void> {
    if (this.reason) throw this.reason;
    const { client, clock } = this;
    let timer: ReturnType<Clock['schedule']> | undefined;
    client.once('connect', () => {
      // Only now: node-redis goes on with a connection that was given up while it was made.
      if (this.reason) return client.destroy();
      timer = clock.schedule(CONNECT_WITHIN_MS, () => this.end(new Error('Redis does not answer')));
    });
    try {
      await client.connect();
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    } finally {
      if (timer) clock.cancel(timer);
    }
    if (this.reason) throw this.reason;
    this.heard();
  }

  /** Ends the connection; what is under way is rejected. */
  end(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    this.client.destroy();
    this.tellEnd(reason);
  }

  get open(): boolean {
    return this.reason === undefined;
  }

  /** Fulfils when Redis has confirmed it: what is published from then on is received. */
  async subscribe(channel: string, listener: MessageListener): Promise<void> {
    await this.client.sSubscribe(channel, listener, true);
    this.heard();
  }

  /** The listener is the one of `subscribe`: without it the client mixes up what is subscribed again meanwhile. */
  async unsubscribe(channel: string, listener: MessageListener): Promise<void> {
    await this.client.sUnsubscribe(channel, listener, true);
    this.heard();
  }

  async publish(channel: string, payload: Buffer): Promise<void> {
    await this.client.sendCommand([SPUBLISH, channel, payload]);
    this.heard();
  }

  /** Any other command, as words. */
  async ask(...words: string[]): Promise<unknown> {
    const answer: unknown = await this.client.sendCommand(words);
    this.heard();
    return answer;
  }

  heard(): void {
    this.heardAt = this.clock.monotonic();
  }
}

const SPUBLISH = 'SPUBLISH';

function newClient({ host, port, tls, username, password, database }: RedisAddress) {
  const socket = { host, port, connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false } as const;
  return createClient({
    socket: tls ? { ...socket, tls } : socket,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    name: 'coscribe',
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // A timer for every command would cost more than the command.
    commandOptions: { timeout: 0 },
  });
}
