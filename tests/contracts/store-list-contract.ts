import { expect, test } from '@jest/globals';
import { parseDocumentId } from '../../shared/ids.js';
import type { StoreContext } from './store-context.js';

/** The list of documents. */
export function storeListContract(given: StoreContext): void {
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
}
