import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, type StoreContext } from './store-context.js';
import { expectFault } from './store-data.js';
import { link } from './store-links.js';

/** Looking at one document, also at a deleted one. */
export function storeFindContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE40] one document is found as it is listed, and a deleted one with the time of that', async () => {
    const { store } = given;
    expect(await store.find(A)).toBeUndefined();
    await store.create(A, 5);
    await store.open(B, 6);
    const { generation } = await store.open(A, 7);
    await append(store, A, generation, ['1', '2']);
    const [listed] = (await store.list({ limit: 9 })).filter(({ id }) => id === A);
    expect(await store.find(A)).toEqual(listed);
    expect(listed).toMatchObject({ id: A, head: 2, createdAt: 5 });

    await store.remove(A, 1_800_000_000_123);
    expect(await store.find(A)).toEqual({ ...listed, deletedAt: 1_800_000_000_123 });
    expect((await store.find(B))?.deletedAt).toBeUndefined();
    await store.restore(A);
    expect(await store.find(A)).toEqual(listed);
    await store.remove(A, 8);
    await store.purge(8, 9);
    expect(await store.find(A)).toBeUndefined();
    expect(await store.find(parseDocumentId('never'))).toBeUndefined();
  });

  test('[STORE41] the links of a deleted document are found by who asks for that, until it is erased', async () => {
    const { store } = given;
    const [first, second] = [link(A, 1, { role: 'owner' }), link(A, 2)];
    await store.create(A, 1, first);
    await store.addLink(second, 9);
    await store.remove(A, 2);
    expect(await store.findLink(first.hash)).toBeUndefined();
    expect(await store.findLink(first.hash, false)).toBeUndefined();
    expect(await store.findLink(first.hash, true)).toEqual(first);
    await store.restore(A);
    expect(await store.findLink(second.hash, true)).toEqual(second);
    await store.removeLink(A, second.id, 3);
    await store.remove(A, 4);
    expect(await store.findLink(second.hash, true)).toBeUndefined();
    await store.purge(4, 9);
    expect(await store.findLink(first.hash, true)).toBeUndefined();
  });

  test('[STORE7] a store that is closed finds nothing', async () => {
    await given.store.close();
    await expectFault(given.store.find(A), 'store-unavailable');
  });
}
