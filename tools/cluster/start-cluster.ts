import { join } from 'node:path';
import { type HaproxyProcess, startProxy } from '../services/haproxy.js';
import { CoscribeNode } from '../services/node.js';
import { type Postgres, startPostgres } from '../services/postgres.js';
import { type RedisProcess, startRedis } from '../services/redis.js';

export interface ClusterOptions {
  /** Where PostgreSQL and Redis keep what they have; used again if it is there already. Made if it is missing. */
  readonly folder: string;
  readonly nodes: number;
  /** Where documents are kept. A PostgreSQL is started if left out. */
  readonly store?: string;
  /** A Redis is started if left out; `null` for nodes that know nothing of one another. */
  readonly redisUrl?: string | null;
  /** HAProxy in front of the nodes, and its port: a free one if none is given. `false`: none. */
  readonly proxy?: boolean | { readonly port: number };
  /** Where the first node listens; the others follow. Free ports if left out. */
  readonly firstNodePort?: number;
  /** More of the server's flags, for every node. */
  readonly nodeArgs?: readonly string[];
  /** What the nodes get besides the environment of this process. */
  readonly nodeEnv?: NodeJS.ProcessEnv;
  /** Told what is about to be started: `PostgreSQL`, `node 2`. */
  readonly onStarting?: (what: string) => void;
}

/** Everything that `startCluster` has started. What is not its own is `undefined`. */
export interface Cluster {
  /** Where clients connect: the proxy, or else the first node. */
  readonly url: string;
  readonly store: string;
  readonly redisUrl: string | undefined;
  readonly nodes: readonly CoscribeNode[];
  readonly postgres: Postgres | undefined;
  readonly redis: RedisProcess | undefined;
  readonly proxy: HaproxyProcess | undefined;
  /** Ends it all in order: the nodes drain, then the proxy goes, then Redis and PostgreSQL. Paused processes go on first. */
  stop(): Promise<void>;
  /** Ends it all as kill -9 does. */
  kill(): Promise<void>;
  /** What all of it wrote, for messages. */
  output(): string;
}

/**
 * Starts Redis, PostgreSQL, nodes and the proxy on this machine, each in a process of its own.
 *
 * @throws Error if one of them does not start; then nothing runs on
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const parts = new Parts();
  try {
    await start(options, parts);
    return parts;
  } catch (error) {
    await parts.kill();
    throw error;
  }
}

async function start(options: ClusterOptions, parts: Parts): Promise<void> {
  const {
    folder,
    nodes,
    store,
    redisUrl,
    proxy = true,
    firstNodePort,
    nodeArgs,
    nodeEnv,
    onStarting,
  } = options;
  if (store === undefined) {
    onStarting?.('PostgreSQL');
    parts.postgres = await startPostgres({ folder: join(folder, 'postgres') });
  }
  if (redisUrl === undefined) {
    onStarting?.('Redis');
    parts.redis = await startRedis({ folder: join(folder, 'redis'), appendOnly: true });
  }
  parts.store = store ?? parts.postgres?.url ?? 'memory:';
  parts.redisUrl = redisUrl ?? parts.redis?.url;
  const nodeOptions = {
    store: parts.store,
    ...(parts.redisUrl === undefined ? {} : { redisUrl: parts.redisUrl }),
    ...(nodeEnv === undefined ? {} : { env: nodeEnv }),
  };
  for (let number = 1; number <= nodes; number++) {
    onStarting?.(`node ${number}`);
    const port = firstNodePort === undefined ? 0 : firstNodePort + number - 1;
    const args = ['--node-name', `node-${number}`, ...(nodeArgs ?? [])];
    const node = new CoscribeNode({ ...nodeOptions, args, port });
    parts.nodes.push(node);
    await node.start();
  }
  if (proxy === false) return;
  onStarting?.('HAProxy');
  parts.proxy = await startProxy({
    nodes: parts.nodes.map(({ url }) => url),
    ...(proxy === true ? {} : { port: proxy.port }),
  });
}

class Parts implements Cluster {
  store = '';
  redisUrl: string | undefined;
  readonly nodes: CoscribeNode[] = [];
  postgres: Postgres | undefined;
  redis: RedisProcess | undefined;
  proxy: HaproxyProcess | undefined;

  get url(): string {
    return this.proxy?.url ?? this.nodes[0]?.url ?? '';
  }

  async stop(): Promise<void> {
    // Without these the nodes could not save what they have.
    if (this.postgres?.running) this.postgres.resume();
    this.redis?.resume();
    await Promise.all(this.nodes.filter(({ running }) => running).map((node) => node.stop()));
    if (this.proxy?.running) await this.proxy.stop();
    await this.redis?.stop();
    await this.postgres?.stop();
  }

  async kill(): Promise<void> {
    await Promise.all(this.nodes.filter(({ running }) => running).map((node) => node.kill()));
    await this.proxy?.kill();
    await this.redis?.kill();
    await this.postgres?.kill();
  }

  output(): string {
    const nodes = this.nodes.map((node, index) => `=== node ${index + 1}\n${node.output()}`);
    return [
      ...nodes,
      `=== proxy\n${this.proxy?.output() ?? ''}`,
      `=== Redis\n${this.redis?.log() ?? ''}`,
      `=== PostgreSQL\n${this.postgres?.output ?? ''}`,
    ].join('\n');
  }
}
