import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '../load/wire/websocket-client.js';
import { childrenOf } from '../tools/services/child-processes.js';
import { type Postgres, startPostgres } from '../tools/services/postgres.js';
import { type RedisProcess, startRedis } from '../tools/services/redis.js';
import type { MemoryReading } from './os/usage.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';
import type { Parts, UnderLoad } from './under-load.js';

const NODES = 2;

/** Nodes of one server under test with the Redis and the PostgreSQL that they share, all of them on the server's core. */
export class ServerCluster implements UnderLoad {
  readonly nodes: readonly ServerProcess[];
  private redis: RedisProcess | undefined;
  private postgres: Postgres | undefined;

  private constructor(
    { redis, postgres }: { redis: RedisProcess | undefined; postgres: Postgres | undefined },
    private readonly options: ServerProcessOptions,
  ) {
    this.redis = redis;
    this.postgres = postgres;
    const urls = { redis: redis?.url ?? '', postgres: postgres?.url ?? '' };
    this.nodes = Array.from({ length: NODES }, (_, number) => {
      const dataDir = join(options.dataDir, `node-${number + 1}`);
      mkdirSync(dataDir, { recursive: true });
      return new ServerProcess({ ...options, dataDir, urls });
    });
  }

  /** @throws Error with what it wrote if a part of it does not start; nothing is left then */
  static async start(options: ServerProcessOptions): Promise<ServerCluster> {
    const { services = [] } = options.server;
    const folder = (name: string) => join(options.dataDir, name);
    // PostgreSQL runs as a user of its own, who must get through to its folder.
    chmodSync(options.dataDir, 0o711);
    const redis = services.includes('redis') ? await startRedis({ folder: folder('redis') }) : undefined;
    try {
      const postgres = services.includes('postgres')
        ? await startPostgres({ folder: folder('postgres') })
        : undefined;
      const cluster = new ServerCluster({ redis, postgres }, options);
      try {
        cluster.pinServices();
        // One after the other: the first makes the tables.
        for (const node of cluster.nodes) await node.start();
        return cluster;
      } catch (error) {
        await cluster.kill();
        throw error;
      }
    } catch (error) {
      await redis?.kill();
      throw error;
    }
  }

  /** The node that a test of one server would work with. */
  get first(): ServerProcess {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('a cluster without nodes');
    return first;
  }

  get addresses(): readonly Address[] {
    return this.nodes.map(({ address }) => address);
  }

  get running(): boolean {
    return this.nodes.every(({ running }) => running);
  }

  cpuMs(): number {
    return this.nodes.reduce((sum, node) => sum + node.cpuMs(), 0);
  }

  memory(): MemoryReading {
    const readings = this.nodes.map((node) => node.memory());
    return {
      resident: readings.reduce((sum, { resident }) => sum + resident, 0),
      peak: readings.reduce((sum, { peak }) => sum + peak, 0),
    };
  }

  parts(): Parts {
    return {
      nodes: this.nodes.map(({ pid }) => pid),
      redis: redisPids(this.redis),
      postgres: postgresPids(this.postgres),
    };
  }

  lastWords(): string {
    const ended = this.nodes.filter(({ running }) => !running);
    return (ended.length > 0 ? ended : this.nodes).map((node) => node.lastWords()).join('; ');
  }

  /** Ends Redis as kill -9 does. */
  async killRedis(): Promise<void> {
    await this.redis?.kill();
  }

  /** Starts Redis again, on the same port and with nothing in it. */
  async startRedis(): Promise<void> {
    await this.redis?.start();
    this.pinServices();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all([this.redis?.kill(), this.postgres?.kill()]);
    this.redis = undefined;
    this.postgres = undefined;
  }

  /** They were started on the core of whoever started them. */
  private pinServices(): void {
    const { core } = this.options;
    if (core === undefined) return;
    for (const pid of [...redisPids(this.redis), ...postgresPids(this.postgres)]) {
      execFileSync('taskset', ['-acp', `${core}`, `${pid}`], { stdio: 'ignore' });
    }
  }
}

function redisPids(redis: RedisProcess | undefined): readonly number[] {
  return redis?.pid === undefined ? [] : [redis.pid];
}

function postgresPids(postgres: Postgres | undefined): readonly number[] {
  return postgres === undefined ? [] : [postgres.pid, ...childrenOf(postgres.pid)];
}
