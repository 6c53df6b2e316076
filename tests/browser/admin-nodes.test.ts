import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AdminOverview } from '../../shared/admin.js';
import { type CoscribeNode, startNode } from '../../tools/services/node.js';
import { type RedisProcess, startRedis } from '../../tools/services/redis.js';
import { Clients, textOf, type } from '../support/clients.js';
import { temporaryFolder } from '../support/folder.js';
import { usePeople } from '../support/pages.js';
import { testPostgres } from '../support/postgres.js';
import { startSwitch, type TcpSwitch } from '../support/tcp-switch.js';

const people = usePeople();
const postgres = testPostgres();
const folder = temporaryFolder();
const clients = new Clients();
let redis: RedisProcess;
let nodes: readonly [CoscribeNode, CoscribeNode];
/** What the clients connect to; it leads to the second node at first. */
let balancer: TcpSwitch;

beforeAll(async () => {
  redis = await startRedis({ folder: folder.path });
  const node = () => startNode({ store: postgres.server.url, redisUrl: redis.url });
  nodes = await Promise.all([node(), node()]);
  balancer = await startSwitch(Number(new URL(nodes[1].url).port));
});
afterAll(async () => {
  clients.destroy();
  await balancer?.close();
  await Promise.all((nodes ?? []).map((node) => node.kill()));
  await redis?.kill();
  folder.remove();
});

test('[ADMPAGE6] a node is drained, its clients go on elsewhere, and it takes work again, on the page of another one', async () => {
  const [first, second] = nodes;
  const { node: name } = (await (await fetch(`${second.url}/api/admin`)).json()) as AdminOverview;
  const documents = ['acme/one', 'acme/two'].map((document) => clients.connect(balancer.url, { document }));
  for (const provider of documents) await provider.whenSynced();

  const person = await people.somebody();
  const { page } = person;
  await page.goto(`${first.url}/admin`);
  await person.sees('All is well: 2 nodes take work.');
  const row = page.getByTestId('nodes').getByRole('row').filter({ hasText: name });
  const clientsThere = (count: number) =>
    row.locator('[data-label=Clients]').getByText(String(count), { exact: true }).waitFor();
  await clientsThere(2);

  balancer.leadTo(Number(new URL(first.url).port));
  await row.getByRole('button', { name: /^Drain/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain it' }).click();
  await person.sees(`${name} sends its clients to other nodes.`);
  await clientsThere(0);
  for (const provider of documents) {
    type(provider, 'moved');
    await provider.whenSaved();
    expect(textOf(provider)).toBe('moved');
  }
  await row.getByRole('button', { name: /take work again$/ }).click();
  await person.sees('All is well: 2 nodes take work.');
});
