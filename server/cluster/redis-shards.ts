import type { Clock, Random, Timer } from '../../shared/time.js';
import { readSlots, type SlotRange } from './cluster-slots.js';
import { hashSlot, SLOTS } from './hash-slot.js';
import { RedisConnection } from './redis-connection.js';
import { RedisShard } from './redis-shard.js';
import { describeAddress, type RedisAddress } from './redis-url.js';

const LOOK_EVERY_MS = 10_000;
/** After a sign that slots have moved; a failover takes seconds, and every message may be such a sign. */
const LOOK_AGAIN_MS = 1_000;

export interface ShardsOptions {
  /** The only server, or some of a Redis Cluster. */
  readonly addresses: readonly RedisAddress[];
  readonly cluster: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** A shard is up or down now, or another attempt to bring it up failed. */
  changed(reason?: Error): void;
  /** Some channels belong to other shards than before. */
  reassigned(): void;
  /** A message was not sent, or was under way when its connection broke. */
  dropped(): void;
}

/**
 * Which Redis server serves which channel: one serves all, or each master of a Redis Cluster those of its slots. The
 * cluster is asked again every 10 s, and soon after whatever looks as if slots had moved.
 *
 * The cluster client of node-redis is not used: nobody learns from it when all channels are subscribed again.
 */
export class RedisShards {
  private readonly options: ShardsOptions;
  private readonly shards = new Map<string, RedisShard>();
  private slots: readonly (RedisShard | undefined)[] = [];
  private readonly closing = new AbortController();
  private timer: Timer | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private looking: Promise<void> | undefined;

  constructor(options: ShardsOptions) {
    this.options = options;
    const [first] = options.addresses;
    if (options.cluster) this.look();
    else if (first) this.shard(first);
  }

  /** Whether every channel has a shard, and all of them are up. */
  get up(): boolean {
    if (this.options.cluster && (this.slots.length === 0 || this.slots.includes(undefined))) return false;
    for (const shard of this.shards.values()) if (!shard.up) return false;
    return true;
  }

  /** `undefined` while nobody has said which server serves the channel. */
  of(channel: string): RedisShard | undefined {
    if (this.options.cluster) return this.slots[hashSlot(channel)];
    for (const shard of this.shards.values()) return shard;
    return undefined;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.closing.abort();
    if (this.timer) this.options.clock.cancel(this.timer);
    await Promise.all([this.looking, ...Array.from(this.shards.values(), (shard) => shard.close())]);
  }

  private shard(address: RedisAddress): RedisShard {
    const key = describeAddress(address);
    const known = this.shards.get(key);
    if (known) return known;
    const { clock, random, changed, dropped, cluster } = this.options;
    const lookSoon = () => this.lookIn(LOOK_AGAIN_MS);
    const shard = new RedisShard({
      address,
      clock,
      random,
      changed: (reason) => {
        // Perhaps another server has taken its place.
        if (reason && cluster) lookSoon();
        changed(reason);
      },
      moved: lookSoon,
      dropped,
    });
    this.shards.set(key, shard);
    return shard;
  }

  private lookIn(ms: number): void {
    const { clock } = this.options;
    const at = clock.monotonic() + ms;
    if (this.closing.signal.aborted || this.looking || at >= this.timerAt) return;
    if (this.timer) clock.cancel(this.timer);
    this.timerAt = at;
    this.timer = clock.schedule(ms, () => this.look());
  }

  private look(): void {
    this.timerAt = Number.POSITIVE_INFINITY;
    this.looking = this.readFromAny().then((ranges) => {
      this.looking = undefined;
      if (this.closing.signal.aborted) return;
      if (ranges) this.assign(ranges);
      this.lookIn(ranges && this.up ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
    });
  }

  /** The first answer of those that can be asked; `undefined` if nobody can. */
  private async readFromAny(): Promise<readonly SlotRange[] | undefined> {
    for (const { connection, address } of this.shards.values()) {
      const ranges = connection && (await readSlots(connection, address).catch(() => undefined));
      if (ranges?.length) return ranges;
    }
    const known = Array.from(this.shards.values(), ({ address }) => address);
    for (const address of [...this.options.addresses, ...known]) {
      const ranges = await this.readFrom(address).catch((error: Error) => this.options.changed(error));
      if (ranges?.length) return ranges;
      if (this.closing.signal.aborted) return undefined;
    }
    return undefined;
  }

  private async readFrom(address: RedisAddress): Promise<readonly SlotRange[]> {
    const connection = await RedisConnection.open(address, this.options.clock, this.closing.signal);
    try {
      return await readSlots(connection, address);
    } finally {
      connection.end(new Error('no longer needed'));
    }
  }

  private assign(ranges: readonly SlotRange[]): void {
    // A slot that nobody claims at the moment stays where it was.
    const slots = Array.from({ length: SLOTS }, (_, slot) => this.slots[slot]);
    for (const { from, to, master } of ranges) slots.fill(this.shard(master), from, to + 1);
    if (slots.every((shard, slot) => shard === this.slots[slot])) return;

    this.slots = slots;
    this.options.reassigned();
    const inUse = new Set(slots);
    for (const [key, shard] of this.shards) {
      if (inUse.has(shard)) continue;
      this.shards.delete(key);
      void shard.close();
    }
    this.options.changed();
  }
}
