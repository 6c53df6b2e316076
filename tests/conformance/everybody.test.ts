import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { startCluster } from '../../tools/cluster/start-cluster.js';
import { type CoscribeNode, startNode } from '../../tools/services/node.js';
import { Clients } from '../support/clients.js';
import { Everybody } from '../support/everybody.js';
import { between, seededRandom } from '../support/seeds.js';

const STEPS = 120;
const DOCUMENT = 'acme/everybody';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
const RERUN = `again with: SEED=${seed} npx jest tests/conformance/everybody`;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'coscribe-everybody-'));
  // PostgreSQL does not run as root, and has to reach its folder in there.
  chmodSync(path, 0o711);
  undo.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** All of them write at random, meanwhile something happens, and in the end all have the same. */
async function write(urls: readonly string[], meanwhile: () => Promise<void>): Promise<void> {
  const clients = new Clients();
  undo.push(() => clients.destroy());
  const everybody = new Everybody(urls, DOCUMENT, clients, random);
  undo.push(() => everybody.close());
  try {
    await everybody.ready();
    const half = async (): Promise<void> => {
      for (let step = 0; step < STEPS / 2; step++) {
        everybody.act();
        if (random() < 0.5) await pause(between(random, 0, 8));
      }
    };
    await half();
    const happened = meanwhile();
    await half();
    await happened;
    const text = await everybody.agree();
    expect(await everybody.writer.read()).toBe(text);
    expect(everybody.words).toHaveLength(new Set(everybody.words).size);
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n${RERUN}`, { cause });
  }
}

test('[PEER9] every client that there is writes in one document, and all have the same in the end, over kill -9 of the node', async () => {
  const node: CoscribeNode = await startNode({ store: `sqlite:${join(folder(), 'coscribe.db')}` });
  undo.push(() => node.kill());
  await write([node.url], () => node.restart('kill'));
});

test('[PEER9] the same on two nodes behind the proxy, one of which is killed with -9', async () => {
  const cluster = await startCluster({ folder: folder(), nodes: 2 });
  undo.push(() => cluster.kill());
  await write([cluster.url], async () => {
    const node = cluster.nodes[between(random, 0, 1)];
    await node?.restart('kill');
  });
});
