import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deedOf } from '../../../load/faults/deeds.js';
import { startFaults } from '../../../load/faults/faults.js';
import { type NodeLines, openLines } from '../../../load/faults/node-lines.js';
import { NodeWatch } from '../../../load/nodes/node-watch.js';
import { ownNode } from '../../../load/own-node.js';
import type { FaultKind } from '../../../load/result.js';
import type { OwnServers } from '../../../load/servers.js';
import { systemClock } from '../../../shared/time.js';
import { type Cluster, startCluster } from '../../../tools/cluster/start-cluster.js';
import { pause } from '../../../tools/soak/waiting.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

/** Whoever has not answered within it is silent. */
const SILENT_MS = 300;
const READY_WITHIN_MS = 20_000;

const clock = systemClock();
let folder: TemporaryFolder;
let cluster: Cluster;
let lines: NodeLines;
let servers: OwnServers;

beforeAll(async () => {
  folder = temporaryFolder();
  // PostgreSQL does not run as root, and has to reach its folder in there.
  chmodSync(folder.path, 0o711);
  cluster = await startCluster({ folder: folder.path, nodes: 2, proxy: false });
  lines = await openLines(
    cluster.nodes.map((node, index) => ownNode(node, { name: `node ${index + 1}`, url: node.url })),
  );
  servers = { nodes: lines.nodes, redis: cluster.redis, postgres: cluster.postgres };
});
afterAll(async () => {
  await lines?.close();
  await cluster?.kill();
  folder.remove();
});

/** What `/readyz` says through the line. */
async function state(url: string): Promise<'ready' | 'not ready' | 'silent' | 'away'> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(SILENT_MS) });
    await answer.arrayBuffer();
    return answer.ok ? 'ready' : 'not ready';
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : 'away';
  }
}

/** Fulfils when every node answers that it is ready. */
async function allReady(): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const states = await Promise.all(servers.nodes.map(({ url }) => state(url)));
    if (states.every((one) => one === 'ready')) return;
    if (performance.now() > deadline) throw new Error(`nodes are ${states}\n${cluster.output()}`);
  }
}

/** How something is while it is broken. */
async function symptom(kind: FaultKind, what: string): Promise<string> {
  const { redis, postgres } = servers;
  if (kind === 'redis') {
    if (redis?.pid === undefined) return 'gone';
    return Promise.race([redis.ask('PING').then(String), pause(SILENT_MS).then(() => 'silent')]);
  }
  if (kind === 'store') return postgres?.running ? 'silent' : 'gone';
  const node = servers.nodes.find(({ name }) => name === what);
  if (node?.running !== true) return 'gone';
  return state(node.url);
}

test('[LOADREP22] each kind of fault really happens to nodes, Redis and PostgreSQL, and is over afterwards', async () => {
  const seen = new Map<FaultKind, Set<string>>();
  // With one seed it is killed or cut off, with the other it does not answer for a while.
  for (const [kind, seeds] of [
    ['kill', [0]],
    ['stop', [0]],
    ['redis', [0, 5]],
    ['store', [0, 5]],
    ['cut', [0, 5]],
  ] as const) {
    const symptoms = new Set<string>();
    seen.set(kind, symptoms);
    for (const seed of seeds) {
      const deed = deedOf({ kind, servers, seed, clock });
      if (deed === undefined) throw new Error(`there is nothing to hit for ${kind}`);
      await deed.begin();
      symptoms.add(await symptom(kind, deed.what));
      await deed.heal();
    }
    await allReady();
  }
  expect(Object.fromEntries([...seen].map(([kind, symptoms]) => [kind, [...symptoms].sort()]))).toEqual({
    kill: ['gone'],
    stop: ['gone'],
    redis: ['gone', 'silent'],
    store: ['gone', 'silent'],
    cut: ['away', 'silent'],
  });
});

test('[LOADREP24] cutting the line to a node leaves its process and its own address alone', async () => {
  const [node] = servers.nodes;
  const [itself] = cluster.nodes;
  const before = itself?.pid;
  node?.line?.refuse();
  expect(await state(node?.url ?? '')).toBe('away');
  expect(await state(itself?.url ?? '')).toBe('ready');
  node?.line?.release();
  expect(await state(node?.url ?? '')).toBe('ready');
  expect(node?.pid).toBe(before);
});

test('[LOADREP21] [LOADREP11] real nodes are hit by turns until it is stopped; all of them run then, and the watch has seen it', async () => {
  const began = clock.monotonic();
  const at = () => (clock.monotonic() - began) / 1000;
  const nodes = cluster.nodes.map((node, index) => ({
    name: `node ${index + 1}`,
    url: node.url,
    pid: () => node.pid,
  }));
  const watch = new NodeWatch({ nodes, clock, at });
  watch.start();
  try {
    let records = 0;
    const faults = startFaults({
      rates: [
        { kind: 'kill', perMinute: 60 },
        { kind: 'cut', perMinute: 60 },
      ],
      servers,
      seed: 6,
      clock,
      at,
      onFault: (all) => {
        records = all.length;
      },
    });
    await until(() => records === 2, 'two faults');
    await faults.stop();
    expect(new Set(faults.records.map(({ kind }) => kind))).toEqual(new Set(['kill', 'cut']));
    expect(faults.records.every(({ at: from, until: to = 0 }) => to > from)).toBe(true);
    await allReady();
    const isSeen = () =>
      watch
        .series()
        .every(({ samples }) => samples.at(-1)?.up === true && (samples.at(-1)?.at ?? 0) > at() - 2);
    await until(isSeen, 'the watch sees all nodes');
    for (const { samples, version } of watch.series()) {
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(samples.at(-1)?.rss).toBeGreaterThan(1e7);
      expect(samples.at(-1)?.lagMs).toBeGreaterThanOrEqual(0);
    }
  } finally {
    watch.stop();
  }
});
