import type { Cluster } from './start-cluster.js';
import type { Supervisor } from './supervisor.js';

/** One line of what is shown. */
export interface PartStatus {
  /** `node 2`, `PostgreSQL` */
  readonly name: string;
  readonly address: string;
  /** `undefined` for what does not run, or is not ours. */
  readonly pid: number | undefined;
  /** In words: `ready`, `not ready`, `ended (SIGKILL), again in 2 s`. */
  readonly state: string;
  /** Connections through the proxy; of polling clients those whose request is under way. */
  readonly connections: number | undefined;
}

export interface ClusterStatus {
  readonly url: string;
  readonly parts: readonly PartStatus[];
}

/** How everything is at this moment. Takes two seconds if a node does not answer. */
export async function statusOf(cluster: Cluster, supervisor: Supervisor): Promise<ClusterStatus> {
  const seats = cluster.proxy?.running ? await cluster.proxy.seats().catch(() => []) : [];
  const nodes = cluster.nodes.map(async (node, index): Promise<PartStatus> => {
    const name = `node ${index + 1}`;
    const state = supervisor.trouble(name) ?? ((await node.ready()) ? 'ready' : 'not ready');
    const connections = seats.find((seat) => seat.name === `node${index + 1}`)?.connections;
    return { name, address: node.url, pid: node.pid, state, connections };
  });
  const { proxy, redis, postgres } = cluster;
  const own = (name: string, part: { readonly pid: number | undefined }, address: string): PartStatus => ({
    name,
    address,
    pid: supervisor.trouble(name) === undefined ? part.pid : undefined,
    state: supervisor.trouble(name) ?? 'running',
    connections: undefined,
  });
  const given = (name: string, address: string): PartStatus => ({
    name,
    address: withoutPassword(address),
    pid: undefined,
    state: 'yours',
    connections: undefined,
  });
  return {
    url: cluster.url,
    parts: [
      ...(proxy === undefined ? [] : [own('HAProxy', proxy, proxy.url)]),
      ...(await Promise.all(nodes)),
      redis === undefined ? given('Redis', cluster.redisUrl ?? '') : own('Redis', redis, redis.url),
      postgres === undefined ? given('PostgreSQL', cluster.store) : own('PostgreSQL', postgres, postgres.url),
    ],
  };
}

/** What may be shown of `redis://:secret@host:6379`: everybody sees the terminal. */
function withoutPassword(urls: string): string {
  return urls.replace(/(?<=\/\/)([^@/]*):[^@/]*@/g, '$1@');
}
