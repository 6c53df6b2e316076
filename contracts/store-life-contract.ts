import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';

/** Opening, standing, closing. */
export function storeLifeContract({ test }: ContractTests, given: StoreContext, shared: boolean): void {
  test('[STORE22] it says whether other processes may use the same documents', () => {
    expect(given.store.shared).toBe(shared);
  });

  test('[STORE1] opening a document that is not there creates it empty; opening it again finds the same one', async () => {
    const created = await given.store.open(A, 5);
    expect(created).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0, snapshotBytes: 0 });
    expect(created.snapshotIndex).toHaveLength(0);
    expect(created.generation).not.toBe('');
    expect(await given.store.open(A, 6)).toEqual(created);
    expect((await given.store.open(B, 7)).generation).not.toBe(created.generation);
    expect(await Promise.all([1, 2, 3].map((now) => given.store.open(A, now)))).toEqual([
      created,
      created,
      created,
    ]);
  });

  test('[STORE7] closing waits for what is under way; afterwards every call is refused', async () => {
    const { generation } = await given.store.open(A, 1);
    const under = given.store.append([{ id: A, generation, committedAt: 1, rows: [row('last')] }]);
    const closing = given.store.close();
    expect(await under).toEqual([{ ok: true, firstSeq: 1 }]);
    await closing;
    await given.store.close();
    await expectFault(given.store.append([]), 'store-unavailable');
    await expectFault(given.store.open(A, 1), 'store-unavailable');
    await expectFault(given.store.list({ limit: 1 }), 'store-unavailable');
  });

  test('[STORE19] how many documents stand is one request; those that were never opened are left out', async () => {
    const a = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    await given.append(A, a.generation, ['1', '2', '3']);
    await given.store.writeSnapshot(
      A,
      a.generation,
      { seq: 2, state: bytes('state'), index: bytes('index') },
      1,
    );
    const positions = await given.store.positions([B, parseDocumentId('team/never-opened'), A, A]);
    expect(new Map([...positions].sort())).toEqual(
      new Map([
        [A, { generation: a.generation, head: 3, firstRow: 2, snapshotSeq: 2, snapshotBytes: 5 }],
        [B, { generation: b.generation, head: 0, firstRow: 1, snapshotSeq: 0, snapshotBytes: 0 }],
      ]),
    );
    expect((await given.store.positions([])).size).toBe(0);
    expect((await given.store.open(parseDocumentId('team/never-opened'), 2)).head).toBe(0);
  });

  test('[STORE20] whoever reads the log or the snapshot of another generation is told so', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.append(A, generation, ['1', '2']);
    await given.store.writeSnapshot(A, generation, { seq: 1, state: bytes('s'), index: bytes('i') }, 0);
    expect(await given.store.readLog(A, 0, 9, generation)).toHaveLength(2);
    expect((await given.store.readSnapshot(A, generation))?.seq).toBe(1);
    await expectFault(given.store.readLog(A, 0, 9, 'another'), 'generation-changed');
    await expectFault(given.store.readSnapshot(A, 'another'), 'generation-changed');
    const none = parseDocumentId('team/never-opened');
    await expectFault(given.store.readLog(none, 0, 9, generation), 'generation-changed');
    await expectFault(given.store.readSnapshot(none, generation), 'generation-changed');
    expect(await given.store.readSnapshot(none)).toBeUndefined();
  });
}
