import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { OpenApi } from '../../../server/http/openapi/openapi.js';
import type { AdminDocument, AdminOverview, AdminVerification, NodeReport } from '../../../shared/admin.js';
import { type CoscribeNode, startNode } from '../../../tools/services/node.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { untilAsync } from '../../contracts/bus-contract.js';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { ApiContract } from '../../support/api-contract.js';
import { Clients, textOf, type } from '../../support/clients.js';
import { EventReader } from '../../support/event-reader.js';
import { temporaryFolder } from '../../support/folder.js';
import { testPostgres } from '../../support/postgres.js';
import { ask, type RawAnswer } from '../../support/raw-http.js';
import { startSwitch, type TcpSwitch } from '../../support/tcp-switch.js';
import { until } from '../../support/until.js';

const TOKEN = 'an-operator-token';
const Authorization = `Bearer ${TOKEN}`;
const DOCUMENT = 'acme/notes';

const postgres = testPostgres();
const folder = temporaryFolder();
let redis: RedisProcess;
/** One is in this process, the other in one of its own. */
let here: AccessServer;
let there: CoscribeNode;
let balancer: TcpSwitch;
let clients: Clients;
let names: { here: string; there: string };

beforeAll(async () => {
  clients = new Clients();
  redis = await startRedis({ folder: folder.path });
  const args = ['--operator-token', TOKEN, '--stop-timeout-ms', '4000'];
  const store = postgres.server.url;
  [here, there] = await Promise.all([
    startAccessServer({
      auth: ['--auth', 'open'],
      args: [...args, '--store', store, '--redis-url', redis.url],
    }),
    startNode({ store, redisUrl: redis.url, args }),
  ]);
  balancer = await startSwitch(portOf(there.url));
  names = { here: (await overviewOf(here.url)).node, there: (await overviewOf(there.url)).node };
});
afterEach(() => {
  clients.destroy();
  clients = new Clients();
});
afterAll(async () => {
  await balancer?.close();
  await Promise.all([there?.kill(), here?.stop()]);
  await redis?.kill();
  folder.remove();
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function request(url: string, path: string, method = 'GET'): Promise<RawAnswer> {
  return ask(`${url}${path}`, { method, headers: { Authorization } });
}

async function read<T>(url: string, path: string, method = 'GET'): Promise<T> {
  const { status, text } = await request(url, path, method);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as T;
}

function overviewOf(url: string): Promise<AdminOverview> {
  return read<AdminOverview>(url, '/api/admin');
}

function nodeIn({ nodes }: AdminOverview, name: string): NodeReport {
  const found = nodes.find(({ node }) => node === name);
  if (found === undefined) throw new Error(`there is no ${name} in ${nodes.map(({ node }) => node)}`);
  return found;
}

test('[ADMIN6] either node shows both, as they are', async () => {
  const one = clients.connect(here.url, { document: DOCUMENT });
  const two = clients.connect(there.url, { document: DOCUMENT });
  await until(() => one.status === 'synced' && two.status === 'synced', 'both are in');
  type(two, 'Hello');
  await until(() => textOf(one) === 'Hello', 'it is seen');
  for (const [url, first, second] of [
    [here.url, names.here, names.there],
    [there.url, names.there, names.here],
  ] as const) {
    await untilAsync(async () => {
      const overview = await overviewOf(url);
      const is = overview.nodes.map(({ node, sessions }) => `${node} ${sessions}`);
      return `${is}` === `${[`${first} 1`, `${second} 1`]}` && overview.silent.length === 0;
    }, 'both nodes report one session');
  }
  const { nodes } = await overviewOf(here.url);
  expect(nodes).toMatchObject(
    [{ bus: 'ok' }, { bus: 'ok' }].map((one) => ({ ...one, state: 'ok', documents: 1 })),
  );

  const document = await read<AdminDocument>(here.url, `/api/admin/documents/${DOCUMENT}`);
  expect(document).toMatchObject({ head: 1, tailRows: 1, silent: [], openAt: [names.here, names.there] });
  expect(document.sessions.map(({ node, protocol }) => `${node} ${protocol}`)).toEqual([
    `${names.here} coscribe`,
    `${names.there} coscribe`,
  ]);
  for (const url of [here.url, there.url])
    expect(
      await read<AdminVerification>(url, `/api/admin/documents/${DOCUMENT}/verify`, 'POST'),
    ).toMatchObject({
      ok: true,
      problems: [],
      rows: 1,
    });
  expect(
    await read<AdminDocument>(here.url, `/api/admin/documents/${DOCUMENT}/compact`, 'POST'),
  ).toMatchObject({
    snapshotSeq: 1,
    tailRows: 0,
  });
  type(one, ' there');
  await until(() => textOf(two) === 'Hello there', 'both go on');
});

test('[ADMIN12] a session on the other node is ended; its client stays out until it is told to come back', async () => {
  const ann = clients.connect(there.url, { document: 'acme/ended' });
  const bob = clients.connect(there.url, { document: 'acme/ended' });
  await until(() => ann.status === 'synced' && bob.status === 'synced', 'both are in');
  const { sessions } = await read<AdminDocument>(here.url, '/api/admin/documents/acme/ended');
  expect(sessions).toHaveLength(2);
  expect((await request(here.url, `/api/admin/sessions/${sessions[0]?.id}`, 'DELETE')).status).toBe(204);
  await until(() => [ann, bob].some(({ status }) => status === 'denied'), 'one is out');
  const [out, other] = ann.status === 'denied' ? [ann, bob] : [bob, ann];
  expect(out.error?.code).toBe('no-access');
  type(other, 'still here');
  await until(() => other.unsavedChanges === 0, 'the other one works on');
  expect(other.status).toBe('synced');
  expect((await request(here.url, `/api/admin/sessions/${sessions[0]?.id}`, 'DELETE')).status).toBe(404);
  out.connect();
  await until(() => out.status === 'synced' && textOf(out) === 'still here', 'it is in again');
});

test('[ADMIN13] the other node is drained: its clients go over without being offline, and it takes clients again', async () => {
  const description = (await (await fetch(`${here.url}/api/openapi.json`)).json()) as OpenApi;
  const contract = new ApiContract(description);
  const path = `/api/admin/nodes/${names.there}/drain`;
  const ann = clients.connect(balancer.url, { document: 'acme/moving' });
  await until(() => ann.status === 'synced', 'it is in');
  const statuses = new Set<string>();
  ann.on('change', () => statuses.add(ann.status));
  // The load balancer asks /readyz.
  balancer.leadTo(portOf(here.url));
  const drained = await request(here.url, path, 'POST');
  contract.check({ method: 'POST', path, ...drained, headers: {}, body: Buffer.from(drained.text) });
  expect(drained.status).toBe(204);
  type(ann, 'on the way');
  const at = async (): Promise<string[]> =>
    (await read<AdminDocument>(here.url, '/api/admin/documents/acme/moving')).sessions.map(
      ({ node }) => node,
    );
  await untilAsync(async () => `${await at()}` === names.here, 'it has gone over');
  expect([...statuses].filter((status) => status !== 'synced')).toEqual([]);
  expect(ann.unsavedChanges).toBe(0);
  const readiness = await ask(`${there.url}/readyz`);
  expect([readiness.status, JSON.parse(readiness.text)]).toMatchObject([503, { status: 'draining' }]);
  expect((await request(here.url, `/api/admin/nodes/${names.here}/drain`, 'POST')).status).toBe(503);
  await untilAsync(
    async () => nodeIn(await overviewOf(here.url), names.there).state === 'draining',
    'it says that it is drained',
  );

  expect((await request(there.url, path, 'DELETE')).status).toBe(204);
  expect((await ask(`${there.url}/readyz`)).status).toBe(200);
  const bob = clients.connect(there.url, { document: 'acme/moving' });
  await until(() => bob.status === 'synced' && textOf(bob) === 'on the way', 'it takes clients');
});

test('[ADMIN6] a node that is killed is named; without Redis a node shows itself and says so', async () => {
  const reader = await watch(here.url);
  try {
    await until(() => latestOf(reader)?.nodes.length === 2, 'both are shown');
    await there.kill();
    await until(() => latestOf(reader)?.silent.join() === names.there, 'the other one is silent');
    await redis.kill();
    await until(() => latestOf(reader)?.nodes[0]?.bus === 'away', 'it says so');
    expect(latestOf(reader)?.nodes[0]).toMatchObject({ node: names.here, state: 'ok' });
    expect(latestOf(reader)?.errors.some(({ message }) => message.includes('Redis'))).toBe(true);
  } finally {
    reader.close();
    await redis.start();
  }
});

test('[ADMIN8] a stream begins again with the next node, which finds the others, and ends with it', async () => {
  await there.start();
  const reader = await watch(there.url);
  const { node } = await reader.take<AdminOverview>('overview');
  expect(node).not.toBe(names.there);
  await until(() => latestOf(reader)?.nodes[1]?.node === names.here, 'the other one is shown');
  const stopped = there.stop();
  await until(() => reader.events.at(-1)?.name === 'end', 'the end');
  expect(JSON.parse(reader.events.at(-1)?.data ?? '')).toMatchObject({ code: 'shutting-down' });
  await stopped;
});

function watch(url: string): Promise<EventReader> {
  return EventReader.open(`${url}/api/admin/events`, { headers: { Authorization } });
}

function latestOf({ events }: EventReader): AdminOverview | undefined {
  const event = events.findLast(({ name }) => name === 'overview');
  return event && (JSON.parse(event.data) as AdminOverview);
}
