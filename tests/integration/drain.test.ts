import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Connect } from '../../client/channel.js';
import type { CoscribeProvider } from '../../client/provider.js';
import { connectTo } from '../../client/socket-io-channel.js';
import { type CoscribeNode, startNode } from '../../tools/services/node.js';
import { type RedisProcess, startRedis } from '../../tools/services/redis.js';
import { Clients, textOf, type } from '../support/clients.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { testPostgres } from '../support/postgres.js';
import { seededRandom } from '../support/seeds.js';
import { startSwitch, type TcpSwitch } from '../support/tcp-switch.js';
import { Typist, tokensAfter, tokensOf } from '../support/typist.js';
import { until } from '../support/until.js';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
const postgres = testPostgres();
const nodes: CoscribeNode[] = [];
let folder: TemporaryFolder;
let redis: RedisProcess;
let balancer: TcpSwitch;
let clients: Clients;

beforeAll(async () => {
  folder = temporaryFolder();
  redis = await startRedis({ folder: folder.path });
  nodes.push(...(await Promise.all([startOne(), startOne()])));
  balancer = await startSwitch(portOf(node(0)));
});

beforeEach(() => {
  clients = new Clients();
});

afterEach(() => clients.destroy());

afterAll(async () => {
  await balancer?.close();
  for (const each of nodes) await each.kill();
  await redis?.kill();
  folder.remove();
});

/** Its clients have 3 s to go, so that the test does not take longer. */
function startOne(): Promise<CoscribeNode> {
  const args = ['--stop-timeout-ms', '6000'];
  return startNode({ store: postgres.server.url, redisUrl: redis.url, args });
}

function node(number: number): CoscribeNode {
  const found = nodes[number];
  if (found === undefined) throw new Error(`there is no node ${number}`);
  return found;
}

function portOf({ url }: CoscribeNode): number {
  return Number(new URL(url).port);
}

/** What the provider is from now on. */
function statuses(provider: CoscribeProvider): Set<string> {
  const seen = new Set<string>([provider.status]);
  provider.on('change', () => seen.add(provider.status));
  return seen;
}

/** A client of the time before `move`. */
function deafToMove(url: string): Connect {
  return (document, events) => connectTo(url)(document, { ...events, move: () => {} });
}

async function health({ url }: CoscribeNode, path: string): Promise<[status: number, text: string]> {
  const answer = await fetch(url + path);
  return [answer.status, await answer.text()];
}

test('[DRAIN1] [DRAIN7] [DRAIN8] two nodes are restarted, one after the other, while people type', async () => {
  try {
    const typists = [1, 2, 3].map((number) => new Typist(clients.connect(balancer.url), number, random));
    await until(() => typists.every(({ provider }) => provider.synced), 'all to be synced');
    const seen = typists.map(({ provider }) => statuses(provider));
    for (const typist of typists) typist.start();
    for (const [from, to] of [
      [node(0), node(1)],
      [node(1), node(0)],
    ] as const) {
      const begun = performance.now();
      const ended = from.stop();
      await until(() => from.output().includes('Draining'), 'the drain to begin');
      expect(await health(from, '/readyz')).toEqual([503, expect.stringContaining('"draining"')]);
      expect(await health(from, '/healthz')).toEqual([200, expect.stringContaining('"ok"')]);
      balancer.leadTo(portOf(to));
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - begun).toBeLessThan(6_000);
      await from.start();
    }
    for (const typist of typists) typist.pause();
    await until(
      () => typists.every(({ provider }) => provider.unsavedChanges === 0),
      'everything to be saved',
    );
    const fresh = clients.connect(node(1).url);
    await until(() => fresh.synced, 'a fresh client to be synced');
    await until(() => typists.every(({ text }) => text === textOf(fresh)), 'all texts to be equal');
    const due = typists.flatMap(({ edits }) => [...tokensAfter(edits)]).sort();
    expect([...tokensOf(textOf(fresh))].sort()).toEqual(due);
    for (const each of seen) expect([...each]).toEqual(['synced']);
  } catch (error) {
    if (error instanceof Error) {
      const rerun = `SEED=${seed} npx jest tests/integration/drain`;
      const output = nodes.map((each) => each.output()).join('\n');
      error.message = `seed ${seed} fails; again with: ${rerun}\n${error.message}\n\n${output}`;
    }
    throw error;
  }
});

test('[DRAIN7] a client that does not know how to move is told to come back, and does', async () => {
  const [first, second] = [node(0), node(1)];
  balancer.leadTo(portOf(first));
  const old = clients.connect(balancer.url, {
    document: 'acme/old',
    connectChannel: deafToMove(balancer.url),
  });
  await until(() => old.synced, 'the client to be synced');
  const seen = statuses(old);
  balancer.leadTo(portOf(second));
  const ended = first.stop();
  type(old, 'still taken');
  await until(() => old.unsavedChanges === 0, 'the edit to be saved');
  expect([...seen]).toEqual(['synced']);
  expect(await ended).toEqual({ code: 0, signal: null });
  await until(() => seen.has('offline'), 'the client to be told');
  expect(old.error?.code).toBe('shutting-down');
  // It would come back by itself within 5 s.
  old.connect();
  await until(() => old.synced, 'the client to be back');
});
