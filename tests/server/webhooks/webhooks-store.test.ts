import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DeliveryStore, DuePlace } from '../../../server/storage/delivery-store.js';
import { MemoryDeliveries } from '../../../server/storage/memory-deliveries.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import { until } from '../../support/until.js';
import { answer, WebhookReceiver } from '../../support/webhook-receiver.js';
import { A, B, RequestClock, WebhookWorld } from '../../support/webhook-world.js';

const MINUTE = 60_000;

/** A store in which a test can see what is asked about webhooks, and can have it refused. */
class WatchedStore extends MemoryStore {
  fault: CoscribeError | undefined;
  /** What is refused; everything, if there is none. */
  refused: keyof DeliveryStore | undefined;
  readonly asked: (keyof DeliveryStore)[] = [];
  /** Places from which due documents were looked for. */
  readonly places: DuePlace[] = [];
  override readonly deliveries: MemoryDeliveries;

  constructor(shared: boolean) {
    let generations = 0;
    super(() => `generation ${++generations}`, { shared });
    const sound = new MemoryDeliveries(this.documents, this.life, () => {});
    this.deliveries = new Proxy(sound, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.asked.push(key as keyof DeliveryStore);
          if (key === 'dueDocuments') this.places.push(args[1] as DuePlace);
          if (this.fault !== undefined && (this.refused ?? key) === key) throw this.fault;
          return value.apply(target, args);
        };
      },
    });
  }
}

let receiver: WebhookReceiver;
let clock: RequestClock;
let worlds: WebhookWorld[];
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  clock = new RequestClock();
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

async function start(
  store: MemoryStore,
  options: ConstructorParameters<typeof WebhookWorld>[2] = {},
): Promise<WebhookWorld> {
  const world = new WebhookWorld(store, receiver, { clock, seed: worlds.length + 1, ...options });
  worlds.push(world);
  world.webhooks.start();
  await new Promise((resolve) => setImmediate(resolve));
  return world;
}

const documents = (count: number): DocumentId[] =>
  Array.from({ length: count }, (_, n) => parseDocumentId(`team/${n}`));

const told = (world: WebhookWorld, count: number) =>
  world.advanceUntil(() => world.counts.get('webhook-delivered') === count, `${count} were told`);

test('[WEBHOOK10] with 100,000 changed documents and a receiver that takes nothing, 10,000 wait in memory', async () => {
  const world = await start(new WatchedStore(false));
  receiver.answer = answer(500);
  for (const id of documents(100_000)) {
    world.webhooks.committed(id, { generation: 'g', from: 1, to: 1 });
  }
  expect(world.webhooks.waiting).toBe(10_000);
});

test('[WEBHOOK10] what had no room is found in the store, and told too', async () => {
  const world = await start(new WatchedStore(false), { maxWaiting: 20 });
  receiver.answer = answer(500);
  for (const id of documents(700)) await world.commit(id, 2);
  clock.advance(1_000);
  await until(() => (world.counts.get('webhook-failed') ?? 0) >= 8, 'the first requests have failed');
  expect(world.webhooks.waiting).toBeLessThanOrEqual(28);
  await world.advanceUntil(() => clock.monotonic() > 10 * MINUTE, 'ten minutes', { step: 1_000 });
  expect(world.webhooks.waiting).toBeLessThanOrEqual(28);
  receiver.answer = answer(200);
  const back = clock.monotonic();
  await told(world, 700);
  // Not some twenty with each look at the store.
  expect(clock.monotonic() - back).toBeLessThan(10 * MINUTE);
  const numbers = receiver.told.slice(-700).sort();
  expect(numbers).toEqual(
    documents(700)
      .map((id) => `${id} 1-2`)
      .sort(),
  );
});

test('[WEBHOOK11] while the store is away nothing is told and nothing lost; when it is back all goes on by itself', async () => {
  const store = new WatchedStore(false);
  store.fault = new CoscribeError('store-unavailable');
  const world = await start(store);
  await world.commit(A);
  clock.advance(1_000);
  await world.advanceUntil(() => store.asked.length === 3, 'it asks for the store again');
  await world.commit(B);
  store.fault = undefined;
  await told(world, 2);
  store.fault = new CoscribeError('store-unavailable');
  await world.commit(A);
  const before = store.asked.length;
  await world.advanceUntil(() => clock.monotonic() > 10 * MINUTE, 'ten minutes', { step: 1_000 });
  // Not in vain all the time.
  expect(store.asked.length - before).toBeLessThan(70);
  store.fault = undefined;
  await told(world, 3);
  expect([...receiver.told].sort()).toEqual([`${A} 1-1`, `${A} 2-2`, `${B} 1-1`]);
  expect(world.log.entries).toEqual([]);
});

test('[WEBHOOK11] what was told while the store went away is noted when it is back, and not told again', async () => {
  const store = new WatchedStore(false);
  const world = await start(store);
  receiver.answer = (response) => {
    store.fault = new CoscribeError('store-unavailable');
    response.writeHead(200).end();
  };
  await world.commit(A);
  clock.advance(1_000);
  await receiver.has(1);
  await world.commit(A);
  receiver.answer = answer(200);
  await world.advanceUntil(() => clock.monotonic() > 5 * MINUTE, 'five minutes', { step: 1_000 });
  // Only that it was told cannot be noted: then nothing more of it can be told.
  store.refused = 'completeDeliveries';
  await world.advanceUntil(() => clock.monotonic() > 10 * MINUTE, 'ten minutes', { step: 1_000 });
  expect(receiver.told).toEqual([`${A} 1-1`]);
  store.fault = undefined;
  await told(world, 2);
  expect(receiver.told).toEqual([`${A} 1-1`, `${A} 2-2`]);
});

test('[WEBHOOK11] a store that fails otherwise is logged', async () => {
  const store = new WatchedStore(false);
  const world = await start(store);
  store.fault = new CoscribeError('internal');
  await world.commit(A);
  await world.advanceUntil(() => clock.monotonic() > 20_000, 'time passes');
  expect(world.log.entries).toEqual([
    {
      level: 'error',
      fields: { err: store.fault },
      message: 'the store failed to say, or to note, what webhooks are to be told',
    },
  ]);
  store.fault = undefined;
  await told(world, 1);
});

test('[WEBHOOK12] what was committed and not told before the end is told after the next start, at once', async () => {
  const store = new WatchedStore(false);
  const first = await start(store);
  await first.commit(A, 2, { tell: false });
  await first.commit(B, 1, { tell: false });
  await first.webhooks.stop();
  expect(receiver.received).toEqual([]);
  const next = await start(store);
  await receiver.has(2);
  await until(() => next.webhooks.waiting === 0, 'all is told');
  expect([...receiver.told].sort()).toEqual([`${A} 1-2`, `${B} 1-1`]);
});

test('[WEBHOOK13] of several nodes one tells each change, whichever has committed it', async () => {
  const store = new WatchedStore(true);
  const nodes = [await start(store), await start(store), await start(store)];
  for (let n = 0; n < 60; n++) {
    await nodes[n % 3]?.commit(n % 2 === 0 ? A : B);
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const left = () => nodes.reduce((sum, { webhooks }) => sum + webhooks.waiting, 0);
  await nodes[0]?.advanceUntil(() => left() === 0, 'all is told');
  for (const id of [A, B]) {
    const parts = receiver.events
      .filter(({ document }) => document === id)
      .map(({ from, to }) => [from, to] as const)
      .sort(([a], [b]) => a - b);
    for (const [n, [from]] of parts.entries()) expect(from).toBe((parts[n - 1]?.[1] ?? 0) + 1);
    expect(parts.at(-1)?.[1]).toBe(30);
    // In 6 s, and from each node once in a second.
    expect(parts.length).toBeLessThan(20);
  }
  expect(receiver.mostOfOne).toBe(1);
});

test('[WEBHOOK13] what a node had not told when it ended another one tells, half a minute to a minute after the last edit', async () => {
  const store = new WatchedStore(true);
  const [dead, other] = [await start(store), await start(store)];
  await dead.commit(A, 2, { tell: false });
  const committed = clock.monotonic();
  await other.advanceUntil(() => receiver.received.length === 1, 'the other one takes over', { step: 500 });
  expect(clock.monotonic() - committed).toBeGreaterThanOrEqual(30_000);
  expect(clock.monotonic() - committed).toBeLessThan(75_000);
  expect(receiver.told).toEqual([`${A} 1-2`]);
});

test('[WEBHOOK13] what a node was telling when it ended is told again under the same id', async () => {
  const store = new WatchedStore(true);
  const dying = await start(store);
  receiver.answer = () => {};
  await dying.commit(A);
  clock.advance(1_000);
  await receiver.has(1);
  const other = await start(store);
  await other.commit(A);
  // The process is gone: its line ends, and nothing is noted.
  worlds.splice(0, 1);
  receiver.answer = answer(200);
  await other.advanceUntil(() => other.webhooks.waiting === 0, 'the other one has told both', {
    patient: false,
  });
  expect(receiver.told).toEqual([`${A} 1-1`, `${A} 1-1`, `${A} 2-2`]);
  expect(receiver.events[0]).toEqual(receiver.events[1]);
  expect(clock.monotonic()).toBeLessThan(45_000);
  await dying.webhooks.stop();
});

test('[WEBHOOK24] while all is well only documents of the last hour are looked at, and the store remembers how far', async () => {
  const store = new WatchedStore(false);
  const world = await start(store);
  const begun = Math.floor(clock.wall() / MINUTE);
  await world.commit(A);
  for (const minutes of [10, 100, 200]) {
    await world.advanceUntil(() => clock.monotonic() >= minutes * MINUTE, 'time passes', { step: 10_000 });
    const since = (store.places.at(-1)?.minute ?? 0) - begun;
    expect(since).toBeGreaterThanOrEqual(Math.max(0, minutes - 61));
    expect(since).toBeLessThanOrEqual(Math.max(0, minutes - 59));
  }
  await world.webhooks.stop();
  store.places.length = 0;
  await start(store);
  expect((store.places[0]?.minute ?? 0) - begun).toBeGreaterThanOrEqual(125);

  // What is due stays in view.
  receiver.answer = answer(500);
  const late = new WatchedStore(false);
  const failing = await start(late, { name: 'another' });
  await failing.commit(B);
  await failing.advanceUntil(() => clock.monotonic() >= 500 * MINUTE, 'time passes', { step: 10_000 });
  await failing.webhooks.stop();
  receiver.answer = answer(200);
  await told(await start(late, { name: 'another' }), 1);
  expect(receiver.told.at(-1)).toBe(`${B} 1-1`);
});
