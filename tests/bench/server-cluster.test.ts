import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Seat } from '../../bench/generator/fleet.js';
import { OutageRun } from '../../bench/generator/outage-run.js';
import { TypingRun } from '../../bench/generator/typing-run.js';
import type { RunContext } from '../../bench/scenarios/scenario.js';
import { ServerCluster } from '../../bench/server-cluster.js';
import { seededRandom } from '../../tools/seeded-random.js';
import { temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';
import { serverNamed } from '../support/server-under-test.js';

const CHOICES = { typists: [], documents: [], warmUpMs: 300, measureMs: 1200, seed: 1 };
const RATE = 10;
/** Four clients in each of two documents, two of them at either node. */
const SEATS: Seat[] = Array.from({ length: 8 }, (_, number) => ({
  number,
  document: number < 4 ? 'a' : 'b',
  node: number % 2,
}));

async function withCluster<T>(name: string, run: (context: RunContext) => Promise<T>): Promise<T> {
  const server = serverNamed(name);
  const folder = temporaryFolder();
  try {
    const cluster = await ServerCluster.start({ server, root: ROOT, dataDir: folder.path });
    const { nodes = [], redis = [], postgres = [] } = cluster.parts();
    try {
      const circumstances = { server, choices: CHOICES, random: seededRandom(1) };
      return await run({ ...circumstances, process: cluster.first, cluster });
    } finally {
      await cluster.kill();
      // PostgreSQL's own processes are not ours to wait for.
      const pids = [...nodes, ...redis, ...postgres.slice(0, 1)];
      expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    }
  } finally {
    folder.remove();
  }
}

function type(context: RunContext) {
  const numbers = SEATS.map(({ number }) => number);
  return new TypingRun(context, { seats: SEATS, typists: numbers, rate: RATE, checked: numbers }).run();
}

describe('two nodes of a server', () => {
  test('[BENCH38] of ours: everything arrives at both, acknowledged, all texts are equal, and each part has used CPU', async () => {
    const figures = await withCluster('coscribe-cluster', type);
    expect(figures).toMatchObject({ lost: 0, arrived: 1, converged: true, failures: {}, foreign: 0 });
    expect(figures.acks).toBe(figures.sent);
    // One client of the same document at the own node, two at the other.
    expect(figures.farMs?.count).toBe(2 * (figures.nearMs?.count ?? 0));
    expect(figures.nearMs?.count).toBeGreaterThan(0);
    const { nodes, redis, postgres } = figures.partsUsPerDelivery;
    expect(Math.min(nodes ?? 0, redis ?? 0, postgres ?? 0)).toBeGreaterThan(0);
    expect((nodes ?? 0) + (redis ?? 0) + (postgres ?? 0)).toBeCloseTo(figures.serverUsPerDelivery ?? 0, 3);
  });

  test('[BENCH38] of a relay: everything arrives at both', async () => {
    const figures = await withCluster('socket-io-sharded', type);
    expect(figures).toMatchObject({ lost: 0, arrived: 1, converged: true, failures: {}, foreign: 0 });
    expect(figures.partsUsPerDelivery.postgres).toBe(0);
  });

  test('[BENCH39] what a relay loses while Redis is away is told, and that ours loses nothing', async () => {
    const options = {
      seats: SEATS,
      rate: RATE,
      beforeMs: 300,
      outageMs: 1_000,
      goOnMs: -300,
      patienceMs: 3_000,
    };
    const outage = (context: RunContext) => new OutageRun(context, options).run();
    const [ours, relay] = [
      await withCluster('coscribe-cluster', outage),
      await withCluster('socket-io-classic', outage),
    ];
    expect(ours).toMatchObject({ undelivered: 0, nodesEnded: [], converged: true, failures: {} });
    expect(ours.acks).toBe(ours.sent);
    expect(ours.caughtUpMs).not.toBeNull();
    expect(relay).toMatchObject({ caughtUpMs: null, converged: false });
    expect(relay.undelivered).toBeGreaterThan(0);
  });
});
