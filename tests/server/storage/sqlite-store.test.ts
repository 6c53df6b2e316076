import { renameSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { documentStoreContract } from '../../../contracts/index.js';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { temporaryFolder } from '../../support/folder.js';
import { row } from '../../support/store-data.js';

documentStoreContract(
  { describe, test, beforeEach, afterEach },
  {
    name: 'sqlite:',
    durable: true,
    deliveries: true,
    life: true,
    outage: true,
    async open() {
      const folder = temporaryFolder();
      const file = folder.file('new/folders/store.db');
      const again = () => SqliteStore.open(file);
      return {
        store: await again(),
        again,
        remove: () => folder.remove(),
        async outage() {
          renameSync(file, `${file}.moved`);
          return () => renameSync(`${file}.moved`, file);
        },
      };
    },
  },
);

describe('sqlite: keeps what was written', () => {
  test('[STORE7] a store that is closed leaves one file', async () => {
    const folder = temporaryFolder();
    const store = await SqliteStore.open(folder.file('store.db'));
    const id = parseDocumentId('team/plan');
    const { generation } = await store.open(id, 1);
    await store.append([{ id, generation, committedAt: 2, rows: ['1', '2', '3'].map(row) }]);
    await store.close();
    expect(folder.names()).toEqual(['store.db']);
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
