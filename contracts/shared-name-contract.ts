import type { AppendResult, DocumentStore } from '../server/storage/store.js';
import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, during, fail, type StoreContext } from './store-context.js';
import { row } from './store-data.js';
import { link } from './store-links.js';

/** Guards, receipts and names, in several processes at the same time. */
export function sharedNameContract({ test }: ContractTests, given: StoreContext): void {
  const done = (results: readonly AppendResult[]) => results.filter(({ ok }) => ok);

  test('[STORE22] [GUARD3] of stores that append at once with one head, or one receipt, one does', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    const { generation } = await given.store.open(A, 1);
    for (let n = 0; n < 6; n++) {
      const { head } = await given.store.open(A, 1);
      const batch = { id: A, generation, committedAt: 1, rows: [row(`${n}`)] };
      const heads = await Promise.all(stores.map((store) => store.append([{ ...batch, guard: { head } }])));
      expect(done(heads.flat())).toEqual([{ ok: true, firstSeq: head + 1 }]);
      const guard = { receipt: { key: `key ${n}`, digest: 'd' } };
      const keys = await Promise.all(stores.map((store) => store.append([{ ...batch, guard }])));
      expect(done(keys.flat())).toEqual([{ ok: true, firstSeq: head + 2 }]);
      expect((await given.store.readReceipt(`key ${n}`))?.seq).toBe(head + 2);
      const kept = await Promise.all(
        stores.map((store) => store.keepReceipt({ key: `kept ${n}`, digest: 'd', createdAt: 1 })),
      );
      expect(kept.filter((first) => first)).toHaveLength(1);
    }
    const log = await given.store.readLog(A, 0, 99);
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });

  test('[STORE22] [STORE45] of an edit, a deletion and a move that come at once to stores of their own, one happens', async () => {
    const { store } = given;
    const stores = [await given.another(), await given.another()];
    const C = parseDocumentId('other/c');
    let name = A;
    for (let n = 0; n < 12; n++) {
      const { generation, head } = await store.open(name, 1);
      const end = { generation, head };
      const free = name === A ? C : A;
      const [edited, removed, moved] = await Promise.all([
        // Every other time the two are among themselves.
        n % 2 === 0 ? store.append([{ id: name, generation, committedAt: 1, rows: [row('x')] }]) : [],
        stores[0]?.remove(name, 2, end).catch(({ code }) => code),
        stores[1]?.rename(name, free, 3, end).catch(({ code }) => code),
      ]);
      const happened = [edited[0]?.ok === true, removed === true, moved === 'done'];
      expect([n, happened.filter((one) => one).length]).toEqual([n, 1]);
      if (moved === 'done') name = free;
      await store.restore(name);
    }
  });

  test('[STORE22] [GUARD3] nobody waits for one that waits for him, however receipts and documents are mixed', async () => {
    const stores = [given.store, await given.another()];
    const ids = Array.from({ length: 4 }, (_, n) => parseDocumentId(`team/${n}`));
    const generations = await Promise.all(ids.map(async (id) => (await given.store.open(id, 1)).generation));
    const writer = async (store: DocumentStore, name: number) => {
      for (let n = 0; n < 12; n++) {
        const order = name === 0 ? [0, 1, 2, 3] : [3, 2, 1, 0];
        const batches = order.map((of, place) => ({
          id: ids[of] ?? fail(),
          generation: generations[of] ?? fail(),
          committedAt: 1,
          rows: [row('x')],
          // The same keys, each under other documents in the other store.
          guard: { receipt: { key: `${n}/${place % 2 === name ? 'a' : 'b'}`, digest: 'd' } },
        }));
        await store.append(n % 3 === 0 ? batches.slice(0, 1) : batches);
        if (n % 4 === 0) await store.forgetReceipts(1, 3);
      }
    };
    await Promise.all(stores.map(writer));
    for (const id of ids) {
      const { head } = await given.store.open(id, 1);
      expect(await stores[1]?.readLog(id, 0, 99)).toHaveLength(head);
    }
  });

  test('[STORE22] [STORE43] of stores that give a document, or several ones, one name at once one does', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    for (let n = 0; n < 4; n++) {
      const [from, to] = [parseDocumentId(`team/from-${n}`), parseDocumentId(`team/to-${n}`)];
      const others = stores.map((_, place) => parseDocumentId(`team/other-${n}-${place}`));
      for (const id of others) await given.store.create(id, 1);
      const { generation } = await given.store.open(from, 1);
      await given.append(from, generation, ['1']);
      const outcomes = await Promise.all([
        ...stores.map((store) => store.rename(from, to, 2)),
        ...stores.map((store, place) => store.rename(others[place] ?? from, to, 2)),
      ]);
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
      const names = (await given.store.list({ limit: 99, prefix: 'team/' })).map(({ id }) => id);
      expect(names.filter((id) => id === to || id === from || others.includes(id))).toHaveLength(
        stores.length + 1,
      );
      for (const store of stores) expect((await store.find(to))?.id).toBe(to);
    }
  });

  test('[STORE22] [STORE43] what is appended while another store gives the document other names is in the log or refused', async () => {
    const other = await given.another();
    await given.store.create(A, 1, link(A, 1));
    const { generation } = await given.store.open(A, 1);
    const kept: string[] = [];
    let refused = 0;
    const writer = async () => {
      for (let n = 0; n < 60; n++) {
        for (const id of [A, B]) {
          const [result] = await given.store.append([
            { id, generation, committedAt: 1, rows: [{ ...row(`${n}${id}`), clientId: n }] },
          ]);
          if (result?.ok) kept.push(`${n}${id}`);
          else {
            expect(result?.code).toBe('generation-changed');
            refused++;
          }
        }
      }
    };
    let at = A;
    await during(writer(), async () => {
      const to = at === A ? B : A;
      expect(await other.rename(at, to, 2)).toBe('done');
      at = to;
    });
    expect(refused).toBeGreaterThan(0);
    const log = await given.store.readLog(at, 0, 999, generation);
    expect(log.map(({ update }) => Buffer.from(update).toString())).toEqual(kept);
    expect((await other.findLink(link(A, 1).hash))?.document).toBe(at);
    expect(await append(other, at, generation, ['last'])).toBe(kept.length + 1);
  });
}
