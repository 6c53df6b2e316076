import { statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { storeContract } from '../../contracts/store-contract.js';
import { temporaryFolder } from '../../support/folder.js';
import { bytes, row } from '../../support/store-data.js';

storeContract('sqlite:', async () => {
  const folder = temporaryFolder();
  const store = await SqliteStore.open(folder.file('new/folders/store.db'));
  return {
    store,
    async cleanup() {
      await store.close();
      folder.remove();
    },
  };
});

describe('sqlite: keeps what was written', () => {
  test('[STORE7] a store that is closed and opened again is the same store, and leaves one file', async () => {
    const folder = temporaryFolder();
    const id = parseDocumentId('team/plan');
    const first = await SqliteStore.open(folder.file('store.db'));
    const { generation } = await first.open(id, 1);
    await first.append([{ id, generation, committedAt: 2, rows: ['1', '2', '3'].map(row) }]);
    await first.writeSnapshot(id, generation, { seq: 2, state: bytes('state'), index: bytes('index') }, 1);
    const before = {
      head: await first.open(id, 9),
      log: await first.readLog(id, 1, 9),
      list: await first.list({ limit: 9 }),
    };
    await first.close();
    expect(folder.names()).toEqual(['store.db']);

    const second = await SqliteStore.open(folder.file('store.db'));
    expect(await second.open(id, 9)).toEqual(before.head);
    expect(await second.readLog(id, 1, 9)).toEqual(before.log);
    expect(await second.list({ limit: 9 })).toEqual(before.list);
    expect(await second.readSnapshot(id)).toEqual({ seq: 2, state: bytes('state'), index: bytes('index') });
    expect(await second.readAuthor(id, row('').clientId)).toBe('ada');
    expect(await second.append([{ id, generation, committedAt: 3, rows: [row('4')] }])).toEqual([
      { ok: true, firstSeq: 4 },
    ]);
    await second.close();
    folder.remove();
  });

  test('[STORE18] the write-ahead log stays short, though no commit waits for its merging', async () => {
    const folder = temporaryFolder();
    const id = parseDocumentId('team/plan');
    const store = await SqliteStore.open(folder.file('store.db'));
    const { generation } = await store.open(id, 1);
    for (let n = 0; n < 400; n++) {
      // A page and more for each.
      await store.append([{ id, generation, committedAt: 2, rows: [row('x'.repeat(3_000))] }]);
    }
    // SQLite alone would let it grow to 1,000 pages before the commit that pays for all of them.
    expect(statSync(folder.file('store.db-wal')).size).toBeLessThan(600 * 4_120);
    expect(statSync(folder.file('store.db')).size).toBeGreaterThan(400_000);
    expect((await store.open(id, 1)).head).toBe(400);
    await store.close();
    folder.remove();
  });
});
