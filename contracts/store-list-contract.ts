import type { DocumentSummary, ListOrder, ListPlace, ListQuery } from '../server/storage/store.js';
import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import type { StoreContext } from './store-context.js';

/** The list of documents. */
export function storeListContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE6] documents are listed by the time of their last edit, newest first, of one workspace if asked', async () => {
    const ids = ['w/a', 'w/b', 'w-/c', 'w0/d', 'w/e'].map(parseDocumentId);
    for (const [now, id] of ids.entries()) await given.store.open(id, now);
    const { generation } = await given.store.open(parseDocumentId('w/a'), 99);
    await given.append(parseDocumentId('w/a'), generation, ['1', '2'], 50);
    const list = await given.store.list({ limit: 10 });
    expect(list.map(({ id }) => id)).toEqual(['w/a', 'w/e', 'w0/d', 'w-/c', 'w/b']);
    expect(list[0]).toMatchObject({ head: 2, createdAt: 0, updatedAt: 50 });
    expect((await given.store.list({ limit: 2 })).map(({ id }) => id)).toEqual(['w/a', 'w/e']);
    const workspace = await given.store.list({ limit: 10, workspace: 'w' });
    expect(workspace.map(({ id }) => id)).toEqual(['w/a', 'w/e', 'w/b']);
    expect(await given.store.list({ limit: 10, workspace: 'nobody' })).toEqual([]);
    expect(await given.store.list({ limit: 0 })).toEqual([]);
    expect(await given.store.list({ limit: -1 })).toEqual([]);
  });

  test('[STORE6] the order of the list is exact to the millisecond, within a minute and across minutes', async () => {
    // Edited at these times, in this order; the clock may go back.
    const times = [60_000, 59_999, 180_001, 61_500, 61_499, 240_000, 61_501, 60_001, 179_999, 61_500];
    const ids = times.map((_, n) => parseDocumentId(`time/${n}`));
    for (const [n, id] of ids.entries()) {
      const { generation } = await given.store.open(id, 500_000);
      await given.append(id, generation, ['1'], (times[n] ?? 0) + 5);
      await given.append(id, generation, ['2'], times[n]);
    }
    const order = [5, 2, 8, 6, 3, 9, 4, 7, 0, 1].map((n) => ids[n]);
    for (let limit = 1; limit <= times.length + 2; limit++)
      expect((await given.store.list({ limit })).map(({ id }) => id)).toEqual(order.slice(0, limit));
    expect((await given.store.list({ limit: 9 })).map(({ head }) => head)).toEqual(Array(9).fill(2));
  });

  const ORDERS: readonly ListOrder[] = ['updated', 'created', 'name'];

  /** Of some times that several documents have in common, and of two workspaces whose names begin alike. */
  async function make(): Promise<readonly DocumentSummary[]> {
    const made: DocumentSummary[] = [];
    for (let n = 0; n < 24; n++) {
      const id = parseDocumentId(
        `${n % 3 === 0 ? 'w' : 'w-1'}/${n % 2 === 0 ? 'note' : 'Note'}-${(n * 7) % 24}`,
      );
      const createdAt = 30_000 * ((n * 5) % 8);
      const updatedAt = 20_000 * ((n * 11) % 13);
      const { generation } = await given.store.open(id, createdAt);
      await given.append(id, generation, ['1'], updatedAt);
      made.push({ id, head: 1, createdAt, updatedAt });
    }
    for (const gone of ['w/a', 'w-1/note-99'].map(parseDocumentId)) {
      await given.store.open(gone, 1e9);
      await given.store.remove(gone, 1e9);
    }
    return made;
  }

  const inOrder = (order: ListOrder, documents: readonly DocumentSummary[]) => {
    const time = ({ createdAt, updatedAt }: DocumentSummary) =>
      order === 'name' ? 0 : order === 'created' ? createdAt : updatedAt;
    return [...documents].sort((a, b) => time(b) - time(a) || (a.id < b.id ? -1 : 1));
  };

  test('[STORE44] documents are listed by their last edit, by when they were made, or by name, those whose names begin so', async () => {
    const made = await make();
    const begins: readonly (readonly [Partial<ListQuery>, string])[] = [
      [{}, ''],
      [{ workspace: 'w' }, 'w/'],
      [{ workspace: 'w', prefix: 'note-1' }, 'w/note-1'],
      [{ prefix: 'w-' }, 'w-'],
      [{ prefix: 'w/N' }, 'w/N'],
      [{ workspace: 'w-1', prefix: '' }, 'w-1/'],
      [{ workspace: 'w', prefix: 'zzz' }, 'w/zzz'],
      [{ prefix: 'note' }, 'note'],
    ];
    for (const order of ORDERS)
      for (const [query, start] of begins) {
        const expected = inOrder(order, made).filter(({ id }) => id.startsWith(start));
        expect(await given.store.list({ ...query, order, limit: 99 })).toEqual(expected);
        expect(await given.store.list({ ...query, order, limit: 2 })).toEqual(expected.slice(0, 2));
      }
    expect(await given.store.list({ limit: 99 })).toEqual(inOrder('updated', made));
    for (const order of ORDERS) expect(await given.store.list({ order, limit: 0 })).toEqual([]);
  });

  test('[STORE44] whoever goes on behind the last document that he was shown sees every one, each once', async () => {
    const made = await make();
    for (const order of ORDERS)
      for (const query of [{}, { workspace: 'w-1' }, { workspace: 'w', prefix: 'n' }])
        for (const limit of [1, 5, 24]) {
          const seen: DocumentSummary[] = [];
          for (let after: ListPlace | undefined; seen.length <= made.length; ) {
            const page: readonly DocumentSummary[] = await given.store.list({
              ...query,
              order,
              limit,
              ...(after !== undefined && { after }),
            });
            seen.push(...page);
            const last = page.at(-1);
            if (last === undefined || page.length < limit) break;
            const at = order === 'name' ? 0 : order === 'created' ? last.createdAt : last.updatedAt;
            after = { id: last.id, at };
          }
          expect(seen).toEqual(await given.store.list({ ...query, order, limit: 99 }));
        }
    // A place is one even if no document is there any more.
    const after = { id: parseDocumentId('w/gone'), at: 60_001 };
    const older = (await given.store.list({ order: 'created', limit: 99, after })).map(
      ({ createdAt }) => createdAt,
    );
    expect(older).toEqual(
      made
        .map(({ createdAt }) => createdAt)
        .filter((at) => at < 60_001)
        .sort((a, b) => b - a),
    );
  });
}
