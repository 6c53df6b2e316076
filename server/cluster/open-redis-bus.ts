import type { Clock, Random } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import { BusOpenError } from './bus-open-error.js';
import { NODE_NAME, nodeId } from './node-id.js';
import { probeRedis } from './probe-redis.js';
import { RedisBus } from './redis-bus.js';
import { describeAddress, parseRedisUrls } from './redis-url.js';

export interface OpenRedisBusOptions {
  /** `COSCRIBE_REDIS_URL`: `redis://…`, `rediss://…`, or several of a Redis Cluster separated by commas. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  /** What channels' names begin with; installations with different ones do not hear each other. `coscribe` if left out. */
  readonly prefix?: string;
  /** The beginning of this node's name, for the operator; the rest is chance. */
  readonly nodeName?: string;
  /** For how long Redis is tried to be reached, in milliseconds; 5,000 if left out. */
  readonly startWithinMs?: number;
}

const DEFAULT_PREFIX = 'coscribe';
const DEFAULT_START_WITHIN_MS = 5_000;

/**
 * Connects this node with the others over Redis 7, one server or a Redis Cluster. Once it is open it stays so,
 * whatever Redis does.
 *
 * @throws BusOpenError with what the operator has to do: the address is wrong, Redis cannot be reached, refuses the
 *   user, or has no sharded pub/sub
 */
export async function openRedisBus(options: OpenRedisBusOptions): Promise<RedisBus> {
  const { url, clock, random, log, counters, prefix = DEFAULT_PREFIX, nodeName = '' } = options;
  const { startWithinMs = DEFAULT_START_WITHIN_MS } = options;
  for (const name of [prefix, ...(nodeName === '' ? [] : [nodeName])]) {
    // Braces would put all channels into one slot, "#" divides the parts of a channel's name.
    if (!NODE_NAME.test(name)) {
      throw new BusOpenError(
        `"${name}" is no name for a channel or a node: use 1 to 64 of A-Z a-z 0-9 . _ -`,
      );
    }
  }
  const addresses = parseRedisUrls(url);
  const deadline = clock.monotonic() + startWithinMs;
  const { cluster } = await probeRedis({ addresses, prefix, clock, deadline });

  const node = nodeId(nodeName);
  const bus = new RedisBus({ addresses, cluster, node, prefix, clock, random, log, counters });
  if (await within(deadline - clock.monotonic() + startWithinMs, bus.started, clock)) return bus;
  // A part of a cluster may be away for long, and must not keep nodes from starting.
  if (cluster) {
    bus.sayAway();
    return bus;
  }
  const { reason } = bus;
  await bus.close();
  const where = addresses.map(describeAddress).join(', ');
  throw new BusOpenError(`Redis at ${where} answers, but cannot be used (${reason ?? 'too slow'}).`);
}

/** Whether the promise fulfils within so many milliseconds. */
function within(ms: number, promise: Promise<void>, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.schedule(ms, () => resolve(false));
    void promise.then(() => {
      clock.cancel(timer);
      resolve(true);
    });
  });
}
