import type { AppendGuard, AppendResult } from '../server/storage/store.js';
import type { DocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, fail, type StoreContext } from './store-context.js';
import { expectFault, row } from './store-data.js';

/** Everything that a database might take for something else, and as long as it may be. */
const STRANGE = `NULL "Zoë\n\u{1F600}"\\{zoë},'0'\0\\0 %_`.padEnd(128, '\u{3042}');

/** Appends that depend on something. */
export function storeGuardContract({ test }: ContractTests, given: StoreContext): void {
  const batch = (
    id: DocumentId,
    generation: string,
    guard: AppendGuard,
    texts: readonly string[] = ['x'],
    at = 7,
  ) => ({ id, generation, committedAt: at, rows: texts.map(row), guard });

  const append = async (...args: Parameters<typeof batch>): Promise<AppendResult> =>
    (await given.store.append([batch(...args)]))[0] ?? fail();

  const texts = async (id: DocumentId) =>
    (await given.store.readLog(id, 0, 99)).map(({ update }) => Buffer.from(update).toString());

  const receipt = (key: string, digest = 'digest') => ({ receipt: { key, digest } });

  test('[GUARD1] a batch that names the head is stored if the log ends there, and otherwise changes nothing', async () => {
    const { generation } = await given.store.open(A, 1);
    expect(await append(A, generation, { head: 0 }, ['1', '2'])).toEqual({ ok: true, firstSeq: 1 });
    const before = await given.store.find(A);
    const refused = { ok: false, code: 'precondition-failed' };
    for (const head of [0, 1, 3, 99])
      expect(await append(A, generation, { head }, ['no'], 99)).toEqual(refused);
    expect(await given.store.find(A)).toEqual(before);
    expect(await append(A, generation, { head: 2 }, ['3'])).toEqual({ ok: true, firstSeq: 3 });
    expect(await append(A, 'another', { head: 3 })).toEqual({ ok: false, code: 'generation-changed' });
    expect(await append(A, generation, {}, ['4'])).toEqual({ ok: true, firstSeq: 4 });
    expect(await texts(A)).toEqual(['1', '2', '3', '4']);
  });

  test('[GUARD1] each batch of a call sees those before it, and one that is refused takes nothing with it', async () => {
    const a = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    const other = { ...row('eve'), author: 'eve' };
    const results = await given.store.append([
      batch(A, a.generation, { head: 0 }, ['1']),
      batch(A, a.generation, { head: 0 }, ['no']),
      { id: B, generation: b.generation, committedAt: 7, rows: [row('b')] },
      batch(A, a.generation, { head: 1, ...receipt('k') }, ['2', '3']),
      batch(B, b.generation, { head: 0, ...receipt('l') }, ['no']),
      // His clientID is not his: nothing of it may stay.
      { ...batch(A, a.generation, { head: 3, ...receipt('m') }), rows: [other] },
      batch(B, b.generation, { head: 1 }, ['c']),
      { ...batch(B, b.generation, { head: 9 }), rows: [{ ...other, clientId: 5 }] },
      { ...batch(B, b.generation, { head: 2 }), rows: [{ ...row('d'), clientId: 5 }] },
    ]);
    const no = (code: string) => ({ ok: false, code });
    expect(results).toEqual([
      { ok: true, firstSeq: 1 },
      no('precondition-failed'),
      { ok: true, firstSeq: 1 },
      { ok: true, firstSeq: 2 },
      no('precondition-failed'),
      no('client-id-in-use'),
      { ok: true, firstSeq: 2 },
      no('precondition-failed'),
      { ok: true, firstSeq: 3 },
    ]);
    expect([await texts(A), await texts(B)]).toEqual([
      ['1', '2', '3'],
      ['b', 'c', 'd'],
    ]);
    expect((await given.store.readReceipt('k'))?.seq).toBe(3);
    for (const key of ['l', 'm']) expect(await given.store.readReceipt(key)).toBeUndefined();
    expect(await given.store.readAuthor(B, 5)).toBe('ada');
  });

  test('[GUARD2] a receipt is there with its batch or not at all, and the same one lets no other batch pass', async () => {
    const { generation } = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    expect(await append(A, generation, receipt('k'), ['1', '2'], 5)).toEqual({ ok: true, firstSeq: 1 });
    const kept = { key: 'k', digest: 'digest', seq: 2, generation, document: A, createdAt: 5 };
    expect(await given.store.readReceipt('k')).toEqual(kept);
    const done = { ok: false, code: 'already-done' };
    expect(await append(A, generation, receipt('k', 'another'), ['no'], 6)).toEqual(done);
    expect(await append(B, b.generation, receipt('k'), ['no'], 6)).toEqual(done);
    // That it is done tells more than that the document has changed since, by that very edit.
    expect(await append(A, generation, { head: 0, ...receipt('k') }, ['no'])).toEqual(done);
    expect(await append(A, 'another', receipt('k'))).toEqual({ ok: false, code: 'generation-changed' });
    expect(await append(A, 'another', receipt('new'))).toEqual({ ok: false, code: 'generation-changed' });
    expect(await given.store.readReceipt('new')).toBeUndefined();
    expect([await given.store.readReceipt('k'), await texts(A), await texts(B)]).toEqual([
      kept,
      ['1', '2'],
      [],
    ]);
    expect(await append(A, generation, receipt('K'), ['3'])).toEqual({ ok: true, firstSeq: 3 });
    expect(await append(A, generation, receipt('empty'), [])).toEqual({ ok: true, firstSeq: 4 });
    expect((await given.store.readReceipt('empty'))?.seq).toBe(3);
    expect(await append(A, generation, { receipt: { key: STRANGE, digest: STRANGE } })).toMatchObject({
      ok: true,
    });
    expect(await given.store.readReceipt(STRANGE)).toMatchObject({ key: STRANGE, digest: STRANGE, seq: 4 });
  });

  test('[GUARD3] of those who append at once with one head, or with one receipt, one does', async () => {
    const { generation } = await given.store.open(A, 1);
    const heads = await Promise.all([1, 2, 3, 4, 5].map((n) => append(A, generation, { head: 0 }, [`${n}`])));
    expect(heads.filter(({ ok }) => ok)).toEqual([{ ok: true, firstSeq: 1 }]);
    const keys = await Promise.all([1, 2, 3, 4, 5].map(() => append(A, generation, receipt('k'))));
    expect(keys.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await given.store.open(A, 1)).head).toBe(2);
    expect((await given.store.readReceipt('k'))?.seq).toBe(2);
  });

  test('[GUARD8] a batch that is chained to another is stored only if that one is, whatever the head is by then', async () => {
    const a = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    await append(A, a.generation, receipt('there'), ['1']);
    const link = (key: string, ...words: string[]) =>
      batch(A, a.generation, { ...receipt(key), chained: true }, words);
    const results = await given.store.append([
      batch(B, b.generation, receipt('x'), ['b']),
      batch(A, a.generation, receipt('k'), ['2']),
      link('l', '3', '4'),
      link('m', '5'),
      batch(A, a.generation, { head: 0, ...receipt('n') }, ['no']),
      link('o', 'no'),
      link('there', 'no'),
      link('p', 'no'),
      batch(A, a.generation, {}, ['6']),
      link('q', '7'),
    ]);
    const refused = { ok: false, code: 'precondition-failed' };
    const firsts = results.map((result) => (result.ok ? result.firstSeq : undefined));
    expect([firsts[0], ...firsts.slice(4, 8)]).toEqual([1, ...Array(4).fill(undefined)]);
    expect([results[5], results[7]]).toEqual([refused, refused]);
    expect(results[6]).toMatchObject({ ok: false });
    // A store may come to what is chained later than to the rest of the call.
    const seqs = await Promise.all(
      ['k', 'l', 'm', 'q'].map(async (key) => (await given.store.readReceipt(key))?.seq ?? 0),
    );
    expect([firsts[1], (firsts[2] ?? 0) + 1, firsts[3], firsts[9]]).toEqual(seqs);
    expect(seqs.slice(0, 3)).toEqual([...seqs.slice(0, 3)].sort((one, other) => one - other));
    expect((await texts(A)).sort()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    for (const key of ['n', 'o', 'p']) expect(await given.store.readReceipt(key)).toBeUndefined();
  });

  test('[STORE42] a receipt comes back as it was, is kept once, and knows its document by the name that it has', async () => {
    const { store } = given;
    await store.open(A, 1);
    const bare = { key: 'bare', digest: 'd', createdAt: 1_800_000_000_123 };
    const full = {
      ...{ key: STRANGE, digest: STRANGE, answer: `{"text":"${STRANGE}"}`.repeat(20), createdAt: 2 },
      ...{ document: A, generation: 'g', seq: 2 ** 40 },
    };
    expect([await store.keepReceipt(bare), await store.keepReceipt(full)]).toEqual([true, true]);
    expect(await store.keepReceipt({ ...bare, digest: 'another' })).toBe(false);
    expect(await store.readReceipt('bare')).toEqual(bare);
    expect(await store.readReceipt(STRANGE)).toEqual(full);
    expect(await store.readReceipt('none')).toBeUndefined();
    // Of a document that is not there.
    expect(await store.keepReceipt({ ...bare, key: 'lost', document: B })).toBe(true);
    expect(await store.readReceipt('lost')).toEqual({ ...bare, key: 'lost' });
    const once = await Promise.all([1, 2, 3].map(() => store.keepReceipt({ ...bare, key: 'once' })));
    expect(once.filter((kept) => kept)).toHaveLength(1);
  });

  test('[STORE42] receipts that were made up to a time are removed, so many at once', async () => {
    const { store } = given;
    for (const createdAt of [10, 20, 30, 40])
      await store.keepReceipt({ key: `${createdAt}`, digest: 'd', createdAt });
    const left = async () => {
      const found = await Promise.all(['10', '20', '30', '40'].map((key) => store.readReceipt(key)));
      return found.flatMap((receipt) => receipt?.createdAt ?? []);
    };
    expect([await store.forgetReceipts(9, 9), await store.forgetReceipts(40, 0)]).toEqual([0, 0]);
    expect(await store.forgetReceipts(30, 2)).toBe(2);
    expect(await left()).toHaveLength(2);
    expect(await store.forgetReceipts(30, 9)).toBe(1);
    expect(await left()).toEqual([40]);
    expect(await store.keepReceipt({ key: '10', digest: 'd', createdAt: 50 })).toBe(true);
  });

  test('[STORE42] the receipts of a document go when it is erased, and no others do', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    await append(A, generation, receipt('made'));
    await store.keepReceipt({ key: 'named', digest: 'd', document: A, createdAt: 1 });
    await store.keepReceipt({ key: 'other', digest: 'd', createdAt: 1 });
    await store.remove(A, 2);
    expect((await store.readReceipt('made'))?.document).toBe(A);
    await store.purge(2, 9);
    const found = await Promise.all(['made', 'named', 'other'].map((key) => store.readReceipt(key)));
    expect(found.map((one) => one?.key)).toEqual([undefined, undefined, 'other']);
  });

  test('[STORE7] a store that is closed keeps no receipts', async () => {
    const { store } = given;
    await store.close();
    await expectFault(store.readReceipt('k'), 'store-unavailable');
    await expectFault(store.keepReceipt({ key: 'k', digest: 'd', createdAt: 1 }), 'store-unavailable');
    await expectFault(store.forgetReceipts(1, 1), 'store-unavailable');
  });
}
