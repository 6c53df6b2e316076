import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { verifyWebhook } from '../../../server/webhooks/verify-webhook.js';
import { until } from '../../support/until.js';
import { answer, SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';
import { A, B, WebhookWorld } from '../../support/webhook-world.js';

const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

let receiver: WebhookReceiver;
let store: MemoryStore;
let worlds: WebhookWorld[];
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  let generations = 0;
  store = new MemoryStore(() => `generation ${++generations}`);
  worlds = [];
});
afterEach(async () => {
  for (const { webhooks, clock } of worlds) {
    const stopped = webhooks.stop();
    clock.advance(2_000);
    await stopped;
  }
  await receiver.close();
});

async function start(options: ConstructorParameters<typeof WebhookWorld>[2] = {}): Promise<WebhookWorld> {
  const world = new WebhookWorld(store, receiver, options);
  worlds.push(world);
  world.webhooks.start();
  // It has begun, so that what is committed from now on is due.
  await new Promise((resolve) => setImmediate(resolve));
  return world;
}

const idle = ({ webhooks }: WebhookWorld) => until(() => webhooks.waiting === 0, 'nothing waits any more');

test('[WEBHOOK4] [WEBHOOK5] changes gather, and are told together with who made them, once', async () => {
  const world = await start();
  await world.commit(A, 2);
  world.clock.advance(600);
  await world.commit(A, 3);
  world.clock.advance(399);
  expect(receiver.received).toEqual([]);
  world.clock.advance(1);
  await receiver.has(1);
  await idle(world);
  const [received] = receiver.received;
  const { event } = received ?? {};
  expect(event).toEqual({
    id: expect.stringMatching(/^msg_[\w-]{32}$/),
    type: 'document.changed',
    document: A,
    generation: 'generation 1',
    from: 1,
    to: 5,
    at: new Date(1_700_000_000_600).toISOString(),
    authors: ['ada'],
  });
  expect(received?.headers['webhook-id']).toBe(event?.id);
  expect(received?.headers['content-type']).toBe('application/json');
  expect(received?.headers['webhook-timestamp']).toBe('1700000001');
  await world.commit(A);
  world.clock.advance(1_000);
  await receiver.has(2);
  await idle(world);
  expect(receiver.told).toEqual([`${A} 1-5`, `${A} 6-6`]);
  expect(world.counts).toEqual(new Map([['webhook-delivered', 2]]));
  expect(world.log.entries).toEqual([]);
});

test('[WEBHOOK1] what is sent can be verified with each of the secrets', async () => {
  const world = await start({ secret: [SECRET, OLD_SECRET] });
  await world.commit(A);
  world.clock.advance(1_000);
  await receiver.has(1);
  const [{ headers, body, event } = { headers: {}, body: '', event: undefined }] = receiver.received;
  for (const secret of [SECRET, OLD_SECRET])
    expect(verifyWebhook(headers, body, secret, world.clock.wall())).toEqual(event);
});

test('[WEBHOOK4] one request of a document is under way at a time; what is committed meanwhile goes with the next one', async () => {
  const world = await start();
  let finish = (): void => {};
  receiver.answer = (response, { event }) => {
    const end = () => response.writeHead(200).end();
    if (event.document === A) finish = end;
    else end();
  };
  await world.commit(A);
  world.clock.advance(1_000);
  await receiver.has(1);
  for (let n = 0; n < 5; n++) {
    await world.commit(A);
    await world.commit(B);
    world.clock.advance(1_000);
    // Others do not wait for it.
    await until(() => world.counts.get('webhook-delivered') === n + 1, 'B was told');
  }
  receiver.answer = answer(200);
  finish();
  await until(() => world.counts.get('webhook-delivered') === 6, 'A was told');
  world.clock.advance(999);
  await world.commit(A);
  world.clock.advance(1);
  await idle(world);
  expect(receiver.told.filter((text) => text.startsWith(A))).toEqual([`${A} 1-1`, `${A} 2-7`]);
  expect(receiver.mostOfOne).toBe(1);
});

test('[WEBHOOK4] no more requests are under way than may be', async () => {
  const world = await start({ concurrency: 3 });
  const open: (() => void)[] = [];
  receiver.answer = (response) => open.push(() => response.writeHead(200).end());
  const ids = Array.from({ length: 10 }, (_, n) => `team/${n}` as typeof A);
  for (const id of ids) await world.commit(id);
  world.clock.advance(1_000);
  for (let n = 0; n < 10; n++) {
    await until(() => open.length > 0, 'a request is under way');
    if (n === 0) await receiver.has(3);
    open.shift()?.();
  }
  await idle(world);
  expect(receiver.mostAtOnce).toBe(3);
  expect(new Set(receiver.events.map(({ document }) => document)).size).toBe(10);
});

test('[WEBHOOK6] what fails is tried again, the same under the same id, after growing and random pauses of an hour at most', async () => {
  const world = await start();
  receiver.answer = answer(500);
  const at: number[] = [];
  await world.commit(A, 2);
  for (let n = 1; n <= 16; n++) {
    await world.advanceUntil(() => receiver.received.length >= n, `attempt ${n}`, { step: 2 ** n * 5 });
    at.push(world.clock.monotonic());
    await until(() => world.counts.get('webhook-failed') === n, `attempt ${n} has failed`);
    await world.commit(A);
  }
  for (const [n, time] of at.slice(1).entries()) {
    const most = Math.min(3_600_000, 1_000 * 2 ** n);
    const step = 2 ** (n + 2) * 5;
    expect(time - (at[n] ?? 0)).toBeGreaterThanOrEqual(most / 2 - step);
    expect(time - (at[n] ?? 0)).toBeLessThanOrEqual(most + 2 * step);
  }
  receiver.answer = answer(200);
  await world.advanceUntil(() => world.webhooks.waiting === 0, 'all is told', { step: 10_000 });
  const ids = new Set(receiver.events.slice(0, 17).map(({ id }) => id));
  expect(ids.size).toBe(1);
  expect(receiver.told.slice(16)).toEqual([`${A} 1-2`, `${A} 3-18`]);
  const stamps = receiver.received.map(({ headers }) => headers['webhook-timestamp']);
  expect(new Set(stamps.slice(0, 17)).size).toBeGreaterThan(13);
});

test('[WEBHOOK6] [WEBHOOK9] one document that is never taken holds up no other, and costs one line', async () => {
  const world = await start();
  receiver.answer = (response, { event }) => response.writeHead(event.document === A ? 422 : 204).end();
  await world.commit(A);
  for (let n = 1; n <= 30; n++) {
    await world.commit(B);
    await world.advanceUntil(() => world.counts.get('webhook-delivered') === n, `B was told ${n} times`);
  }
  expect(world.clock.monotonic()).toBeLessThan(40_000);
  expect(receiver.events.filter(({ document }) => document === A).length).toBeLessThan(8);
  expect(world.log.entries).toEqual([
    {
      level: 'warn',
      fields: { webhook: new URL(receiver.url).host, document: A, why: 'the answer is 422' },
      message: 'the webhook does not take requests; it is tried again until it does',
    },
  ]);
  receiver.answer = answer(200);
  await world.advanceUntil(() => world.webhooks.waiting === 0, 'A was told');
  expect(world.log.entries.map(({ level }) => level)).toEqual(['warn', 'info']);
});

test.each([
  [40, 12],
  [3, 60],
])(
  '[WEBHOOK7] [WEBHOOK9] a receiver that takes nothing of %d documents for %d hours is asked ever more seldom, once at a time; when it is back all of it is told',
  async (count, hours) => {
    const world = await start();
    const failed = () => world.counts.get('webhook-failed') ?? 0;
    receiver.answer = answer(503);
    const ids = Array.from({ length: count }, (_, n) => `team/${n}` as typeof A);
    for (const id of ids) await world.commit(id);
    world.clock.advance(1_000);
    const together = Math.min(8, count);
    await until(() => failed() >= together && world.clock.requests === 0, 'the first requests have failed');
    const first = failed();
    // However many have failed together, it is soon asked again the first time.
    await world.advanceUntil(() => failed() > first, 'it is asked again', { step: 50 });
    expect(world.clock.monotonic()).toBeLessThan(2_200);

    await world.advanceUntil(() => world.clock.monotonic() > hours * 3_600_000, 'hours', { step: 20_000 });
    // 1 s, 2 s … an hour, and then once in 30 to 60 minutes.
    expect(failed() - first).toBeLessThan(2 * hours + 25);
    expect(failed() - first).toBeGreaterThan(hours);
    receiver.answer = answer(200);
    const back = world.clock.monotonic();
    await world.advanceUntil(() => world.counts.get('webhook-delivered') === 1, 'it is back', {
      step: 10_000,
    });
    expect(world.clock.monotonic() - back).toBeLessThanOrEqual(3_620_000);
    const soon = world.clock.monotonic();
    await world.advanceUntil(() => world.webhooks.waiting === 0, 'everything was told', { step: 10 });
    expect(world.clock.monotonic() - soon).toBeLessThan(5_000);
    expect(world.counts.get('webhook-delivered')).toBe(count);
    expect(world.log.entries.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(JSON.stringify(world.log.entries)).not.toContain('hunter2');
  },
);

test('[WEBHOOK8] a receiver that says how long it wants to be left alone is left alone for so long', async () => {
  const world = await start();
  receiver.answer = answer(429, { 'retry-after': '120' });
  await world.commit(A);
  world.clock.advance(1_000);
  await until(() => world.counts.get('webhook-failed') === 1, 'it was refused');
  receiver.answer = answer(200);
  const asked = world.clock.monotonic();
  await world.commit(B);
  await world.advanceUntil(() => receiver.received.length > 1, 'it is asked again', { step: 1_000 });
  expect(world.clock.monotonic() - asked).toBeGreaterThanOrEqual(120_000);
  expect(world.clock.monotonic() - asked).toBeLessThan(123_000);
  await world.advanceUntil(() => world.webhooks.waiting === 0, 'all is told');
});

test('[WEBHOOK8] [WEBHOOK9] a receiver that is gone gets nothing more until the next start, and then what is due', async () => {
  const world = await start();
  receiver.answer = answer(410);
  await world.commit(A);
  world.clock.advance(1_000);
  await until(() => world.log.entries.length === 1, 'it says that it is gone');
  expect(world.log.entries[0]).toMatchObject({
    level: 'error',
    fields: { webhook: new URL(receiver.url).host },
    message: expect.stringContaining('410 Gone'),
  });
  await world.commit(B);
  expect(world.webhooks.waiting).toBe(0);
  await world.advanceUntil(() => world.clock.monotonic() > 600_000, 'ten minutes', { step: 1_000 });
  expect(receiver.received).toHaveLength(1);
  receiver.answer = answer(200);
  await start({ clock: world.clock });
  await receiver.has(3);
  expect([...receiver.told].sort()).toEqual([`${A} 1-1`, `${A} 1-1`, `${B} 1-1`]);
  expect(receiver.events[0]?.id).toBe(receiver.events.slice(1).find(({ document }) => document === A)?.id);
});

test('[WEBHOOK2] [WEBHOOK4] a webhook is told of the documents that it wants, each webhook at its own pace', async () => {
  const world = await start({ documents: 'team/b*', gatherMs: 0 });
  const other = await start({ name: 'other', clock: world.clock, gatherMs: 5_000 });
  await world.commit(A);
  await world.commit(B);
  await receiver.has(1);
  await idle(world);
  expect(receiver.told).toEqual([`${B} 1-1`]);
  // Nobody has told the other one of any commit: it looks itself.
  await other.advanceUntil(() => receiver.received.length === 3, 'the other one was told', { step: 1_000 });
  expect([...receiver.told].sort()).toEqual([`${A} 1-1`, `${B} 1-1`, `${B} 1-1`]);
});

test('[WEBHOOK14] a stop tells what can be told at once, and does not wait for the rest', async () => {
  const world = await start();
  await world.commit(A, 3);
  await world.webhooks.stop();
  expect(receiver.told).toEqual([`${A} 1-3`]);
  // Not beyond the end.
  await world.commit(B);
  expect(world.webhooks.waiting).toBe(0);

  receiver.answer = () => {};
  const next = await start({ clock: world.clock });
  await receiver.has(2);
  const stopping = next.webhooks.stop();
  world.clock.advance(1_999);
  expect(next.webhooks.waiting).toBe(1);
  world.clock.advance(1);
  await stopping;
  receiver.answer = answer(200);
  await start({ clock: world.clock });
  await receiver.has(3);
  expect(receiver.told.slice(1)).toEqual([`${B} 1-1`, `${B} 1-1`]);
  expect(receiver.events[1]).toEqual(receiver.events[2]);
});

test('[WEBHOOK30] what failed is tried at once when somebody says so, whatever the receiver had asked for', async () => {
  const world = await start();
  const failed = () => world.counts.get('webhook-failed') ?? 0;
  receiver.answer = answer(503, { 'retry-after': '7200' });
  const ids = Array.from({ length: 5 }, (_, n) => `team/${n}` as typeof A);
  for (const id of ids) await world.commit(id);
  world.clock.advance(1_000);
  await until(() => failed() === 5 && world.clock.requests === 0, 'all have failed');
  await world.advanceUntil(() => world.clock.monotonic() > 600_000, 'ten minutes', { step: 10_000 });
  expect(failed()).toBe(5);
  receiver.answer = answer(204);
  const before = world.clock.monotonic();
  world.webhooks.retry();
  await idle(world);
  expect(world.clock.monotonic()).toBe(before);
  expect(receiver.told.slice(5).sort()).toEqual(ids.map((id) => `${id} 1-1`));
});
