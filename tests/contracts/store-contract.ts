import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentStore } from '../../server/storage/store.js';
import { parseDocumentId } from '../../shared/ids.js';
import { bytes, expectFault, row } from '../support/store-data.js';

export interface OpenedStore {
  readonly store: DocumentStore;
  /** Closes the store and removes what it kept. */
  cleanup(): Promise<void>;
}

const A = parseDocumentId('team/a');
const B = parseDocumentId('team/b');

function fail(): never {
  throw new Error('nothing is there');
}

/** What every store promises, whatever it keeps documents in. */
export function storeContract(name: string, openStore: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the store contract`, () => {
    let store: DocumentStore;
    let cleanup: () => Promise<void>;

    beforeEach(async () => {
      ({ store, cleanup } = await openStore());
    });
    afterEach(() => cleanup());

    /** Appends one batch that must be taken; gives its first number. */
    async function append(
      id: typeof A,
      generation: string,
      texts: readonly string[],
      at = 1,
    ): Promise<number> {
      const [result] = await store.append([
        { id, generation, committedAt: at, rows: texts.map((text) => row(text)) },
      ]);
      if (!result?.ok) throw new Error(`refused: ${result?.code}`);
      return result.firstSeq;
    }

    test('[STORE1] opening a document that is not there creates it empty; opening it again finds the same one', async () => {
      const created = await store.open(A, 5);
      expect(created).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0, snapshotBytes: 0 });
      expect(created.snapshotIndex).toHaveLength(0);
      expect(created.generation).not.toBe('');
      expect(await store.open(A, 6)).toEqual(created);
      expect((await store.open(B, 7)).generation).not.toBe(created.generation);
      expect(await Promise.all([1, 2, 3].map((now) => store.open(A, now)))).toEqual([
        created,
        created,
        created,
      ]);
    });

    test('[STORE2] rows get the numbers 1, 2, 3 … without gaps and come back as they were, in order', async () => {
      const { generation } = await store.open(A, 1);
      expect(await append(A, generation, ['one', 'two'], 10)).toBe(1);
      expect(await append(A, generation, [], 15)).toBe(3);
      expect(await append(A, generation, ['three', ''], 20)).toBe(3);
      expect(await store.readLog(A, 0, 10)).toEqual([
        { seq: 1, committedAt: 10, ...row('one') },
        { seq: 2, committedAt: 10, ...row('two') },
        { seq: 3, committedAt: 20, ...row('three') },
        { seq: 4, committedAt: 20, ...row('') },
      ]);
      expect((await store.readLog(A, 1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
      expect(await store.readLog(A, 4, 10)).toEqual([]);
      expect(await store.readLog(A, 9, 10)).toEqual([]);
      expect(await store.readLog(A, 0, 0)).toEqual([]);
      expect(await store.open(A, 9)).toMatchObject({ head: 4, firstRow: 1 });
      await expectFault(store.readLog(B, 0, 10), 'internal');
    });

    test('[STORE2] many appends at the same time share one gapless sequence, each batch in one piece', async () => {
      const { generation } = await store.open(A, 1);
      const batches = Array.from({ length: 40 }, (_, n) => [`${n}:0`, `${n}:1`, `${n}:2`]);
      const firsts = await Promise.all(batches.map((texts) => append(A, generation, texts)));
      expect([...firsts].sort((x, y) => x - y)).toEqual(batches.map((_, n) => 1 + 3 * n));
      const log = await store.readLog(A, 0, 1000);
      for (const [n, first] of firsts.entries()) {
        expect(log.slice(first - 1, first + 2).map(({ update }) => update)).toEqual(batches[n]?.map(bytes));
      }
    });

    test('[STORE3] one append takes batches of many documents; one that cannot be stored fails alone', async () => {
      const a = await store.open(A, 1);
      const b = await store.open(B, 1);
      const batch = { committedAt: 2, rows: [row('x'), row('y')] };
      const results = await store.append([
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
      expect((await store.open(A, 3)).head).toBe(4);
      expect((await store.open(B, 3)).head).toBe(2);
      expect(await store.append([])).toEqual([]);
    });

    test('[STORE3] what the caller does with its buffers afterwards changes nothing', async () => {
      const { generation } = await store.open(A, 1);
      const large = bytes('..update..');
      const update = large.subarray(2, 8);
      const appending = store.append([{ id: A, generation, committedAt: 1, rows: [{ ...row(''), update }] }]);
      large.fill(0);
      await appending;
      expect((await store.readLog(A, 0, 1))[0]?.update).toEqual(bytes('update'));
      const snapshot = { seq: 1, state: bytes('..state').subarray(2), index: bytes('.index').subarray(1) };
      await store.writeSnapshot(A, generation, snapshot, 1);
      snapshot.state.fill(0);
      snapshot.index.fill(0);
      expect(await store.readSnapshot(A)).toEqual({ seq: 1, state: bytes('state'), index: bytes('index') });
    });

    test('[STORE4] a snapshot comes back as it was, and only the rows that it covers and the caller names are trimmed', async () => {
      const { generation } = await store.open(A, 1);
      await append(A, generation, ['1', '2', '3', '4', '5']);
      expect(await store.readSnapshot(A)).toBeUndefined();
      expect(await store.readSnapshot(B)).toBeUndefined();
      const snapshot = { seq: 4, state: bytes('state of 4'), index: bytes('index') };
      await store.writeSnapshot(A, generation, snapshot, 2);
      expect(await store.readSnapshot(A)).toEqual(snapshot);
      expect(await store.open(A, 1)).toEqual({
        generation,
        head: 5,
        firstRow: 3,
        snapshotSeq: 4,
        snapshotBytes: 10,
        snapshotIndex: bytes('index'),
      });
      expect((await store.readLog(A, 2, 10)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
      await expectFault(store.readLog(A, 1, 10), 'internal');

      await store.writeSnapshot(A, generation, { ...snapshot, seq: 5 }, 5);
      expect(await store.open(A, 1)).toMatchObject({ head: 5, firstRow: 6, snapshotSeq: 5 });
      expect(await store.readLog(A, 5, 10)).toEqual([]);
      expect(await append(A, generation, ['6'])).toBe(6);
    });

    test('[STORE4] an older snapshot is ignored and trims nothing; one of the same seq takes its place', async () => {
      const { generation } = await store.open(A, 1);
      await append(A, generation, ['1', '2', '3']);
      const newer = { seq: 3, state: bytes('newer'), index: bytes('n') };
      await store.writeSnapshot(A, generation, newer, 0);
      await store.writeSnapshot(A, generation, { seq: 2, state: bytes('older'), index: bytes('o') }, 2);
      expect(await store.readSnapshot(A)).toEqual(newer);
      expect(await store.open(A, 1)).toMatchObject({ firstRow: 1, snapshotSeq: 3 });
      await store.writeSnapshot(A, generation, { ...newer, state: bytes('again') }, 1);
      expect((await store.readSnapshot(A))?.state).toEqual(bytes('again'));
      await store.writeSnapshot(A, generation, newer, 0);
      expect(await store.open(A, 1)).toMatchObject({ firstRow: 2, snapshotSeq: 3 });
    });

    test('[STORE4] a snapshot of another generation, ahead of the log, or that would trim too much is refused', async () => {
      const { generation } = await store.open(A, 1);
      await append(A, generation, ['1', '2']);
      const snapshot = { seq: 2, state: bytes('s'), index: bytes('i') };
      await expectFault(store.writeSnapshot(A, 'another', snapshot, 0), 'generation-changed');
      await expectFault(store.writeSnapshot(B, generation, snapshot, 0), 'generation-changed');
      await expectFault(store.writeSnapshot(A, generation, { ...snapshot, seq: 3 }, 0), 'internal');
      await expectFault(store.writeSnapshot(A, generation, { ...snapshot, seq: 1 }, 2), 'internal');
      expect(await store.open(A, 1)).toMatchObject({ head: 2, firstRow: 1, snapshotSeq: 0 });
    });

    test('[STORE4] a log of thousands of rows is trimmed whole', async () => {
      const { generation } = await store.open(A, 1);
      const texts = Array.from({ length: 2600 }, (_, n) => `${n + 1}`);
      await append(A, generation, texts);
      expect((await store.readLog(A, 0, 5000)).map(({ update }) => update)).toEqual(texts.map(bytes));
      await store.writeSnapshot(A, generation, { seq: 2600, state: bytes('s'), index: bytes('i') }, 2500);
      expect(await store.open(A, 1)).toMatchObject({ head: 2600, firstRow: 2501 });
      expect((await store.readLog(A, 2500, 5000)).map(({ update }) => update)).toEqual(
        texts.slice(2500).map(bytes),
      );
      await expectFault(store.readLog(A, 2499, 1), 'internal');
    });

    test('[STORE4] whoever reads while newer snapshots take the place of older ones gets a whole one', async () => {
      const { generation } = await store.open(A, 1);
      await append(A, generation, ['1', '2', '3', '4', '5', '6']);
      const snapshotOf = (seq: number) => ({
        seq,
        state: new Uint8Array(700_000 + seq).fill(seq),
        index: new Uint8Array(100_000 - seq).fill(seq),
      });
      await store.writeSnapshot(A, generation, snapshotOf(1), 0);
      let writing = true;
      const writes = (async () => {
        for (let seq = 2; seq <= 6; seq++) await store.writeSnapshot(A, generation, snapshotOf(seq), seq);
        writing = false;
      })();
      let last = 1;
      while (writing) {
        const found = await store.readSnapshot(A);
        expect(found?.seq).toBeGreaterThanOrEqual(last);
        last = found?.seq ?? 0;
        const { state, index } = snapshotOf(last);
        expect(Buffer.compare(found?.state ?? bytes(''), state)).toBe(0);
        expect(Buffer.compare(found?.index ?? bytes(''), index)).toBe(0);
      }
      await writes;
      expect((await store.readSnapshot(A))?.seq).toBe(6);
    });

    test('[STORE4] snapshots of every size come back as they were, also when several are written at once', async () => {
      const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000];
      const heads = await Promise.all(sizes.map((size) => store.open(parseDocumentId(`size/${size}`), 1)));
      const snapshots = sizes.map((size, n) => ({
        seq: 0,
        state: new Uint8Array(size).map((_, place) => place * 7 + n),
        index: new Uint8Array(sizes[sizes.length - 1 - n] ?? 0).map((_, place) => place * 3 + n),
      }));
      const ids = sizes.map((size) => parseDocumentId(`size/${size}`));
      await Promise.all(
        ids.map(async (id, n) => {
          const { generation } = heads[n] ?? { generation: '' };
          await append(id, generation, ['1']);
          await store.writeSnapshot(id, generation, { ...(snapshots[n] ?? fail()), seq: 1 }, 1);
        }),
      );
      const found = await Promise.all(ids.map((id) => store.readSnapshot(id)));
      for (const [n, snapshot] of found.entries()) {
        expect(Buffer.compare(snapshot?.state ?? fail(), snapshots[n]?.state ?? fail())).toBe(0);
        expect(Buffer.compare(snapshot?.index ?? fail(), snapshots[n]?.index ?? fail())).toBe(0);
        expect((await store.open(ids[n] ?? fail(), 1)).snapshotIndex).toHaveLength(
          snapshot?.index.length ?? -1,
        );
      }
    });

    test('[STORE5] who first wrote under a clientID is kept for good, also after trimming', async () => {
      const { generation } = await store.open(A, 1);
      await store.open(B, 1);
      const rows = [
        { update: bytes('1'), clientId: 4_294_967_295, author: 'Zoë\n"\u{1F600}"' },
        { update: bytes('2'), clientId: 0, author: '' },
        { update: bytes('3'), clientId: 4_294_967_295, author: 'somebody else' },
      ];
      await store.append([{ id: A, generation, committedAt: 1, rows }]);
      await store.writeSnapshot(A, generation, { seq: 3, state: bytes('s'), index: bytes('i') }, 3);
      expect(await store.readAuthor(A, 4_294_967_295)).toBe('Zoë\n"\u{1F600}"');
      expect(await store.readAuthor(A, 0)).toBe('');
      expect(await store.readAuthor(A, 7)).toBeUndefined();
      expect(await store.readAuthor(B, 0)).toBeUndefined();
      expect(await store.readAuthor(parseDocumentId('team/never-opened'), 0)).toBeUndefined();
    });

    test('[STORE6] documents are listed by the time of their last edit, newest first, of one workspace if asked', async () => {
      const ids = ['w/a', 'w/b', 'w-/c', 'w0/d', 'w/e'].map(parseDocumentId);
      for (const [now, id] of ids.entries()) await store.open(id, now);
      const { generation } = await store.open(parseDocumentId('w/a'), 99);
      await append(parseDocumentId('w/a'), generation, ['1', '2'], 50);
      const list = await store.list({ limit: 10 });
      expect(list.map(({ id }) => id)).toEqual(['w/a', 'w/e', 'w0/d', 'w-/c', 'w/b']);
      expect(list[0]).toMatchObject({ head: 2, createdAt: 0, updatedAt: 50 });
      expect((await store.list({ limit: 2 })).map(({ id }) => id)).toEqual(['w/a', 'w/e']);
      const workspace = await store.list({ limit: 10, workspace: 'w' });
      expect(workspace.map(({ id }) => id)).toEqual(['w/a', 'w/e', 'w/b']);
      expect(await store.list({ limit: 10, workspace: 'nobody' })).toEqual([]);
      expect(await store.list({ limit: 0 })).toEqual([]);
      expect(await store.list({ limit: -1 })).toEqual([]);
    });

    test('[STORE6] the order of the list is exact to the millisecond, within a minute and across minutes', async () => {
      // Edited at these times, in this order; the clock may go back.
      const times = [60_000, 59_999, 180_001, 61_500, 61_499, 240_000, 61_501, 60_001, 179_999, 61_500];
      const ids = times.map((_, n) => parseDocumentId(`time/${n}`));
      for (const [n, id] of ids.entries()) {
        const { generation } = await store.open(id, 500_000);
        await append(id, generation, ['1'], (times[n] ?? 0) + 5);
        await append(id, generation, ['2'], times[n]);
      }
      const order = [5, 2, 8, 6, 3, 9, 4, 7, 0, 1].map((n) => ids[n]);
      for (let limit = 1; limit <= times.length + 2; limit++)
        expect((await store.list({ limit })).map(({ id }) => id)).toEqual(order.slice(0, limit));
      expect((await store.list({ limit: 9 })).map(({ head }) => head)).toEqual(Array(9).fill(2));
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
      const heads = await Promise.all(ids.map((id) => store.open(id, 1)));
      expect(new Set(heads.map(({ generation }) => generation)).size).toBe(ids.length);
      const results = await store.append(
        ids.map((id, n) => ({ id, generation: heads[n]?.generation ?? '', committedAt: 1, rows: [row(id)] })),
      );
      expect(results.every((result) => result.ok && result.firstSeq === 1)).toBe(true);
      for (const id of ids)
        expect((await store.readLog(id, 0, 2)).map(({ update }) => update)).toEqual([bytes(id)]);
    });

    test('[STORE4] a snapshot of 10 MB and an update of 1 MB come back as they were', async () => {
      const { generation } = await store.open(A, 1);
      const update = new Uint8Array(1_000_000).map((_, n) => n * 31);
      const state = new Uint8Array(10_000_000).map((_, n) => n * 7);
      await store.append([{ id: A, generation, committedAt: 1, rows: [{ ...row(''), update }] }]);
      await store.writeSnapshot(A, generation, { seq: 1, state, index: bytes('i') }, 0);
      expect(Buffer.compare((await store.readLog(A, 0, 1))[0]?.update ?? bytes(''), update)).toBe(0);
      expect(Buffer.compare((await store.readSnapshot(A))?.state ?? bytes(''), state)).toBe(0);
      expect((await store.open(A, 1)).snapshotBytes).toBe(10_000_000);
    });

    test('[STORE7] closing waits for what is under way; afterwards every call is refused', async () => {
      const { generation } = await store.open(A, 1);
      const under = store.append([{ id: A, generation, committedAt: 1, rows: [row('last')] }]);
      const closing = store.close();
      expect(await under).toEqual([{ ok: true, firstSeq: 1 }]);
      await closing;
      await store.close();
      await expectFault(store.append([]), 'store-unavailable');
      await expectFault(store.open(A, 1), 'store-unavailable');
      await expectFault(store.list({ limit: 1 }), 'store-unavailable');
    });
  });
}
