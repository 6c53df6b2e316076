import type { Clock } from '../../shared/time.js';
import { BusOpenError } from './bus-open-error.js';
import { RedisConnection } from './redis-connection.js';
import { toError } from './redis-shard.js';
import { describeAddress, type RedisAddress } from './redis-url.js';

const RETRY_MS = 250;
/** Sharded pub/sub came with it (https://redis.io/docs/latest/commands/ssubscribe/). */
const FIRST_VERSION = 7;

export interface ProbeOptions {
  readonly addresses: readonly RedisAddress[];
  readonly prefix: string;
  readonly clock: Clock;
  /** Until when Redis is tried to be reached, as `clock.monotonic`. */
  readonly deadline: number;
}

export interface Probed {
  /** The server is part of a Redis Cluster. */
  readonly cluster: boolean;
}

/**
 * Finds out from the first server that answers whether the bus can run on it.
 *
 * @throws BusOpenError with what the operator has to do
 */
export async function probeRedis({ addresses, prefix, clock, deadline }: ProbeOptions): Promise<Probed> {
  for (;;) {
    let reason = new Error('not tried');
    for (const address of addresses) {
      try {
        return await probe(address, prefix, clock, addresses.length);
      } catch (error) {
        if (error instanceof BusOpenError) throw error;
        reason = toError(error);
        refuseIfHopeless(address, reason);
      }
    }
    if (clock.monotonic() + RETRY_MS >= deadline) {
      const where = addresses.map(describeAddress).join(', ');
      throw new BusOpenError(
        `Redis cannot be reached at ${where} (${describe(reason)}). Start it, or correct COSCRIBE_REDIS_URL.`,
      );
    }
    await new Promise<void>((resolve) => clock.schedule(RETRY_MS, resolve));
  }
}

async function probe(address: RedisAddress, prefix: string, clock: Clock, given: number): Promise<Probed> {
  const where = describeAddress(address);
  const connection = await RedisConnection.open(address, clock);
  try {
    const info = String(await connection.ask('INFO'));
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
    if (Number.parseInt(version, 10) < FIRST_VERSION) throw tooOld(where, `Redis ${version}`);
    const cluster = /^cluster_enabled:1/m.test(info);
    if (given > 1 && !cluster) {
      throw new BusOpenError(
        `COSCRIBE_REDIS_URL names several servers, but the one at ${where} is in no Redis Cluster. Give one address, or enable the cluster.`,
      );
    }
    await trySharded(connection, `${prefix}#/probe#`);
    return { cluster };
  } finally {
    connection.end(new Error('no longer needed'));
  }
}

/** Publishes and subscribes as the bus will. */
async function trySharded(connection: RedisConnection, channel: string): Promise<void> {
  for (const attempt of [
    () => connection.publish(channel, Buffer.alloc(0)),
    () => connection.subscribe(channel, () => {}),
  ]) {
    // In a cluster the channel may be another server's: this one knows the command then.
    await attempt().catch((error: Error) => {
      if (!/^(MOVED|CLUSTERDOWN) /.test(error.message)) throw error;
    });
  }
}

/** @throws BusOpenError if trying again cannot help */
function refuseIfHopeless(address: RedisAddress, { message }: Error): void {
  const where = describeAddress(address);
  if (/^(WRONGPASS|NOAUTH) |^ERR (AUTH|invalid password|Client sent AUTH)/.test(message)) {
    throw new BusOpenError(
      `Redis at ${where} refuses user or password (${code(message)}). Correct them in COSCRIBE_REDIS_URL.`,
    );
  }
  if (message.startsWith('NOPERM ')) {
    throw new BusOpenError(
      `Redis at ${where} does not let this user do what is needed (${message}). Allow it INFO, PING, SSUBSCRIBE, SUNSUBSCRIBE, SPUBLISH and CLUSTER SLOTS, and the channels.`,
    );
  }
  if (/^ERR unknown command/i.test(message)) throw tooOld(where, 'it');
  if (/^ERR (DB index|SELECT)/.test(message)) {
    throw new BusOpenError(
      `Redis at ${where} has no database ${address.database}. Correct COSCRIBE_REDIS_URL, or leave the database out.`,
    );
  }
}

function tooOld(where: string, what: string): BusOpenError {
  return new BusOpenError(
    `The server at ${where} has no sharded pub/sub (${what} is older than Redis ${FIRST_VERSION}, or the commands SSUBSCRIBE and SPUBLISH are disabled). Use Redis ${FIRST_VERSION} or newer.`,
  );
}

/** Redis' answers to a login may tell what was tried. */
function code(message: string): string {
  return message.split(' ')[0] ?? '';
}

/** Node reports several failed addresses of one host as an error without a message. */
function describe(reason: Error): string {
  const { code: errorCode } = reason as NodeJS.ErrnoException;
  return reason.message || errorCode || reason.name;
}
