import type {
  ClaimOutcome,
  Delivery,
  DeliveryStore,
  DuePage,
  DuePlace,
  WantedDelivery,
} from '../server/storage/delivery-store.js';
import { AUTHORS_OF_CHANGES } from '../server/storage/delivery-store.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, fail, type StoreContext } from './store-context.js';
import { bytes, expectFault } from './store-data.js';

const HOOK = 'hook';
const SINCE = 1_000_000_000;
const FIRST: DuePlace = { minute: 0, key: 0 };

const lease = (now = SINCE, owner = 'node') => ({ owner, now, until: now + 100 });

/** What webhooks were told. */
export function deliveryStoreContract({ test }: ContractTests, given: StoreContext): void {
  const deliveries = (): DeliveryStore => given.store.deliveries ?? fail();

  const ask = async (hook: string, wanted: WantedDelivery, of = lease()): Promise<ClaimOutcome> => {
    const [outcome] = await deliveries().claimDeliveries(hook, [wanted], of);
    return outcome ?? fail();
  };
  const claim = (id: DocumentId, now?: number, owner?: string) => ask(HOOK, { id }, lease(now, owner));
  const deliveryOf = (outcome: ClaimOutcome): Delivery =>
    outcome.state === 'claimed' ? outcome.delivery : fail();
  const claimed = async (...of: Parameters<typeof claim>) => deliveryOf(await claim(...of));
  const complete = (id: DocumentId, { generation, to }: Delivery, owner = 'node') =>
    deliveries().completeDeliveries(HOOK, [{ id, generation, to }], owner);
  const open = async (id: DocumentId, now = SINCE) => (await given.store.open(id, now)).generation;

  /** All due documents, looked at in small steps. */
  async function due(store = deliveries(), hook = HOOK, after = FIRST): Promise<readonly DocumentId[]> {
    const found: DocumentId[] = [];
    let place: DuePlace | undefined = after;
    while (place !== undefined) {
      const page: DuePage = await store.dueDocuments(hook, place, 2);
      found.push(...page.documents.map(({ id }) => id));
      place = page.next;
    }
    return found;
  }

  test('[WEBHOOK20] what was committed after a hook was begun is due once, with its numbers, time and authors', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    expect(await claim(A)).toEqual({ state: 'nothing' });
    expect(await claim(B)).toEqual({ state: 'nothing' });
    const authors = ['ada', 'bob', 'ada', 'zoë\\\0"'];
    const rows = authors.map((author, clientId) => ({ update: bytes('x'), clientId, author }));
    for (const [n, one] of rows.entries())
      await given.store.append([{ id: A, generation, committedAt: SINCE + n, rows: [one] }]);
    expect(await due()).toEqual([A]);
    const expected = { generation, from: 1, to: 4, head: 4, at: SINCE + 3 };
    const first = await claimed(A);
    expect(first).toEqual({ ...expected, authors: ['zoë\\\0"', 'ada', 'bob'] });
    expect(await due()).toEqual([A]);
    await complete(A, first);
    expect(await due()).toEqual([]);
    expect(await claim(A)).toEqual({ state: 'nothing' });
    await given.append(A, generation, ['5', '6'], SINCE + 9);
    expect(await claimed(A)).toMatchObject({ from: 5, to: 6, head: 6, at: SINCE + 9 });
  });

  test('[WEBHOOK21] what was claimed is given again with the same numbers until it is completed, whatever was committed since', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    await given.append(A, generation, ['1', '2'], SINCE);
    const first = await claimed(A);
    await given.append(A, generation, ['3'], SINCE + 1);
    expect(await claimed(A)).toEqual({ ...first, head: 3 });
    expect(await claimed(A, SINCE + 100, 'another')).toEqual({ ...first, head: 3 });
    await complete(A, first);
    expect(await claimed(A, SINCE + 200)).toMatchObject({ from: 3, to: 3 });
    // Late, and known already.
    await complete(A, first);
    const second = await claimed(A, SINCE + 200);
    expect(second).toMatchObject({ from: 3, to: 3 });
    await complete(A, second);
    await complete(A, first);
    expect(await claim(A, SINCE + 300)).toEqual({ state: 'nothing' });
  });

  test('[WEBHOOK21] of what is due no more is claimed than up to a change, if one is named, and the rest comes after it', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    const append = (author: string, committedAt: number) =>
      given.store.append([
        // Each under a clientID of his own.
        {
          id: A,
          generation,
          committedAt,
          rows: [{ update: bytes('x'), clientId: author.charCodeAt(0), author }],
        },
      ]);
    for (const [n, author] of ['ada', 'bob', 'eve'].entries()) await append(author, SINCE + n);
    const upTo = (seq: number, now?: number, owner?: string) =>
      ask(HOOK, { id: A, upTo: seq }, lease(now, owner));
    expect(await upTo(0)).toEqual({ state: 'nothing' });
    const first = deliveryOf(await upTo(2));
    expect(first).toEqual({ generation, from: 1, to: 2, head: 3, at: SINCE + 1, authors: ['bob', 'ada'] });
    await append('zoe', SINCE + 9);
    expect(await claimed(A)).toEqual({ ...first, head: 4 });
    expect(deliveryOf(await upTo(3, SINCE + 100, 'another'))).toMatchObject({ from: 1, to: 2 });
    await complete(A, first, 'another');
    expect(await upTo(2, SINCE + 100)).toEqual({ state: 'nothing' });
    expect(deliveryOf(await upTo(3, SINCE + 100))).toMatchObject({ from: 3, to: 3, authors: ['eve'] });
    await complete(A, { ...first, to: 3 });
    expect(deliveryOf(await upTo(9, SINCE + 200))).toMatchObject({ from: 4, to: 4, at: SINCE + 9 });
  });

  test('[WEBHOOK22] a delivery belongs to one owner until it is completed or its lease ends', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    await given.append(A, generation, ['1'], SINCE);
    const first = await claimed(A, SINCE, 'one');
    expect(await claim(A, SINCE + 99, 'two')).toEqual({ state: 'held', until: SINCE + 100 });
    expect(await claimed(A, SINCE + 50, 'one')).toEqual(first);
    expect(await claim(A, SINCE + 149, 'two')).toEqual({ state: 'held', until: SINCE + 150 });
    expect(await claimed(A, SINCE + 150, 'two')).toEqual(first);
    await given.append(A, generation, ['2'], SINCE);
    // Whoever completes what is not his any more ends nobody's lease.
    await complete(A, first, 'one');
    expect((await claim(A, SINCE + 160, 'one')).state).toBe('held');
    await complete(A, first, 'two');
    expect(await claimed(A, SINCE + 160, 'one')).toMatchObject({ from: 2, to: 2 });
  });

  test('[WEBHOOK23] a hook that is begun hears of nothing earlier; begun again, it goes on where it was', async () => {
    const generation = await open(A, 5);
    const old = await open(B, 5);
    await given.append(A, generation, ['1', '2'], SINCE - 1);
    await given.append(B, old, ['1'], SINCE - 1);
    const record = await deliveries().beginHook(HOOK, SINCE);
    expect(record).toEqual({ since: SINCE, checkedMinute: Math.floor(SINCE / 60_000) });
    expect(await due()).toEqual([]);
    expect(await claim(A)).toEqual({ state: 'nothing' });
    await given.append(A, generation, ['3', '4'], SINCE);
    expect(await due()).toEqual([A]);
    expect(await deliveries().beginHook(HOOK, SINCE + 5_000)).toEqual(record);
    expect(await claimed(A)).toMatchObject({ from: 3, to: 4 });
    // A clock that was behind when this was committed.
    const commit = { generation: old, from: 2 };
    await given.append(B, old, ['2'], SINCE - 10);
    expect(await ask(HOOK, { id: B, commit: { ...commit, generation: 'another' } })).toEqual({
      state: 'nothing',
    });
    expect(deliveryOf(await ask(HOOK, { id: B, commit }))).toMatchObject({ from: 2, to: 2 });
  });

  test('[WEBHOOK23] hooks know nothing of one another', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    await given.append(A, generation, ['1'], SINCE);
    await complete(A, await claimed(A));
    await deliveries().beginHook('later', SINCE + 1);
    await deliveries().beginHook('as early', SINCE);
    expect(await due()).toEqual([]);
    expect(await due(deliveries(), 'later')).toEqual([]);
    expect(await due(deliveries(), 'as early')).toEqual([A]);
    await given.append(A, generation, ['2'], SINCE + 1);
    expect(await claimed(A)).toMatchObject({ from: 2, to: 2 });
    expect(deliveryOf(await ask('later', { id: A }))).toMatchObject({ from: 2, to: 2 });
    expect(deliveryOf(await ask('as early', { id: A }))).toMatchObject({ from: 1, to: 2 });
    await expectFault(deliveries().claimDeliveries('never', [{ id: A }], lease()), 'internal');
    await expectFault(deliveries().dueDocuments('never', FIRST, 1), 'internal');
  });

  test('[WEBHOOK24] due documents are found by the minutes of their last edits, in steps, each once', async () => {
    await deliveries().beginHook(HOOK, SINCE);
    const ids = Array.from({ length: 9 }, (_, n) => parseDocumentId(`team/${n}`));
    const start = Math.ceil(SINCE / 60_000);
    for (const [n, id] of ids.entries()) {
      const at = (start + (n < 6 ? 2 : 1)) * 60_000 + n;
      await given.append(id, await open(id, at), ['1'], at);
    }
    const [, second] = ids;
    if (second !== undefined) await complete(second, await claimed(second));
    const minuteFirst = [...ids.slice(6), ...ids.slice(0, 6)];
    expect(await due()).toEqual(minuteFirst.filter((id) => id !== second));
    expect(await due(deliveries(), HOOK, { minute: start + 2, key: 0 })).toEqual(
      ids.slice(0, 6).filter((id) => id !== second),
    );
    const [found] = (await deliveries().dueDocuments(HOOK, FIRST, 1)).documents;
    expect(found).toEqual({ id: ids[6], updatedAt: (start + 1) * 60_000 + 6 });
    await deliveries().hookChecked(HOOK, start + 2);
    await deliveries().hookChecked(HOOK, start + 1);
    expect((await deliveries().beginHook(HOOK, SINCE + 9)).checkedMinute).toBe(start + 2);
  });

  test('[WEBHOOK25] a document that was deleted is due as before; one that was erased is not, nor is what was told of it known', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    await given.append(A, generation, ['1', '2', '3'], SINCE);
    await given.store.remove(A, SINCE + 1);
    expect(await due()).toEqual([A]);
    const delivery = await claimed(A);
    expect(delivery).toMatchObject({ generation, from: 1, to: 3 });
    await given.store.purge(SINCE + 1, 9);
    expect(await due()).toEqual([]);
    expect(await claim(A, SINCE + 500)).toEqual({ state: 'nothing' });
    const fresh = await open(A, SINCE + 2);
    await given.append(A, fresh, ['1'], SINCE + 2);
    // Of the document that is gone.
    await complete(A, delivery);
    expect(await claimed(A)).toMatchObject({ generation: fresh, from: 1, to: 1 });
    await given.store.remove(A, SINCE + 3);
    await complete(A, await claimed(A));
    await given.store.restore(A);
    expect(await due()).toEqual([]);
  });

  test('[WEBHOOK26] where rows were trimmed the numbers are right, the time is that of the last edit, and authors are those of the rows that are there', async () => {
    const generation = await open(A);
    await deliveries().beginHook(HOOK, SINCE);
    const rows = Array.from({ length: AUTHORS_OF_CHANGES + 44 }, (_, n) => ({
      update: bytes('x'),
      clientId: n,
      author: `author ${n + 1}`,
    }));
    await given.store.append([{ id: A, generation, committedAt: SINCE, rows }]);
    const all = await claimed(A);
    expect(all).toMatchObject({ from: 1, to: 300, at: SINCE });
    expect(all.authors).toHaveLength(AUTHORS_OF_CHANGES);
    expect(all.authors[0]).toBe('author 300');
    await given.append(A, generation, ['more'], SINCE + 7);
    const snapshot = { state: bytes('s'), index: bytes('i') };
    await given.store.writeSnapshot(A, generation, { seq: 290, ...snapshot }, 290);
    expect(await claimed(A)).toMatchObject({ from: 1, to: 300, at: SINCE });
    await given.store.writeSnapshot(A, generation, { seq: 301, ...snapshot }, 301);
    expect(await claimed(A)).toEqual({ generation, from: 1, to: 300, head: 301, at: SINCE + 7, authors: [] });
    const fresh = await open(B, SINCE + 5);
    await given.append(B, fresh, ['1', '2', '3'], SINCE + 5);
    await given.store.writeSnapshot(B, fresh, { seq: 3, ...snapshot }, 3);
    expect(await claimed(B)).toMatchObject({ from: 1, to: 3, at: SINCE + 5 });
    // Nobody knows any more which was the first change of a hook that was told nothing.
    await deliveries().beginHook('later', SINCE + 1);
    expect(deliveryOf(await ask('later', { id: A }))).toMatchObject({ from: 301, to: 301, at: SINCE + 7 });
  });

  test('[WEBHOOK20] many are claimed and completed in one request each, in the order asked for', async () => {
    await deliveries().beginHook(HOOK, SINCE);
    const ids = Array.from({ length: 40 }, (_, n) => parseDocumentId(`team/${(n * 7) % 40}`));
    for (const id of ids) await given.append(id, await open(id), [id, id], SINCE);
    const nobody = parseDocumentId('team/nobody');
    const asked = [...ids.slice(0, 20), nobody, ...ids.slice(20)];
    const outcomes = await deliveries().claimDeliveries(
      HOOK,
      asked.map((id) => ({ id })),
      lease(),
    );
    expect(outcomes.map(({ state }) => state === 'claimed')).toEqual(asked.map((id) => id !== nobody));
    const told = outcomes.flatMap((outcome, n) =>
      outcome.state === 'claimed' ? [{ id: asked[n] ?? fail(), ...outcome.delivery }] : [],
    );
    for (const { id, generation } of told) expect(generation).toBe(await open(id));
    await deliveries().completeDeliveries(HOOK, told, 'node');
    expect(await due()).toEqual([]);
    expect(await deliveries().claimDeliveries(HOOK, [], lease())).toEqual([]);
    await deliveries().completeDeliveries(HOOK, [], 'node');
  });

  test('[STORE7] a store that is closed tells nothing of hooks', async () => {
    const closed = deliveries();
    await given.store.close();
    await expectFault(closed.beginHook(HOOK, SINCE), 'store-unavailable');
    await expectFault(closed.claimDeliveries(HOOK, [{ id: A }], lease()), 'store-unavailable');
  });
}
