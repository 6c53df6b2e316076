import {
  FORGET_HOOK_MS,
  LIFE_KINDS,
  type LifeEvent,
  type LifeOutcome,
  type LifeStore,
} from '../server/storage/delivery-store.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, fail, type StoreContext } from './store-context.js';
import { expectFault } from './store-data.js';

const HOOK = 'hook';
const NOW = 1_000_000_000;
const C = parseDocumentId('team/moved');

const lease = (now = NOW, owner = 'node') => ({ owner, now, until: now + 100 });

/** What webhooks are to be told of documents besides their changes. */
export function lifeEventContract({ test }: ContractTests, given: StoreContext): void {
  const life = (): LifeStore => given.store.deliveries?.life ?? fail();
  const claim = async (id: DocumentId, of = lease(), hook = HOOK): Promise<LifeOutcome> =>
    (await life().claimEvents(hook, [id], of))[0] ?? fail();
  const complete = ({ key }: LifeEvent) => life().completeEvents(HOOK, [key]);
  const due = async (hook = HOOK) =>
    (await life().dueEvents(hook, 0, 99)).map(({ kind, id }) => `${kind} ${id}`);

  /** Everything that is due under a name, each with the name that the document has now. */
  async function drain(id: DocumentId): Promise<readonly (LifeEvent & { now: DocumentId | undefined })[]> {
    const told: (LifeEvent & { now: DocumentId | undefined })[] = [];
    for (;;) {
      const outcome = await claim(id);
      if (outcome.state !== 'claimed') return told;
      told.push({ ...outcome.event, now: outcome.now });
      await complete(outcome.event);
    }
  }

  test('[WEBHOOK27] what becomes of a document is kept, with its names, its head and the time, in the order in which it happened', async () => {
    await life().keepEvents(HOOK, LIFE_KINDS, NOW);
    const { generation } = await given.store.open(A, NOW + 1);
    await given.append(A, generation, ['1', '2'], NOW + 2);
    await given.store.remove(A, NOW + 3);
    await given.store.restore(A);
    await given.store.rename(A, C, NOW + 4);
    await given.store.remove(C, NOW + 5);
    expect(await given.store.purge(NOW + 5, 9)).toEqual([C]);
    const events = await life().dueEvents(HOOK, 0, 9);
    const facts = events.map(({ kind, id, former, head }) => [kind, id, former, head]);
    expect(facts).toEqual([
      ['created', A, undefined, 0],
      ['deleted', A, undefined, 2],
      ['restored', A, undefined, 2],
      ['moved', C, A, 2],
      ['deleted', C, undefined, 2],
      ['purged', C, undefined, 2],
    ]);
    expect(new Set(events.map((event) => event.generation))).toEqual(new Set([generation]));
    expect([events[0], events[1], events[4]].map((event) => event?.at)).toEqual([NOW + 1, NOW + 3, NOW + 5]);
    for (const { at } of events) expect(Number.isInteger(at)).toBe(true);
    const keys = events.map(({ key }) => key);
    expect([...keys].sort((a, b) => a - b)).toEqual(keys);
    expect(await life().dueEvents(HOOK, keys[1] ?? fail(), 2)).toEqual(events.slice(2, 4));
  });

  test('[WEBHOOK27] what did not happen is not kept, nor what nobody wants to hear of', async () => {
    await given.store.create(B, NOW);
    await life().keepEvents(HOOK, ['created', 'deleted'], NOW);
    await given.store.open(B, NOW);
    expect(await given.store.create(B, NOW)).toBe(false);
    expect(await given.store.restore(B)).toBe(false);
    expect(await given.store.remove(A, NOW)).toBe(false);
    expect(await given.store.rename(A, C, NOW)).toBe('absent');
    expect(await due()).toEqual([]);
    expect(await given.store.create(A, NOW)).toBe(true);
    expect(await given.store.rename(A, B, NOW)).toBe('taken');
    expect(await given.store.rename(A, C, NOW)).toBe('done');
    await given.store.remove(C, NOW);
    await given.store.restore(C);
    await life().keepEvents('other', ['restored'], NOW);
    await given.store.remove(C, NOW);
    await given.store.restore(C);
    expect(await due()).toEqual([`created ${A}`, `deleted ${C}`, `deleted ${C}`]);
    expect(await due('other')).toEqual([`restored ${C}`]);
    expect(await claim(C, lease(), 'unknown')).toEqual({ state: 'nothing' });
  });

  test('[WEBHOOK28] an event belongs to its owner until it is completed or its lease ends, and is given again until then', async () => {
    await life().keepEvents(HOOK, ['created'], NOW);
    await given.store.create(A, NOW);
    const first = await claim(A);
    if (first.state !== 'claimed') fail();
    expect(first.now).toBe(A);
    expect(first.event).toMatchObject({ kind: 'created', id: A });
    expect(await claim(A, lease(NOW + 99))).toEqual(first);
    expect(await claim(A, lease(NOW + 150, 'other'))).toEqual({ state: 'held', until: NOW + 199 });
    expect(await claim(A, lease(NOW + 199, 'other'))).toEqual(first);
    expect(await claim(A)).toEqual({ state: 'held', until: NOW + 299 });
    await complete(first.event);
    await complete(first.event);
    expect(await claim(A, lease(NOW + 400))).toEqual({ state: 'nothing' });
    expect(await life().claimEvents(HOOK, [], lease())).toEqual([]);
    await life().completeEvents(HOOK, []);
  });

  test('[WEBHOOK28] an event comes after the earlier ones of its document, under whichever name it is asked for', async () => {
    await life().keepEvents(HOOK, LIFE_KINDS, NOW);
    await given.store.create(A, NOW);
    await given.store.rename(A, C, NOW);
    for (const id of [A, C]) {
      const outcome = await claim(id);
      if (outcome.state !== 'claimed') fail();
      expect(outcome.now).toBe(C);
      expect(outcome.event).toMatchObject({ kind: 'created', id: A });
    }
    expect(await claim(B)).toEqual({ state: 'nothing' });
    const told = await drain(C);
    expect(told.map(({ kind, id, former, now }) => [kind, id, former, now])).toEqual([
      ['created', A, undefined, C],
      ['moved', C, A, C],
    ]);
  });

  test('[WEBHOOK28] an event comes after those of an earlier document of its name', async () => {
    await life().keepEvents(HOOK, LIFE_KINDS, NOW);
    await given.store.create(A, NOW);
    await given.store.remove(A, NOW);
    await given.store.purge(NOW, 9);
    await given.store.create(A, NOW);
    await given.store.create(B, NOW);
    await given.store.rename(A, C, NOW);
    await given.store.rename(B, A, NOW);
    const told = await drain(A);
    expect(told.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      `created ${A}`,
      `deleted ${A}`,
      `purged ${A}`,
      `created ${A}`,
      `created ${B}`,
      `moved ${C}`,
      `moved ${A}`,
    ]);
    // The name that the second one had is the third one's.
    const none = undefined;
    expect(told.map(({ now }) => now)).toEqual([none, none, none, none, A, C, A]);
    expect(await due()).toEqual([]);
  });

  test('[WEBHOOK29] a hook that wants nothing any more is forgotten, and so is one that nobody had for long', async () => {
    await life().keepEvents(HOOK, LIFE_KINDS, NOW);
    await life().keepEvents('other', LIFE_KINDS, NOW + FORGET_HOOK_MS);
    await given.store.create(A, NOW);
    await life().keepEvents(HOOK, LIFE_KINDS, NOW + 1);
    expect(await due()).toEqual([`created ${A}`]);
    await life().keepEvents(HOOK, [], NOW + 1);
    expect(await due()).toEqual([]);
    expect(await due('other')).toEqual([`created ${A}`]);
    await life().keepEvents(HOOK, LIFE_KINDS, NOW + 2 * FORGET_HOOK_MS + 1);
    expect(await due('other')).toEqual([]);
    await given.store.create(B, NOW);
    expect([await due(), await due('other')]).toEqual([[`created ${B}`], []]);
    const closed = life();
    await given.store.close();
    await expectFault(closed.claimEvents(HOOK, [A], lease()), 'store-unavailable');
  });
}

/** The same, by several stores on the same documents at once. */
export function sharedLifeContract({ test }: ContractTests, given: StoreContext): void {
  test('[WEBHOOK28] of stores that claim at once each event belongs to one, and they come in their order', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    const ids = Array.from({ length: 6 }, (_, n) => parseDocumentId(`team/${n}`));
    await (given.store.deliveries?.life ?? fail()).keepEvents(HOOK, LIFE_KINDS, NOW);
    let acting = true;
    const act = async () => {
      for (let n = 0; n < 5; n++)
        await Promise.all(
          ids.map(async (id, place) => {
            const store = stores[(n + place) % stores.length] ?? fail();
            await store.open(id, NOW);
            await store.remove(id, NOW);
            await store.restore(id);
          }),
        );
      acting = false;
    };
    const told = new Map<DocumentId, string[]>(ids.map((id) => [id, []]));
    const tell = async ({ deliveries }: (typeof stores)[number], name: number) => {
      const events = deliveries?.life ?? fail();
      const owner = `node ${name}`;
      for (let idle = false; !idle; ) {
        const last = !acting;
        const order = name % 2 === 0 ? ids : [...ids].reverse();
        const outcomes = await events.claimEvents(HOOK, order, { owner, now: 1, until: 1e12 });
        const mine = outcomes.flatMap((outcome) => (outcome.state === 'claimed' ? [outcome.event] : []));
        for (const { id, kind } of mine) told.get(id)?.push(kind);
        await events.completeEvents(
          HOOK,
          mine.map(({ key }) => key),
        );
        idle = last && outcomes.every(({ state }) => state === 'nothing');
      }
    };
    await Promise.all([act(), ...stores.map(tell)]);
    const expected = ['created', ...Array.from({ length: 5 }, () => ['deleted', 'restored']).flat()];
    for (const id of ids) expect(told.get(id)).toEqual(expected);
  });
}
