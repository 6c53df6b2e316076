import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, type StoreContext } from './store-context.js';
import { expectFault, row } from './store-data.js';

/** Documents that are deleted, or get other names, only if nobody has written in them meanwhile. */
export function storeConditionContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE45] a document is deleted, or gets another name, only if its log ends where it has to', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    await append(store, A, generation, ['1', '2'], 2);
    const end = { generation, head: 2 };
    const elsewhere = [
      { generation, head: 1 },
      { generation, head: 3 },
      { generation: 'another', head: 2 },
    ];
    for (const at of elsewhere) {
      await expectFault(store.remove(A, 3, at), 'precondition-failed');
      await expectFault(store.rename(A, B, 3, at), 'precondition-failed');
    }
    expect(await store.find(A)).toEqual({ id: A, head: 2, createdAt: 1, updatedAt: 2 });

    expect(await store.rename(A, B, 4, end)).toBe('done');
    // Of what is not there nothing is asked.
    expect(await store.rename(A, B, 5, end)).toBe('absent');
    expect(await store.remove(A, 5, end)).toBe(false);
    await append(store, B, generation, ['3'], 6);
    await expectFault(store.remove(B, 7, end), 'precondition-failed');
    expect(await store.remove(B, 8, { generation, head: 3 })).toBe(true);
    expect(await store.remove(B, 9, { generation, head: 3 })).toBe(false);
  });

  test('[STORE45] of a deletion and an edit that come at once, the document has one', async () => {
    const { store } = given;
    for (let n = 0; n < 10; n++) {
      const { generation, head } = await store.open(A, 1);
      const edit = { id: A, generation, committedAt: 1, rows: [row('x')] };
      const write = async () => (await store.append([edit]))[0]?.ok;
      const remove = () => store.remove(A, 2, { generation, head }).catch(({ code }) => code);
      // Whichever is begun first.
      const begun = n % 2 === 0 ? [write(), remove()] : [remove(), write()].reverse();
      const [written, removed] = await Promise.all(begun);
      expect([written, removed]).toEqual(written ? [true, 'precondition-failed'] : [false, true]);
      await store.restore(A);
    }
  });
}
