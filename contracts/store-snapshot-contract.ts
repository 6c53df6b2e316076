import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, during, fail, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';

/** Snapshots, and the trimming that they allow. */
export function storeSnapshotContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE4] a snapshot comes back as it was, and only the rows that it covers and the caller names are trimmed', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2', '3', '4', '5']);
    expect(await given.store.readSnapshot(A)).toBeUndefined();
    expect(await given.store.readSnapshot(B)).toBeUndefined();
    const snapshot = { seq: 4, state: bytes('state of 4'), index: bytes('index') };
    await given.store.writeSnapshot(A, generation, snapshot, 2);
    expect(await given.store.readSnapshot(A)).toEqual(snapshot);
    expect(await given.store.open(A, 1)).toEqual({
      generation,
      head: 5,
      firstRow: 3,
      snapshotSeq: 4,
      snapshotBytes: 10,
      snapshotIndex: bytes('index'),
    });
    expect((await given.store.readLog(A, 2, 10)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
    await expectFault(given.store.readLog(A, 1, 10), 'internal');

    await given.store.writeSnapshot(A, generation, { ...snapshot, seq: 5 }, 5);
    expect(await given.store.open(A, 1)).toMatchObject({ head: 5, firstRow: 6, snapshotSeq: 5 });
    expect(await given.store.readLog(A, 5, 10)).toEqual([]);
    expect(await given.append(A, generation, ['6'])).toBe(6);
  });

  test('[STORE4] an older snapshot is ignored and trims nothing; one of the same seq takes its place', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2', '3']);
    const newer = { seq: 3, state: bytes('newer'), index: bytes('n') };
    await given.store.writeSnapshot(A, generation, newer, 0);
    await given.store.writeSnapshot(A, generation, { seq: 2, state: bytes('older'), index: bytes('o') }, 2);
    expect(await given.store.readSnapshot(A)).toEqual(newer);
    expect(await given.store.open(A, 1)).toMatchObject({ firstRow: 1, snapshotSeq: 3 });
    await given.store.writeSnapshot(A, generation, { ...newer, state: bytes('again') }, 1);
    expect((await given.store.readSnapshot(A))?.state).toEqual(bytes('again'));
    await given.store.writeSnapshot(A, generation, newer, 0);
    expect(await given.store.open(A, 1)).toMatchObject({ firstRow: 2, snapshotSeq: 3 });
  });

  test('[STORE4] a snapshot of another generation, ahead of the log, or that would trim too much is refused', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2']);
    const snapshot = { seq: 2, state: bytes('s'), index: bytes('i') };
    await expectFault(given.store.writeSnapshot(A, 'another', snapshot, 0), 'generation-changed');
    await expectFault(given.store.writeSnapshot(B, generation, snapshot, 0), 'generation-changed');
    await expectFault(given.store.writeSnapshot(A, generation, { ...snapshot, seq: 3 }, 0), 'internal');
    await expectFault(given.store.writeSnapshot(A, generation, { ...snapshot, seq: 1 }, 2), 'internal');
    expect(await given.store.open(A, 1)).toMatchObject({ head: 2, firstRow: 1, snapshotSeq: 0 });
  });

  test('[STORE4] a log of thousands of rows is trimmed whole', async () => {
    const { generation } = await given.store.open(A, 1);
    const texts = Array.from({ length: 2600 }, (_, n) => `${n + 1}`);
    await given.append(A, generation, texts);
    expect((await given.store.readLog(A, 0, 5000)).map(({ update }) => update)).toEqual(texts.map(bytes));
    await given.store.writeSnapshot(A, generation, { seq: 2600, state: bytes('s'), index: bytes('i') }, 2500);
    expect(await given.store.open(A, 1)).toMatchObject({ head: 2600, firstRow: 2501 });
    expect((await given.store.readLog(A, 2500, 5000)).map(({ update }) => update)).toEqual(
      texts.slice(2500).map(bytes),
    );
    await expectFault(given.store.readLog(A, 2499, 1), 'internal');
  });

  test('[STORE4] whoever reads while newer snapshots take the place of older ones gets a whole one', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2', '3', '4', '5', '6']);
    const snapshotOf = (seq: number) => ({
      seq,
      state: new Uint8Array(700_000 + seq).fill(seq),
      index: new Uint8Array(100_000 - seq).fill(seq),
    });
    await given.store.writeSnapshot(A, generation, snapshotOf(1), 0);
    const writes = async () => {
      for (let seq = 2; seq <= 6; seq++) await given.store.writeSnapshot(A, generation, snapshotOf(seq), seq);
    };
    let last = 1;
    await during(writes(), async () => {
      const found = await given.store.readSnapshot(A);
      expect(found?.seq).toBeGreaterThanOrEqual(last);
      last = found?.seq ?? 0;
      const { state, index } = snapshotOf(last);
      expect(Buffer.compare(found?.state ?? bytes(''), state)).toBe(0);
      expect(Buffer.compare(found?.index ?? bytes(''), index)).toBe(0);
    });
    expect((await given.store.readSnapshot(A))?.seq).toBe(6);
  });

  test('[STORE4] snapshots of every size come back as they were, also when several are written at once', async () => {
    const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000];
    const heads = await Promise.all(
      sizes.map((size) => given.store.open(parseDocumentId(`size/${size}`), 1)),
    );
    const snapshots = sizes.map((size, n) => ({
      seq: 0,
      state: new Uint8Array(size).map((_, place) => place * 7 + n),
      index: new Uint8Array(sizes[sizes.length - 1 - n] ?? 0).map((_, place) => place * 3 + n),
    }));
    const ids = sizes.map((size) => parseDocumentId(`size/${size}`));
    await Promise.all(
      ids.map(async (id, n) => {
        const { generation } = heads[n] ?? { generation: '' };
        await given.append(id, generation, ['1']);
        await given.store.writeSnapshot(id, generation, { ...(snapshots[n] ?? fail()), seq: 1 }, 1);
      }),
    );
    const found = await Promise.all(ids.map((id) => given.store.readSnapshot(id)));
    for (const [n, snapshot] of found.entries()) {
      expect(Buffer.compare(snapshot?.state ?? fail(), snapshots[n]?.state ?? fail())).toBe(0);
      expect(Buffer.compare(snapshot?.index ?? fail(), snapshots[n]?.index ?? fail())).toBe(0);
      expect((await given.store.open(ids[n] ?? fail(), 1)).snapshotIndex).toHaveLength(
        snapshot?.index.length ?? -1,
      );
    }
  });

  test('[STORE4] a snapshot of 10 MB and an update of 1 MB come back as they were', async () => {
    const { generation } = await given.store.open(A, 1);
    const update = new Uint8Array(1_000_000).map((_, n) => n * 31);
    const state = new Uint8Array(10_000_000).map((_, n) => n * 7);
    await given.store.append([{ id: A, generation, committedAt: 1, rows: [{ ...row(''), update }] }]);
    await given.store.writeSnapshot(A, generation, { seq: 1, state, index: bytes('i') }, 0);
    expect(Buffer.compare((await given.store.readLog(A, 0, 1))[0]?.update ?? bytes(''), update)).toBe(0);
    expect(Buffer.compare((await given.store.readSnapshot(A))?.state ?? bytes(''), state)).toBe(0);
    expect((await given.store.open(A, 1)).snapshotBytes).toBe(10_000_000);
  });
}
