import { join } from 'node:path';
import { pause, type RedisProcess, startRedis } from './redis.js';

export interface RedisClusterOptions {
  readonly folder: string;
  readonly masters: number;
  readonly password?: string;
  /** More of redis-server's arguments, for each of them. */
  readonly args?: readonly string[];
}

export interface RedisClusterProcesses {
  readonly masters: readonly RedisProcess[];
  /** All addresses, separated by commas. */
  readonly url: string;
  /** Fulfils once every master says that all is well. @throws Error if that takes too long */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
const SLOTS = 16_384;
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Starts a Redis Cluster of masters without replicas; each has its share of the slots. */
export async function startRedisCluster(options: RedisClusterOptions): Promise<RedisClusterProcesses> {
  const masters: RedisProcess[] = [];
  const stop = async () => {
    await Promise.all(masters.map((master) => master.stop()));
  };
  const ready = () => allWell(masters);
  try {
    for (let index = 0; index < options.masters; index++) masters.push(await startMaster(options, index));
    await meet(masters);
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return { masters, url: masters.map(({ url }) => url).join(','), ready, stop };
}

function startMaster(
  { folder, args = [], password }: RedisClusterOptions,
  index: number,
): Promise<RedisProcess> {
  return startRedis({
    folder: join(folder, `master-${index}`),
    ...(password === undefined ? {} : { password }),
    args: [
      ...[
        '--cluster-enabled',
        'yes',
        '--cluster-config-file',
        'nodes.conf',
        '--cluster-node-timeout',
        '2000',
      ],
      ...(password === undefined ? [] : ['--masterauth', password]),
      ...args,
    ],
  });
}

async function meet(masters: readonly RedisProcess[]): Promise<void> {
  const [first, ...others] = masters;
  for (const [index, master] of masters.entries()) {
    const from = Math.floor((index * SLOTS) / masters.length);
    const to = Math.floor(((index + 1) * SLOTS) / masters.length) - 1;
    await master.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    // Nodes that begin with the same epoch would first have to find out who may change it.
    await master.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const { port, clusterPort } of others) {
    await first?.ask('CLUSTER', 'MEET', '127.0.0.1', String(port), String(clusterPort));
  }
}

async function allWell(masters: readonly RedisProcess[]): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (const master of masters) {
    for (;;) {
      const info = await master.ask('CLUSTER', 'INFO').catch((error: unknown) => String(error));
      const well =
        String(info).includes('cluster_state:ok') && String(info).includes(`cluster_size:${masters.length}`);
      if (well && String(info).includes(`cluster_known_nodes:${masters.length}`)) break;
      if (performance.now() > deadline) throw new Error(`The cluster does not come up: ${info}`);
      await pause(LOOK_EVERY_MS);
    }
  }
}
