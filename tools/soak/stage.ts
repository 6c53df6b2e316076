import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '../cluster/start-cluster.js';
import type { HaproxyProcess } from '../services/haproxy.js';
import type { CoscribeNode } from '../services/node.js';
import { type Postgres, startPostgres } from '../services/postgres.js';
import type { RedisProcess } from '../services/redis.js';
import { type RedisClusterProcesses, startRedisCluster } from '../services/redis-cluster.js';
import { Relay } from '../services/relay.js';
import type { Ended } from '../services/service-process.js';
import { StoreReader } from './store-reader.js';

export interface StageOptions {
  readonly nodes: number;
  /** A Redis Cluster of three masters instead of one Redis. */
  readonly redisCluster: boolean;
  /** Nodes reach PostgreSQL without the relay, which is in this process and slow when that has very much to do. */
  readonly directStore: boolean;
}

const MASTERS = 3;

/** Everything that faults happen to: nodes, Redis, PostgreSQL behind a relay, the proxy; each a process of its own. */
export class Stage {
  /** Between the nodes and PostgreSQL. */
  readonly storeLine: Relay;
  readonly reader: StoreReader;
  /** Ended by itself, or not as it was told to. */
  readonly mishaps: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly cluster: Cluster,
    readonly postgres: Postgres,
    storeLine: Relay,
    private readonly redisCluster: RedisClusterProcesses | undefined,
  ) {
    this.storeLine = storeLine;
    this.reader = new StoreReader(postgres.url);
  }

  /** @throws Error if something does not start; then nothing runs on */
  static async open({ nodes, redisCluster, directStore }: StageOptions): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'coscribe-soak-'));
    // PostgreSQL does not run as root, and has to reach its folder in there.
    chmodSync(folder, 0o711);
    const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
    try {
      const postgres = await startPostgres({ folder: join(folder, 'postgres') });
      undo.unshift(() => postgres.kill());
      const storeLine = await Relay.open({ port: postgres.port });
      undo.unshift(() => storeLine.close());
      const masters = redisCluster
        ? await startRedisCluster({ folder: join(folder, 'redis'), masters: MASTERS })
        : undefined;
      undo.unshift(() => masters?.stop());
      const store = new URL(postgres.url);
      if (!directStore) store.port = String(storeLine.port);
      const cluster = await startCluster({
        folder,
        nodes,
        store: store.href,
        ...(masters === undefined ? {} : { redisUrl: masters.url }),
      });
      return new Stage(folder, cluster, postgres, storeLine, masters);
    } catch (error) {
      for (const step of undo) await step();
      throw error;
    }
  }

  get nodes(): readonly CoscribeNode[] {
    return this.cluster.nodes;
  }

  /** The only one, or the masters of a Redis Cluster. */
  get redis(): readonly RedisProcess[] {
    if (this.redisCluster !== undefined) return this.redisCluster.masters;
    return this.cluster.redis === undefined ? [] : [this.cluster.redis];
  }

  get proxy(): HaproxyProcess {
    const { proxy } = this.cluster;
    if (proxy === undefined) throw new Error('There is no proxy.');
    return proxy;
  }

  /** Fulfils when Redis takes messages again, after one of its processes was away. */
  async redisReady(): Promise<void> {
    await this.redisCluster?.ready();
  }

  async killNode(node: CoscribeNode): Promise<void> {
    if (this.isRunning(node)) this.expect(node, await node.kill(), ({ signal }) => signal === 'SIGKILL');
  }

  /** Lets it drain. */
  async stopNode(node: CoscribeNode): Promise<void> {
    if (this.isRunning(node)) this.expect(node, await node.stop(), ({ code }) => code === 0);
  }

  /** Notes what does not run, though nobody has ended it. */
  lookForMishaps(): void {
    for (const node of this.nodes) this.isRunning(node);
    for (const [index, redis] of this.redis.entries()) {
      if (redis.pid === undefined) this.mishaps.push(`Redis ${index + 1} is not running`);
    }
    if (!this.postgres.running) this.mishaps.push('PostgreSQL is not running');
    if (!this.proxy.running) this.mishaps.push('the proxy is not running');
  }

  output(): string {
    return `${this.cluster.output()}\n=== PostgreSQL\n${this.postgres.output}`;
  }

  /** Ends everything, whatever state it is in. */
  async close(): Promise<void> {
    await this.reader.close();
    await this.cluster.kill();
    await this.storeLine.close();
    await this.redisCluster?.stop();
    await this.postgres.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  nameOf(node: CoscribeNode): string {
    return `node ${this.nodes.indexOf(node) + 1}`;
  }

  private isRunning(node: CoscribeNode): boolean {
    if (!node.running) this.mishaps.push(`${this.nameOf(node)} ended by itself`);
    return node.running;
  }

  private expect(node: CoscribeNode, ended: Ended, right: (ended: Ended) => boolean): void {
    if (!right(ended)) this.mishaps.push(`${this.nameOf(node)} ended with ${JSON.stringify(ended)}`);
  }
}
