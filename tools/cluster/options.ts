import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.js';

export const USAGE = `Usage: npm run cluster -- [--nodes N] [--port PORT] [--no-proxy] [--store URL] [--redis-url URL]
                         [--data DIR] [--no-restart]

Starts several nodes on this machine, with the PostgreSQL, the Redis and the load balancer (HAProxy) that they need,
each in a process of its own. Ctrl-C stops it all in order, a second one at once.

  --nodes N        How many nodes, 1 to 32; 2 unless given.
  --port PORT      Where the load balancer listens, 8080 unless given. With --no-proxy: where the first node listens;
                   the others follow.
  --no-proxy       No load balancer: clients choose a node.
  --store URL      A PostgreSQL that is there already, as postgres://user:password@host:port/database.
  --redis-url URL  A Redis 7 that is there already, as redis://:password@host:port; several addresses, separated by
                   commas, are a Redis Cluster.
  --data DIR       Keeps what PostgreSQL and Redis have in this folder, and starts with what is there. Without it
                   everything is in a temporary folder, and gone afterwards.
  --no-restart     What ended by itself stays so. Without it, it is started again.
  -h, --help       Print this text and exit.

The other options of the server are taken from the environment, as COSCRIBE_MAX_UPDATE_BYTES. The programs are found on
PATH, or where POSTGRES_BIN, REDIS_SERVER and HAPROXY say.

Exit codes: 0 stopped in order, 1 something did not start or not stop in order, 2 the options make no sense.`;

export interface CommandOptions {
  readonly nodes: number;
  readonly port: number;
  readonly proxy: boolean;
  readonly store?: string;
  readonly redisUrl?: string;
  /** Absolute. */
  readonly data?: string;
  readonly restart: boolean;
}

const MAX_NODES = 32;
const MAX_PORT = 65_535;

/** @returns `undefined` if the help is asked for. @throws UsageError */
export function readOptions(argv: readonly string[]): CommandOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  const nodes = wholeNumber('--nodes', values.nodes ?? '2', 1, MAX_NODES);
  const port = wholeNumber('--port', values.port ?? '8080', 1, MAX_PORT);
  const proxy = !values['no-proxy'];
  if (!proxy && port + nodes - 1 > MAX_PORT) {
    throw new UsageError(
      `--port leaves no ports for ${nodes} nodes; take one below ${MAX_PORT - nodes + 2}.`,
    );
  }
  const { store, 'redis-url': redisUrl, data } = values;
  if (store !== undefined && !/^postgres(ql)?:\/\/./.test(store)) {
    throw new UsageError('--store must be a postgres:// address: only PostgreSQL serves several nodes.');
  }
  if (redisUrl !== undefined && !redisUrl.split(',').every((url) => /^rediss?:\/\/./.test(url))) {
    throw new UsageError('--redis-url must be a redis:// or rediss:// address, or several with commas.');
  }
  if (data === '') throw new UsageError('--data must be a folder.');
  return {
    nodes,
    port,
    proxy,
    restart: !values['no-restart'],
    ...(store === undefined ? {} : { store }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(data === undefined ? {} : { data: resolve(data) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        nodes: { type: 'string' },
        port: { type: 'string' },
        'no-proxy': { type: 'boolean' },
        store: { type: 'string' },
        'redis-url': { type: 'string' },
        data: { type: 'string' },
        'no-restart': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.replace(/\.?$/, '.')} See --help.`);
  }
}

function wholeNumber(flag: string, raw: string, min: number, max: number): number {
  const value = /^\d+$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not "${raw}".`);
}
