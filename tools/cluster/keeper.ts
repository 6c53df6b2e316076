/**
 * The process that owns all the others of `npm run cluster`. It has a process group of its own, so that Ctrl-C at the
 * terminal does not reach the nodes and the store at the same moment, and so that all of it can be ended at once.
 * If the process at the terminal is gone, however that came, it stops everything in order.
 */
import { rmSync } from 'node:fs';
import { systemClock } from '../../shared/time.js';
import type { KeeperMessage } from './messages.js';
import { type CommandOptions, readOptions } from './options.js';
import { type Cluster, startCluster } from './start-cluster.js';
import { statusOf } from './status.js';
import { type Part, Supervisor } from './supervisor.js';

const LOOK_EVERY_MS = 500;
const clock = systemClock();

let stopping = false;
let wake: () => void = () => {};

function askToStop(): void {
  stopping = true;
  wake();
}

/** Fulfils when it is sent, or nobody is there any more. */
function tell(message: KeeperMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
}

async function main([temporary = '', folder = '', ...argv]: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) return 0;
  let cluster: Cluster;
  try {
    cluster = await startCluster(clusterOptions(options, folder));
  } catch (error) {
    await tell({ kind: 'failed', problem: problemOf(error, options) });
    return 1;
  }
  const supervisor = new Supervisor({ parts: partsOf(cluster), clock, restart: options.restart });
  while (!stopping) {
    supervisor.look();
    void tell({ kind: 'status', status: await statusOf(cluster, supervisor) });
    await pause();
  }
  await supervisor.stop();
  const clean = await stopAll(cluster);
  // The process at the terminal does it too, unless it is gone.
  rmSync(temporary, { recursive: true, force: true });
  await tell({ kind: 'stopped', clean });
  return clean ? 0 : 1;
}

function clusterOptions(options: CommandOptions, folder: string) {
  const { nodes, port, proxy, store, redisUrl } = options;
  return {
    folder,
    nodes,
    proxy: proxy && { port },
    ...(proxy ? {} : { firstNodePort: port }),
    ...(store === undefined ? {} : { store }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    onStarting: (what: string) => void tell({ kind: 'starting', what }),
  };
}

function partsOf({ nodes, proxy, redis, postgres }: Cluster): Part[] {
  const parts: Part[] = nodes.map((node, index) => ({
    name: `node ${index + 1}`,
    running: () => node.running,
    start: () => node.start(),
  }));
  if (proxy) parts.push({ name: 'HAProxy', running: () => proxy.running, start: () => proxy.start() });
  if (redis) {
    parts.push({ name: 'Redis', running: () => redis.pid !== undefined, start: () => redis.start() });
  }
  if (postgres) {
    parts.push({ name: 'PostgreSQL', running: () => postgres.running, start: () => postgres.start() });
  }
  return parts;
}

async function stopAll(cluster: Cluster): Promise<boolean> {
  const nodes = cluster.nodes.filter(({ running }) => running);
  await cluster.stop();
  const ends = await Promise.all(nodes.map(({ ended }) => ended));
  return ends.every(({ code }) => code === 0);
}

function problemOf(error: unknown, { port, proxy }: CommandOptions): string {
  const message = error instanceof Error ? error.message : String(error);
  if (proxy && /^HAProxy did not start[\s\S]*cannot bind/.test(message)) {
    return `Port ${port} is taken; choose another one with --port.`;
  }
  if (proxy && message.includes('HAProxy could not be started')) {
    return `${message} Or do without it: --no-proxy.`;
  }
  return message;
}

/** Until it is time to look again, or to stop. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.schedule(LOOK_EVERY_MS, resolve);
    wake = () => {
      clock.cancel(timer);
      resolve();
    };
    if (stopping) wake();
  });
}

process.on('message', askToStop);
process.on('disconnect', askToStop);
// Who ends this process by hand means all of it.
process.on('SIGTERM', askToStop);
process.on('SIGINT', askToStop);

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  async (error: unknown) => {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await tell({ kind: 'failed', problem });
    process.exit(1);
  },
);
