import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, fail, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';

/** Appending to logs and reading them. */
export function storeLogContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE2] rows get the numbers 1, 2, 3 … without gaps and come back as they were, in order', async () => {
    const { generation } = await given.store.open(A, 1);
    expect(await given.append(A, generation, ['one', 'two'], 10)).toBe(1);
    expect(await given.append(A, generation, [], 15)).toBe(3);
    expect(await given.append(A, generation, ['three', ''], 20)).toBe(3);
    expect(await given.store.readLog(A, 0, 10)).toEqual([
      { seq: 1, committedAt: 10, ...row('one') },
      { seq: 2, committedAt: 10, ...row('two') },
      { seq: 3, committedAt: 20, ...row('three') },
      { seq: 4, committedAt: 20, ...row('') },
    ]);
    expect((await given.store.readLog(A, 1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await given.store.readLog(A, 4, 10)).toEqual([]);
    expect(await given.store.readLog(A, 9, 10)).toEqual([]);
    expect(await given.store.readLog(A, 0, 0)).toEqual([]);
    expect(await given.store.open(A, 9)).toMatchObject({ head: 4, firstRow: 1 });
    await expectFault(given.store.readLog(B, 0, 10), 'internal');
  });

  test('[STORE2] many appends at the same time share one gapless sequence, each batch in one piece', async () => {
    const { generation } = await given.store.open(A, 1);
    const batches = Array.from({ length: 40 }, (_, n) => [`${n}:0`, `${n}:1`, `${n}:2`]);
    const firsts = await Promise.all(batches.map((texts) => given.append(A, generation, texts)));
    expect([...firsts].sort((x, y) => x - y)).toEqual(batches.map((_, n) => 1 + 3 * n));
    const log = await given.store.readLog(A, 0, 1000);
    for (const [n, first] of firsts.entries()) {
      expect(log.slice(first - 1, first + 2).map(({ update }) => update)).toEqual(batches[n]?.map(bytes));
    }
  });

  test('[STORE3] one append takes batches of many documents; one that cannot be stored fails alone', async () => {
    const a = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    const batch = { committedAt: 2, rows: [row('x'), row('y')] };
    const results = await given.store.append([
      { id: A, generation: a.generation, ...batch },
      { id: B, generation: 'another', ...batch },
      { id: parseDocumentId('team/never-opened'), generation: a.generation, ...batch },
      { id: B, generation: b.generation, ...batch },
      { id: A, generation: a.generation, ...batch },
    ]);
    expect(results).toEqual([
      { ok: true, firstSeq: 1 },
      { ok: false, code: 'generation-changed' },
      { ok: false, code: 'generation-changed' },
      { ok: true, firstSeq: 1 },
      { ok: true, firstSeq: 3 },
    ]);
    expect((await given.store.open(A, 3)).head).toBe(4);
    expect((await given.store.open(B, 3)).head).toBe(2);
    expect(await given.store.append([])).toEqual([]);
  });

  test('[STORE3] what the caller does with its buffers afterwards changes nothing', async () => {
    const { generation } = await given.store.open(A, 1);
    const large = bytes('..update..');
    const update = large.subarray(2, 8);
    const appending = given.store.append([
      { id: A, generation, committedAt: 1, rows: [{ ...row(''), update }] },
    ]);
    large.fill(0);
    await appending;
    expect((await given.store.readLog(A, 0, 1))[0]?.update).toEqual(bytes('update'));
    const snapshot = { seq: 1, state: bytes('..state').subarray(2), index: bytes('.index').subarray(1) };
    await given.store.writeSnapshot(A, generation, snapshot, 1);
    snapshot.state.fill(0);
    snapshot.index.fill(0);
    expect(await given.store.readSnapshot(A)).toEqual({
      seq: 1,
      state: bytes('state'),
      index: bytes('index'),
    });
  });

  test('[STORE2] names with every allowed character, upper and lower case apart, are documents of their own', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.';
    const names = [...alphabet.slice(0, -1)].map((letter) => `${letter}/${letter}.`);
    names.push(
      `${alphabet.slice(0, 64)}/${alphabet.slice(1, 65)}`,
      'case/Name',
      'case/name',
      '__proto__/__proto__',
    );
    const ids = names.map(parseDocumentId);
    const heads = await Promise.all(ids.map((id) => given.store.open(id, 1)));
    expect(new Set(heads.map(({ generation }) => generation)).size).toBe(ids.length);
    const results = await given.store.append(
      ids.map((id, n) => ({ id, generation: heads[n]?.generation ?? '', committedAt: 1, rows: [row(id)] })),
    );
    expect(results.every((result) => result.ok && result.firstSeq === 1)).toBe(true);
    for (const id of ids)
      expect((await given.store.readLog(id, 0, 2)).map(({ update }) => update)).toEqual([bytes(id)]);
  });

  test('[STORE2] a log of large updates comes back whole, however few fit in one step', async () => {
    const { generation } = await given.store.open(A, 1);
    const sizes = [262_144, 0, 262_143, 1, 262_145, 100_000, 100_000, 100_000, 100_000, 7];
    const rows = sizes.map((size, n) => ({ ...row(''), update: new Uint8Array(size).fill(n) }));
    for (const part of rows) await given.store.append([{ id: A, generation, committedAt: 1, rows: [part] }]);
    for (const limit of [1, 3, sizes.length, sizes.length + 5]) {
      const log = await given.store.readLog(A, 0, limit);
      expect(log.map(({ seq }) => seq)).toEqual(sizes.slice(0, limit).map((_, n) => n + 1));
      expect(log.every(({ update }, n) => Buffer.compare(update, rows[n]?.update ?? fail()) === 0)).toBe(
        true,
      );
    }
  });
}
