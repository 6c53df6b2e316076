import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import { testPostgres } from '../../support/postgres.js';
import { until } from '../../support/until.js';
import { answer, WebhookReceiver } from '../../support/webhook-receiver.js';
import { A, B, RequestClock, WebhookWorld } from '../../support/webhook-world.js';

const postgres = testPostgres();

let receiver: WebhookReceiver;
let clock: RequestClock;
let nodes: WebhookWorld[];
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  clock = new RequestClock();
  const url = await postgres.emptyDatabase();
  nodes = [];
  for (const seed of [1, 2])
    nodes.push(new WebhookWorld(await PostgresStore.open(url), receiver, { clock, seed }));
  for (const { webhooks, store } of nodes) {
    webhooks.start();
    await store.find(A);
  }
});
afterEach(async () => {
  for (const { webhooks, store } of nodes) {
    const stopped = webhooks.stop();
    clock.advance(2_000);
    await stopped;
    await store.close();
  }
  await receiver.close();
});

const waiting = () => nodes.reduce((sum, { webhooks }) => sum + webhooks.waiting, 0);
const allTold = () => nodes[0]?.advanceUntil(() => waiting() === 0, 'all is told', { step: 20 });

/** The parts of a document that were told, in their order. */
function partsOf(document: string): (readonly [number, number])[] {
  return receiver.events
    .filter((event) => event.document === document)
    .map(({ from, to }) => [from, to] as const)
    .sort(([a], [b]) => a - b);
}

function expectOnce(document: string, head: number): void {
  const parts = partsOf(document);
  for (const [n, [from]] of parts.entries()) expect(from).toBe((parts[n - 1]?.[1] ?? 0) + 1);
  expect(parts.at(-1)?.[1]).toBe(head);
}

test('[WEBHOOK13] of two nodes on PostgreSQL one tells each change, whichever has committed it', async () => {
  for (let n = 0; n < 40; n++) {
    await nodes[n % 2]?.commit(n % 3 === 0 ? A : B);
    clock.advance(50);
  }
  await allTold();
  expectOnce(A, 14);
  expectOnce(B, 26);
});

test('[WEBHOOK11] when PostgreSQL is started again, what is due is told once', async () => {
  const [first, second] = nodes;
  await first?.commit(A, 2);
  await second?.commit(B);
  await postgres.server.stop();
  await first?.advanceUntil(() => clock.monotonic() > 60_000, 'a minute', { step: 1_000 });
  expect(receiver.received).toEqual([]);
  await postgres.server.start();
  await allTold();
  expectOnce(A, 2);
  expectOnce(B, 1);
});

test('[WEBHOOK13] when a node ends in the middle of telling, the other one tells the same again, and then the rest', async () => {
  const [dying, other] = nodes;
  receiver.answer = () => {};
  await dying?.commit(A, 2);
  await dying?.commit(B, 1, { tell: false });
  clock.advance(1_000);
  await receiver.has(1);
  await other?.commit(A);
  // Its connections end, and nothing more is noted: as after kill -9.
  await dying?.store.close();
  nodes.shift();
  receiver.answer = answer(200);
  await other?.advanceUntil(() => receiver.received.length >= 4, 'the other one has told all', {
    step: 200,
    patient: false,
  });
  await until(() => waiting() === 0, 'all is noted');
  expect(receiver.told.filter((part) => part.startsWith(A))).toEqual([`${A} 1-2`, `${A} 1-2`, `${A} 3-3`]);
  expect(receiver.events[0]).toEqual(
    receiver.events.slice(1).find(({ document, from }) => document === A && from === 1),
  );
  expectOnce(B, 1);
  await dying?.webhooks.stop();
});

test('[WEBHOOK18] [WEBHOOK19] of two nodes on PostgreSQL one tells what becomes of a document, in its order, whichever did it', async () => {
  const lives: WebhookWorld[] = [];
  for (const [n, { store }] of nodes.entries()) {
    const world = new WebhookWorld(store, receiver, { clock, seed: n + 3, events: '*', name: 'life' });
    await world.webhooks.start();
    lives.push(world);
  }
  const [one, other] = lives;
  if (one === undefined || other === undefined) throw new Error('there are two');
  await one.commit(A, 2);
  await other.store.remove(A, clock.wall());
  await one.store.restore(A);
  await other.store.rename(A, B, clock.wall());
  await one.store.remove(B, clock.wall());
  await other.store.purge(clock.wall(), 9);
  await other.commit(A, 1);
  const life = () =>
    receiver.received.flatMap(({ event }) => (event.type === 'document.changed' ? [] : [event]));
  await one.advanceUntil(() => life().length === 7, 'all is told', { step: 100 });
  await Promise.all(
    lives.map(async ({ webhooks }) => {
      const stopped = webhooks.stop();
      clock.advance(2_000);
      await stopped;
    }),
  );
  const [first] = life();
  const told = life().map(({ type, document }) => `${type.slice(9)} ${document}`);
  const ofFirst = told.filter((_, n) => life()[n]?.generation === first?.generation);
  expect(ofFirst).toEqual([
    ...[`created ${A}`, `deleted ${A}`, `restored ${A}`, `moved ${B}`],
    ...[`deleted ${B}`, `purged ${B}`],
  ]);
  // The second document of that name does not come before the first one has let go of it.
  expect(told.lastIndexOf(`created ${A}`)).toBeGreaterThan(told.indexOf(`moved ${B}`));
});
