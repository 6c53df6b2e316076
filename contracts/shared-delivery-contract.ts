import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { fail, type StoreContext } from './store-context.js';

/** What webhooks were told, by several stores on the same documents at once. */
export function sharedDeliveryContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE22] [WEBHOOK22] of stores that claim at once each delivery belongs to one, none is left out, and nobody waits for one that waits for him', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    const ids = Array.from({ length: 8 }, (_, n) => parseDocumentId(`team/${n}`));
    const generations = new Map<DocumentId, string>();
    for (const id of ids) generations.set(id, (await given.store.open(id, 1_000)).generation);
    await Promise.all(stores.map(async ({ deliveries = fail() }) => deliveries.beginHook('hook', 1_000)));
    let writing = true;
    const write = async () => {
      for (let n = 0; n < 30; n++)
        for (const id of ids) await given.append(id, generations.get(id) ?? fail(), [`${n}`], 1_000);
      writing = false;
    };
    const told = new Map<DocumentId, [number, number][]>(ids.map((id) => [id, []]));
    const tell = async ({ deliveries = fail() }: (typeof stores)[number], name: number) => {
      const owner = `node ${name}`;
      for (let idle = false; !idle; ) {
        const last = !writing;
        const order = name % 2 === 0 ? ids : [...ids].reverse();
        const wanted = order.map((id) => ({ id }));
        const outcomes = await deliveries.claimDeliveries('hook', wanted, { owner, now: 1, until: 1e12 });
        const mine = outcomes.flatMap((outcome, n) =>
          outcome.state === 'claimed' ? [{ id: order[n] ?? fail(), ...outcome.delivery }] : [],
        );
        for (const { id, from, to } of mine) told.get(id)?.push([from, to]);
        await deliveries.completeDeliveries('hook', mine, owner);
        idle = last && outcomes.every(({ state }) => state === 'nothing');
      }
    };
    await Promise.all([write(), ...stores.map(tell)]);
    for (const id of ids) {
      const parts = (told.get(id) ?? []).sort(([a], [b]) => a - b);
      for (const [n, [from]] of parts.entries()) expect(from).toBe((parts[n - 1]?.[1] ?? 0) + 1);
      expect(parts.at(-1)?.[1]).toBe(30);
    }
  });
}
