import type { Clock } from '../../shared/time.js';
import { Dice } from '../../tools/dice.js';
import type { Postgres } from '../../tools/services/postgres.js';
import type { RedisProcess } from '../../tools/services/redis.js';
import type { FaultKind } from '../result.js';
import type { OwnNode, OwnServers } from '../servers.js';

/** One thing that goes wrong, and how it is made good again. */
export interface Deed {
  /** What is hit: `node 2`, `Redis`. */
  readonly what: string;
  /** How long it stays so, in milliseconds. */
  readonly lastsMs: number;
  /** Fulfils when it has happened. */
  begin(): Promise<void>;
  /** Fulfils when all is well; may be tried again. @throws Error if it does not come back */
  heal(): Promise<void>;
}

export interface DeedOptions {
  readonly kind: FaultKind;
  readonly servers: OwnServers;
  /** Decides which node, how and for how long. */
  readonly seed: number;
  readonly clock: Clock;
  /** The node that was hit last: those who were on it are elsewhere now, so another one is hit if there is one. */
  readonly spared?: string;
}

const STOPPED_WITHIN_MS = 30_000;
/** How long things stay broken: short ones are as likely as long ones. Nobody is away so long that clients give up. */
const LASTING: Readonly<Record<FaultKind, { readonly from: number; readonly to: number }>> = {
  kill: { from: 200, to: 4_000 },
  stop: { from: 50, to: 1_000 },
  redis: { from: 500, to: 6_000 },
  store: { from: 500, to: 6_000 },
  cut: { from: 500, to: 8_000 },
};

/**
 * What a fault does to these servers.
 *
 * @returns `undefined` if at this moment nothing of that kind is there to be hit
 */
export function deedOf({ kind, servers, seed, clock, spared }: DeedOptions): Deed | undefined {
  const dice = new Dice(seed);
  const { from, to } = LASTING[kind];
  const lastsMs = Math.round(from * (to / from) ** dice.random());
  const gentle = dice.chance(0.5);
  if (kind === 'redis') return servers.redis && redisDeed(servers.redis, lastsMs, gentle);
  if (kind === 'store') return servers.postgres && storeDeed(servers.postgres, lastsMs, gentle);
  const nodes = servers.nodes.filter(({ running }) => running);
  const others = nodes.filter(({ name }) => name !== spared);
  if (nodes.length === 0) return undefined;
  const node = dice.pick(others.length > 0 ? others : nodes);
  return kind === 'cut' ? cutDeed(node, lastsMs, gentle) : endDeed(kind, node, lastsMs, clock);
}

function endDeed(kind: 'kill' | 'stop', node: OwnNode, lastsMs: number, clock: Clock): Deed {
  return {
    what: node.name,
    lastsMs,
    async begin() {
      await (kind === 'kill' ? node.kill() : stopInTime(node, clock));
    },
    async heal() {
      if (!node.running) await node.start();
    },
  };
}

/** Whoever does not end though it was asked to is killed. */
async function stopInTime(node: OwnNode, clock: Clock): Promise<void> {
  const timer = clock.schedule(STOPPED_WITHIN_MS, () => void node.kill());
  await node.stop();
  clock.cancel(timer);
}

function cutDeed(node: OwnNode, lastsMs: number, gentle: boolean): Deed {
  const { name, line } = node;
  // Without a line that could be broken: a node that stands still is as silent to its clients.
  if (line === undefined)
    return atOnce(name, lastsMs, { begin: () => node.pause(), heal: () => node.resume() });
  return atOnce(name, lastsMs, {
    begin: () => (gentle ? line.hold() : line.refuse()),
    heal: () => line.release(),
  });
}

function redisDeed(redis: RedisProcess, lastsMs: number, gentle: boolean): Deed {
  const what = 'Redis';
  if (gentle) return atOnce(what, lastsMs, { begin: () => redis.suspend(), heal: () => redis.resume() });
  return {
    what,
    lastsMs,
    begin: () => redis.kill(),
    async heal() {
      if (redis.pid === undefined) await redis.start();
    },
  };
}

function storeDeed(postgres: Postgres, lastsMs: number, gentle: boolean): Deed {
  const what = 'PostgreSQL';
  if (gentle) return atOnce(what, lastsMs, { begin: () => postgres.pause(), heal: () => postgres.resume() });
  return {
    what,
    lastsMs,
    begin: () => postgres.kill(),
    async heal() {
      if (!postgres.running) await postgres.start();
    },
  };
}

function atOnce(what: string, lastsMs: number, { begin, heal }: { begin(): void; heal(): void }): Deed {
  return { what, lastsMs, begin: async () => begin(), heal: async () => heal() };
}
