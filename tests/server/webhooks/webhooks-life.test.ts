import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { until } from '../../support/until.js';
import { answer, WebhookReceiver } from '../../support/webhook-receiver.js';
import { A, B, RequestClock, WebhookWorld } from '../../support/webhook-world.js';

const C = parseDocumentId('team/c');
const OTHER = parseDocumentId('other/c');

let receiver: WebhookReceiver;
let clock: RequestClock;
let store: MemoryStore;
let worlds: WebhookWorld[];
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  clock = new RequestClock();
  let generations = 0;
  store = new MemoryStore(() => `generation ${++generations}`, { shared: true });
  worlds = [];
});
afterEach(async () => {
  for (const { webhooks } of worlds) {
    const stopped = webhooks.stop();
    clock.advance(2_000);
    await stopped;
  }
  await receiver.close();
});

async function start(options: ConstructorParameters<typeof WebhookWorld>[2] = {}): Promise<WebhookWorld> {
  const seed = worlds.length + 1;
  const world = new WebhookWorld(store, receiver, { clock, seed, events: '*', ...options });
  worlds.push(world);
  await world.webhooks.start();
  return world;
}

const idle = (world: WebhookWorld, options = {}) =>
  world.advanceUntil(() => world.webhooks.waiting === 0, 'nothing waits any more', { step: 10, ...options });

test('[WEBHOOK17] [WEBHOOK18] all that becomes of a document is told at once, in its order, and changes before what came after them', async () => {
  const world = await start({ gatherMs: 60_000 });
  const begun = clock.monotonic();
  await world.commit(A, 3);
  await world.store.remove(A, clock.wall());
  await world.store.restore(A);
  await world.commit(A, 2);
  await world.store.rename(A, B, clock.wall());
  await world.store.remove(B, clock.wall());
  await world.store.purge(clock.wall(), 9);
  await idle(world);
  // Nothing waited for more changes.
  expect(clock.monotonic() - begun).toBeLessThan(10_000);
  const { told } = receiver;
  expect(told.filter((one) => !/ \d+-\d+$/.test(one))).toEqual([
    `created ${A}`,
    `deleted ${A}`,
    `restored ${A}`,
    `moved ${B} from ${A}`,
    `deleted ${B}`,
    `purged ${B}`,
  ]);
  expect(await store.deliveries.life.dueEvents('x', 0, 1)).toEqual([]);
});

test('[WEBHOOK17] a request says what became of which document, when, and how many changes it had', async () => {
  const world = await start();
  await world.commit(A, 2);
  await idle(world);
  clock.advance(5_000);
  const at = clock.wall();
  await world.store.rename(A, B, at);
  await idle(world);
  await world.store.remove(B, at);
  await idle(world);
  expect(receiver.told).toEqual([`created ${A}`, `${A} 1-2`, `moved ${B} from ${A}`, `deleted ${B}`]);
  const [created, , moved, deleted] = receiver.received.map(({ event }) => event);
  const id = expect.stringMatching(/^msg_[\w-]{32}$/);
  const generation = 'generation 1';
  expect(created).toEqual({
    ...{ id, type: 'document.created', document: A, generation },
    ...{ head: 0, at: new Date(1_700_000_000_000).toISOString() },
  });
  const later = { generation, head: 2, at: new Date(at).toISOString() };
  expect(moved).toEqual({ id, type: 'document.moved', document: B, previous: A, ...later });
  expect(deleted).toEqual({ id, type: 'document.deleted', document: B, ...later });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  expect(world.counts).toEqual(new Map([['webhook-delivered', 4]]));
});

test('[WEBHOOK17] a webhook that says nothing else is told of changes only, and one that wants no changes of none', async () => {
  const plain = await start({ events: 'document.changed' });
  await plain.commit(A, 1);
  await plain.store.remove(A, clock.wall());
  await idle(plain);
  expect(receiver.told).toEqual([`${A} 1-1`]);
  const other = await start({ events: ['document.deleted', 'document.moved'], name: 'other' });
  await other.commit(B, 1);
  await other.store.rename(B, C, clock.wall());
  await other.commit(C, 1);
  await other.store.remove(C, clock.wall());
  await idle(other);
  expect(receiver.told.slice(1)).toEqual([`moved ${C} from ${B}`, `deleted ${C}`]);
});

test('[WEBHOOK17] of documents that it does not name it hears nothing but that one came or went', async () => {
  const world = await start({ documents: 'team/*' });
  await world.commit(OTHER, 1);
  await world.store.rename(OTHER, C, clock.wall());
  await idle(world);
  await world.store.rename(C, OTHER, clock.wall());
  await world.commit(OTHER, 1);
  await world.store.remove(OTHER, clock.wall());
  await idle(world);
  expect(receiver.told.filter((one) => !/ \d+-\d+$/.test(one))).toEqual([
    `moved ${C} from ${OTHER}`,
    `moved ${OTHER} from ${C}`,
  ]);
  expect(receiver.events.every(({ document }) => document === C)).toBe(true);
  // What it is not told of does not pile up.
  await world.advanceUntil(() => clock.monotonic() > 120_000, 'two minutes', { step: 1_000 });
  const [[hook] = []] = [...(store.deliveries as unknown as { hooks: Map<string, unknown> }).hooks];
  expect(await store.deliveries.life.dueEvents(String(hook), 0, 9)).toEqual([]);
});

test('[WEBHOOK18] changes before a move are told before it, under the name under which they were made', async () => {
  const world = await start({ gatherMs: 60_000 });
  await world.commit(A, 1);
  await world.store.rename(A, B, clock.wall());
  await world.commit(B, 2);
  await world.store.rename(B, C, clock.wall());
  await world.commit(C, 3);
  await world.advanceUntil(() => receiver.received.length === 6, 'all is told', { step: 1_000 });
  expect(receiver.told).toEqual([
    `created ${A}`,
    `${A} 1-1`,
    `moved ${B} from ${A}`,
    `${B} 2-3`,
    `moved ${C} from ${B}`,
    `${C} 4-6`,
  ]);
});

for (const events of ['document.changed', '*'] as const)
  test(`[WEBHOOK18] of ${events}: a document that goes out of the names of a webhook is told with its changes until then, and one that comes into them not before`, async () => {
    const lifeOf = (...told: string[]) => (events === '*' ? told : []);
    const going = await start({ events, documents: 'team/*', gatherMs: 10_000 });
    await going.commit(C, 2);
    await going.store.rename(C, OTHER, clock.wall());
    await going.commit(OTHER, 1);
    await idle(going, { step: 1_000 });
    const first = [...lifeOf(`created ${C}`), `${C} 1-2`, ...lifeOf(`moved ${OTHER} from ${C}`)];
    expect(receiver.told).toEqual(first);
    await going.store.rename(OTHER, B, clock.wall());
    await going.store.remove(B, clock.wall());
    await idle(going, { step: 1_000 });
    const then = [...lifeOf(`moved ${B} from ${OTHER}`), `${B} 3-3`, ...lifeOf(`deleted ${B}`)];
    expect(receiver.told.slice(first.length)).toEqual(then);
  });

test('[WEBHOOK18] [WEBHOOK12] what was committed before a move and not told when the node was killed is told under the old name', async () => {
  const first = await start({ events: 'document.changed', documents: 'team/*' });
  await first.commit(C, 1, { tell: false });
  // The move is in the store, and nobody was told of it.
  await store.rename(C, OTHER, clock.wall());
  clock.advance(60_000);
  const second = await start({ events: 'document.changed', documents: 'team/*' });
  await second.advanceUntil(() => receiver.received.length === 1, 'it is told', { step: 1_000 });
  expect(receiver.told).toEqual([`${C} 1-1`]);
  await idle(second, { step: 1_000 });
});

test('[WEBHOOK18] an event that is not taken is tried again under the same id, before what came after it', async () => {
  const world = await start();
  let refused = 3;
  receiver.answer = (response, { event }) =>
    response.writeHead(event.document === A && refused-- > 0 ? 500 : 204).end();
  await world.store.create(A, clock.wall());
  await world.commit(A, 1);
  await world.store.create(B, clock.wall());
  await idle(world, { step: 100 });
  const ofA = receiver.told.filter((one) => one.includes(A));
  expect(ofA).toEqual([...Array.from({ length: 4 }, () => `created ${A}`), `${A} 1-1`]);
  const ids = receiver.received.filter(({ event }) => event.type === 'document.created');
  expect(new Set(ids.map(({ event }) => event.id)).size).toBe(2);
  // Another document did not wait.
  expect(receiver.told.indexOf(`created ${B}`)).toBeLessThan(4);
  expect(world.counts.get('webhook-failed')).toBe(3);
});

test('[WEBHOOK18] a name that another document takes is told of in the order in which that happened', async () => {
  const world = await start();
  const refuse = answer(500);
  receiver.answer = (response, received, request) =>
    (clock.monotonic() < 20_000 ? refuse : answer(204))(response, received, request);
  const now = clock.wall();
  await world.store.create(A, now);
  await world.store.remove(A, now);
  await world.store.purge(now, 9);
  await world.store.create(B, now);
  await world.store.rename(B, A, now);
  await world.store.create(B, now);
  await idle(world, { step: 200 });
  const told = receiver.told.slice(-6);
  const [moved, created] = [`moved ${A} from ${B}`, `created ${B}`];
  const ofA = told.filter((one) => one !== created);
  expect(ofA).toEqual([`created ${A}`, `deleted ${A}`, `purged ${A}`, moved]);
  expect(told.indexOf(created)).toBeLessThan(told.indexOf(moved));
  expect(told.lastIndexOf(created)).toBeGreaterThan(told.indexOf(moved));
});

test('[WEBHOOK19] what a node has not told when it ends, another one tells, and both together once', async () => {
  const first = await start();
  const second = await start();
  await first.store.create(A, clock.wall());
  await second.store.create(B, clock.wall());
  await first.advanceUntil(() => receiver.received.length === 2, 'both are told');
  receiver.answer = () => {};
  await first.store.remove(A, clock.wall());
  await receiver.has(3);
  worlds.splice(0, 1);
  const ended = first.webhooks.stop();
  clock.advance(2_000);
  await ended;
  receiver.answer = answer(204);
  await second.advanceUntil(() => receiver.received.length === 4, 'the other one tells it', { step: 1_000 });
  await second.advanceUntil(() => clock.monotonic() > 300_000, 'five minutes', { step: 5_000 });
  expect(receiver.told.slice(2)).toEqual([`deleted ${A}`, `deleted ${A}`]);
  expect(receiver.received[3]?.event).toEqual(receiver.received[2]?.event);
});

test('[WEBHOOK19] what happened while no webhook was told is told after the next start, at once', async () => {
  const first = await start();
  await first.webhooks.stop();
  await store.create(A, clock.wall());
  await store.remove(A, clock.wall());
  clock.advance(60_000);
  await start();
  await until(() => receiver.received.length === 2, 'it is told');
  expect(receiver.told).toEqual([`created ${A}`, `deleted ${A}`]);
});

test('[WEBHOOK19] whoever is told of more than changes needs a store that keeps it', () => {
  const { life: _, ...rest } = store.deliveries;
  const lacking = Object.create(store, { deliveries: { value: rest } }) as MemoryStore;
  expect(() => new WebhookWorld(lacking, receiver, { events: ['document.purged'] })).toThrow(
    'Webhooks that are told of more than changes need a store that remembers it',
  );
});
