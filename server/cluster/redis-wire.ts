import type { Clock, Random } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { MessageListener } from './redis-connection.js';
import type { RedisShard } from './redis-shard.js';
import { RedisShards } from './redis-shards.js';
import { describeAddress, type RedisAddress } from './redis-url.js';

export interface WireOptions {
  readonly addresses: readonly RedisAddress[];
  /** The addresses belong to a Redis Cluster. */
  readonly cluster: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  /** Redis is away, or it is there and everything is subscribed. */
  connected(connected: boolean): void;
}

export type PayloadListener = (payload: Buffer) => void;

/** What somebody here wants to hear of one channel. */
class Subscription {
  shard: RedisShard | undefined;
  private listeners: readonly PayloadListener[] = [];
  readonly deliver: MessageListener = (payload) => {
    this.shard?.heard();
    for (const listener of this.listeners) listener(payload);
  };

  add(listener: PayloadListener): void {
    this.listeners = [...this.listeners, listener];
  }

  /** Whether nobody is left. */
  remove(listener: PayloadListener): boolean {
    this.listeners = this.listeners.filter((one) => one !== listener);
    return this.listeners.length === 0;
  }
}

/** Publishes and subscribes on Redis' sharded channels; while Redis is away it drops what it is given, and says so. */
export class RedisWire {
  /** Messages that were not sent because Redis was away, or slower than they came. */
  dropped = 0;
  /** Fulfils when Redis is there for the first time and everything is subscribed. */
  readonly started: Promise<void>;
  /** Why Redis is not there, as far as is known. */
  reason: Error | undefined;
  private readonly options: WireOptions;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly shards: RedisShards;
  /** Channels on their way to another shard. */
  private moving = 0;
  private up = false;
  private saidAway = false;
  private tellStarted = (): void => {};

  constructor(options: WireOptions) {
    const { addresses, cluster, clock, random } = options;
    this.options = options;
    this.started = new Promise((resolve) => {
      this.tellStarted = resolve;
    });
    const changed = (reason?: Error) => this.update(reason);
    const reassigned = () => this.reassign();
    const dropped = () => this.drop();
    this.shards = new RedisShards({ addresses, cluster, clock, random, changed, reassigned, dropped });
  }

  get connected(): boolean {
    return this.up;
  }

  /** Fulfils when Redis has confirmed it, at once if Redis is away. Never rejects. */
  async subscribe(channel: string, listener: PayloadListener): Promise<void> {
    let subscription = this.subscriptions.get(channel);
    if (!subscription) {
      subscription = new Subscription();
      subscription.shard = this.shards.of(channel);
      this.subscriptions.set(channel, subscription);
    }
    subscription.add(listener);
    await subscription.shard?.subscribe(channel, subscription.deliver);
  }

  unsubscribe(channel: string, listener: PayloadListener): void {
    const subscription = this.subscriptions.get(channel);
    if (!subscription?.remove(listener)) return;
    this.subscriptions.delete(channel);
    subscription.shard?.unsubscribe(channel);
  }

  /** Drops what cannot be sent now. Never throws. */
  publish(channel: string, payload: Buffer): void {
    const shard = this.shards.of(channel);
    if (shard === undefined) {
      this.drop();
      return;
    }
    const { counters } = this.options;
    counters.add('bus-sent', 1);
    counters.add('bus-sent-bytes', payload.length);
    shard.publish(channel, payload);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.subscriptions.clear();
    await this.shards.close();
    this.up = false;
  }

  /** Tells the operator that Redis is away; that it is back is told then too. */
  sayAway(): void {
    this.saidAway = true;
    this.options.log.warn(
      { redis: this.redis, reason: this.reason?.message },
      'Redis is away: until it is back, nodes learn of each other’s edits from the store only',
    );
  }

  private drop(): void {
    this.dropped++;
    this.options.counters.count('bus-dropped');
  }

  private get redis(): string {
    return this.options.addresses.map(describeAddress).join(',');
  }

  private update(reason?: Error): void {
    if (reason) this.reason = reason;
    const up = this.moving === 0 && this.shards.up;
    if (up === this.up) return;
    this.up = up;
    if (!up) {
      this.options.counters.add('bus-losses', 1);
      this.sayAway();
    }
    if (up && this.saidAway) this.options.log.info({ redis: this.redis }, 'Redis is back');
    this.tellStarted();
    this.options.connected(up);
  }

  /** Channels whose shard is another one now are subscribed there. */
  private reassign(): void {
    const moves: Promise<void>[] = [];
    for (const [channel, subscription] of this.subscriptions) {
      const shard = this.shards.of(channel);
      if (shard === subscription.shard) continue;
      subscription.shard?.unsubscribe(channel);
      subscription.shard = shard;
      if (shard) moves.push(shard.subscribe(channel, subscription.deliver));
    }
    if (moves.length === 0) return;
    this.moving += 1;
    this.update(new Error('channels were moved to another server'));
    void Promise.all(moves).then(() => {
      this.moving -= 1;
      this.update();
    });
  }
}
