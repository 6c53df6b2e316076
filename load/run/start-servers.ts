import { join } from 'node:path';
import { type Cluster, startCluster } from '../../tools/cluster/start-cluster.js';
import { CoscribeNode } from '../../tools/services/node.js';
import { startPostgres } from '../../tools/services/postgres.js';
import { startRedis } from '../../tools/services/redis.js';
import type { LoadOptions } from '../options/options.js';
import { ownNode } from '../own-node.js';
import type { Target } from '../plan.js';
import type { OwnNode, OwnServers, WatchedNode } from '../servers.js';
import { ProgramNode } from './program-node.js';

/** What is driven. */
export interface Servers {
  readonly targets: readonly Target[];
  readonly watched: readonly WatchedNode[];
  /** `undefined`: nothing of it was started by the tool. */
  readonly own: OwnServers | undefined;
  /** Ends what was started, in order. */
  stop(): Promise<void>;
  /** What it wrote, for messages. */
  output(): string;
}

type Own = Extract<LoadOptions['servers'], { kind: 'own' }>;

/**
 * Everybody comes from one address, and may be as many as there are: the bounds that keep strangers out would measure
 * themselves.
 */
function raisedLimits({ clients, churnPerSecond, durationMs }: LoadOptions): string[] {
  const lives = Math.ceil(clients + churnPerSecond * (durationMs / 1000 + 3_600));
  return [
    ...['--max-connections-per-address', `${Math.max(1_000, 4 * clients)}`],
    ...['--max-connections-per-user', `${Math.max(1_000, 4 * clients)}`],
    ...['--max-sessions-per-document', `${Math.max(10_000, 4 * clients)}`],
    ...['--max-client-ids', `${Math.max(50_000, 4 * lives)}`],
  ];
}

/**
 * Starts what the options ask for, or takes the addresses that they name.
 *
 * @param folder for everything that what is started keeps
 * @throws Error with what a program wrote if it does not start; then nothing runs on
 */
export async function startServers(
  options: LoadOptions,
  folder: string,
  onStarting: (what: string) => void,
): Promise<Servers> {
  const { servers } = options;
  if (servers.kind === 'urls') return foreign(servers.urls);
  if (servers.command !== undefined) return startPrograms(servers, servers.command, folder, onStarting);
  if (servers.cluster) return startOwnCluster(options, servers, folder, onStarting);
  onStarting('a node');
  const node = new CoscribeNode({
    store: `sqlite:${join(folder, 'load.db')}`,
    args: ['--node-name', 'node-1', ...raisedLimits(options)],
  });
  await node.start();
  const nodes = [named(node, 'node 1')];
  return ownServers(nodes, [node.url], undefined, {
    stop: async () => {
      node.resume();
      if (node.running) await node.stop();
    },
    output: () => node.output(),
  });
}

function foreign(urls: readonly string[]): Servers {
  return {
    targets: urls.map((url) => ({ url })),
    watched: urls.map((url) => ({ name: new URL(url).host, url: new URL(url).origin, pid: () => undefined })),
    own: undefined,
    stop: async () => {},
    output: () => '',
  };
}

async function startOwnCluster(
  options: LoadOptions,
  { nodes, proxy }: Own,
  folder: string,
  onStarting: (what: string) => void,
): Promise<Servers> {
  const cluster = await startCluster({ folder, nodes, proxy, nodeArgs: raisedLimits(options), onStarting });
  const own = cluster.nodes.map((node, at) => named(node, `node ${at + 1}`));
  return ownServers(own, proxy ? [cluster.url] : own.map(({ url }) => url), cluster, cluster);
}

/** Another program in the place of our server, with the same store and Redis as a cluster of ours would have. */
async function startPrograms(
  { nodes, cluster }: Own,
  command: string,
  folder: string,
  onStarting: (what: string) => void,
): Promise<Servers> {
  const postgres = cluster ? await startPostgres({ folder: join(folder, 'postgres') }) : undefined;
  const redis = cluster ? await startRedis({ folder: join(folder, 'redis'), appendOnly: true }) : undefined;
  const programs = Array.from({ length: nodes }, (_, at) => {
    const store = postgres?.url ?? `sqlite:${join(folder, `load-${at + 1}.db`)}`;
    return new ProgramNode(`node ${at + 1}`, command, { store, redisUrl: redis?.url ?? '' });
  });
  const stop = async (): Promise<void> => {
    if (postgres?.running) postgres.resume();
    redis?.resume();
    await Promise.all(programs.map((program) => program.stop()));
    await redis?.stop();
    await postgres?.stop();
  };
  try {
    for (const program of programs) {
      onStarting(program.name);
      await program.start();
    }
  } catch (error) {
    await Promise.all(programs.map((program) => program.kill()));
    await stop();
    throw error;
  }
  const output = (): string => programs.map((program) => program.output()).join('\n');
  return ownServers(
    programs,
    programs.map(({ url }) => url),
    { redis, postgres },
    { stop, output },
  );
}

function ownServers(
  nodes: readonly OwnNode[],
  urls: readonly string[],
  services: Pick<Cluster, 'redis' | 'postgres'> | undefined,
  rest: Pick<Servers, 'stop' | 'output'>,
): Servers {
  return {
    targets: urls.map((url) => ({ url })),
    watched: nodes.map((node) => ({ name: node.name, url: node.url, pid: () => node.pid })),
    own: { nodes, redis: services?.redis, postgres: services?.postgres },
    stop: () => rest.stop(),
    output: () => rest.output(),
  };
}

function named(node: CoscribeNode, name: string): OwnNode {
  return ownNode(node, { name, url: node.url });
}
