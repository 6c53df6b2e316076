import type { AppendBatch } from '../server/storage/store.js';
import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, during, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';

/** What holds for several stores on the same documents, each in a process of its own. */
export function sharedStoreContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE22] stores that open a new document at the same time find one and the same', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    for (let n = 0; n < 10; n++) {
      const id = parseDocumentId(`team/new-${n}`);
      const heads = await Promise.all(stores.map((store) => store.open(id, n)));
      expect(new Set(heads.map(({ generation }) => generation)).size).toBe(1);
    }
  });

  test('[STORE22] stores that append to the same documents share one gapless sequence each, and see all of it', async () => {
    const stores = [given.store, await given.another()];
    const generations = new Map<typeof A, string>();
    for (const id of [A, B]) generations.set(id, (await given.store.open(id, 1)).generation);
    const writer = async (store: typeof given.store, name: number) => {
      for (let n = 0; n < 25; n++) {
        // Each names the documents in another order: whoever waits must not be waited for.
        const ids = name === 0 ? [A, B] : [B, A];
        const batches = ids.map(
          (id): AppendBatch => ({
            id,
            generation: generations.get(id) ?? '',
            committedAt: 1,
            rows: [row(`${name}/${2 * n}`), row(`${name}/${2 * n + 1}`)],
          }),
        );
        const results = await store.append(batches);
        expect(results.every(({ ok }) => ok)).toBe(true);
      }
    };
    await Promise.all(stores.map(writer));
    for (const id of [A, B]) {
      const log = await stores[1]?.readLog(id, 0, 999);
      const texts = log?.map(({ update }) => Buffer.from(update).toString()) ?? [];
      expect(texts).toHaveLength(100);
      for (const name of [0, 1]) {
        expect(texts.filter((text) => text.startsWith(`${name}/`))).toEqual(
          Array.from({ length: 50 }, (_, n) => `${name}/${n}`),
        );
      }
      // No batch has a row of the other store in its middle.
      for (let n = 0; n < 100; n += 2) expect(texts[n]?.[0]).toBe(texts[n + 1]?.[0]);
    }
  });

  test('[STORE21] [STORE22] of two authors that write under one clientID in two stores at once only one gets it', async () => {
    const other = await given.another();
    const { generation } = await given.store.open(A, 1);
    for (let clientId = 1; clientId <= 20; clientId++) {
      const batch = (author: string) => [
        { id: A, generation, committedAt: 1, rows: [{ update: bytes('x'), clientId, author }] },
      ];
      const outcomes = await Promise.all([given.store.append(batch('ada')), other.append(batch('bob'))]);
      expect(outcomes.flat().filter(({ ok }) => ok)).toHaveLength(1);
      expect(await other.readAuthor(A, clientId)).toBe(outcomes[0]?.[0]?.ok ? 'ada' : 'bob');
    }
  });

  test('[STORE22] what one store compacts is compacted for the others', async () => {
    const other = await given.another();
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2', '3', '4', '5']);
    expect(await other.readLog(A, 0, 9)).toHaveLength(5);
    const newer = { seq: 4, state: bytes('newer'), index: bytes('index') };
    await given.store.writeSnapshot(A, generation, newer, 3);
    expect(await other.readSnapshot(A)).toEqual(newer);
    expect((await other.positions([A])).get(A)).toMatchObject({ head: 5, firstRow: 4, snapshotSeq: 4 });
    await expectFault(other.readLog(A, 0, 9), 'internal');
    await other.writeSnapshot(A, generation, { seq: 3, state: bytes('older'), index: bytes('i') }, 3);
    expect(await given.store.readSnapshot(A)).toEqual(newer);
    await append(other, A, generation, ['6']);
    expect((await given.store.readLog(A, 3, 9)).map(({ seq }) => seq)).toEqual([4, 5, 6]);
  });

  test('[STORE22] a snapshot that another store replaces is read whole, and so is the new one', async () => {
    const other = await given.another();
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2', '3', '4', '5', '6']);
    const stateOf = (seq: number) => new Uint8Array(900_000 + seq).fill(seq);
    const writes = async () => {
      for (let seq = 1; seq <= 6; seq++) {
        const store = seq % 2 === 0 ? given.store : other;
        await store.writeSnapshot(A, generation, { seq, state: stateOf(seq), index: bytes('i') }, seq);
      }
    };
    let last = 0;
    await during(writes(), async () => {
      const found = await given.store.readSnapshot(A);
      if (found === undefined) return;
      expect(found.seq).toBeGreaterThanOrEqual(last);
      last = found.seq;
      expect(Buffer.compare(found.state, stateOf(last))).toBe(0);
    });
    expect((await other.readSnapshot(A))?.seq).toBe(6);
  });
}
