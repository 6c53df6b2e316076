import type { Clock, Random } from '../../shared/time.js';
import type { MessageListener, RedisConnection } from './redis-connection.js';
import { RedisLink } from './redis-link.js';
import type { RedisAddress } from './redis-url.js';

/** Bytes that Redis has not yet confirmed; what would go beyond is dropped. */
export const MAX_BYTES_IN_FLIGHT = 4 * 2 ** 20;
/** What a message costs here besides its payload, about: promises, an entry of the client's queue, the channel. */
const MESSAGE_COST = 512;
const FLUSH_WITHIN_MS = 500;

export interface ShardOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly random: Random;
  /** The shard is up or down now, or another attempt to bring it up failed. */
  changed(reason?: Error): void;
  /** Redis says that a channel belongs to another server. */
  moved(): void;
  /** A message was not sent, or was under way when its connection broke. */
  dropped(): void;
}

/**
 * One Redis server and the channels subscribed there. Publishing and subscribing have a connection each: when Redis
 * takes a channel away, node-redis mistakes that for the answer to whatever is under way on the same connection.
 */
export class RedisShard {
  readonly address: RedisAddress;
  private readonly options: ShardOptions;
  private readonly publisher: RedisLink;
  private readonly subscriber: RedisLink;
  private readonly channels = new Map<string, MessageListener>();
  /** The connection on which channels are subscribed; perhaps not yet all of them. */
  private subscribing: RedisConnection | undefined;
  private bytesInFlight = 0;

  constructor(options: ShardOptions) {
    const { address, clock, random } = options;
    this.options = options;
    this.address = address;
    const down = (reason: Error) => {
      if (isRedirect(reason)) options.moved();
      options.changed(reason);
    };
    const link = (prepare: (connection: RedisConnection) => Promise<void>) =>
      new RedisLink({ address, clock, random, prepare, up: () => options.changed(), down });
    this.publisher = link(async () => {});
    this.subscriber = link((connection) => this.subscribeAll(connection));
  }

  /** Everything sent and every channel gets through. */
  get up(): boolean {
    return this.publisher.ready !== undefined && this.subscriber.ready !== undefined;
  }

  /** A connection for questions, if there is one. */
  get connection(): RedisConnection | undefined {
    return this.publisher.ready;
  }

  /** Fulfils when Redis has confirmed it, or cannot be asked now: it is subscribed as soon as it can. Never rejects. */
  async subscribe(channel: string, listener: MessageListener): Promise<void> {
    this.channels.set(channel, listener);
    const connection = this.subscribing;
    if (!connection?.open) return;
    try {
      await connection.subscribe(channel, listener);
    } catch (error) {
      // Whatever the reason was: nobody knows any more what is subscribed.
      connection.end(toError(error));
    }
  }

  unsubscribe(channel: string): void {
    const listener = this.channels.get(channel);
    if (!listener) return;
    this.channels.delete(channel);
    const connection = this.subscribing;
    if (!connection?.open) return;
    connection.unsubscribe(channel, listener).catch((error: unknown) => connection.end(toError(error)));
  }

  /** A message came in: when there are many of them, the answer to a ping may be long in coming. */
  heard(): void {
    this.subscribing?.heard();
  }

  /** Drops what cannot be sent now. Never throws. */
  publish(channel: string, payload: Buffer): void {
    const connection = this.publisher.ready;
    const cost = payload.length + MESSAGE_COST;
    if (!connection || this.bytesInFlight + cost > MAX_BYTES_IN_FLIGHT) {
      this.options.dropped();
      return;
    }
    this.bytesInFlight += cost;
    connection.publish(channel, payload).then(
      () => {
        this.bytesInFlight -= cost;
      },
      (error: unknown) => {
        this.bytesInFlight -= cost;
        this.options.dropped();
        if (isRedirect(error)) this.options.moved();
      },
    );
  }

  /** Lets go of both connections, and of what is under way when Redis does not take it at once. Never rejects. */
  async close(): Promise<void> {
    this.channels.clear();
    await this.flush();
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }

  /** Fulfils when Redis has what was published, or does not take it. */
  private flush(): Promise<void> {
    const { clock } = this.options;
    return new Promise((resolve) => {
      const connection = this.publisher.ready;
      if (!connection) return resolve();
      const timer = clock.schedule(FLUSH_WITHIN_MS, resolve);
      const end = () => {
        clock.cancel(timer);
        resolve();
      };
      connection.ask('PING').then(end, end);
    });
  }

  private async subscribeAll(connection: RedisConnection): Promise<void> {
    this.subscribing = connection;
    await Promise.all(
      Array.from(this.channels, ([channel, listener]) => connection.subscribe(channel, listener)),
    );
  }
}

/** https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding */
function isRedirect(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|CLUSTERDOWN) /.test(error.message);
}

export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
