import { expect, test } from '@jest/globals';
import Database from 'libsql';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { temporaryFolder } from '../../support/folder.js';
import { row } from '../../support/store-data.js';

test('[WEBHOOK20] a document whose record is damaged keeps nobody from hearing of the others', async () => {
  const folder = temporaryFolder();
  const file = folder.file('store.db');
  const ids = ['team/good', 'team/bad', 'team/fine'].map(parseDocumentId);
  const store = await SqliteStore.open(file);
  await store.deliveries.beginHook('hook', 1_000);
  for (const id of ids) {
    const { generation } = await store.open(id, 1_000);
    await store.append([{ id, generation, committedAt: 1_000, rows: [row('x')] }]);
  }
  await store.close();
  const database = new Database(file);
  database.exec("UPDATE documents SET head = 7 WHERE id = 'team/bad'");
  database.close();

  const again = await SqliteStore.open(file);
  const lease = { owner: 'node', now: 1_000, until: 2_000 };
  const wanted = ids.map((id) => ({ id }));
  const outcomes = await again.deliveries.claimDeliveries('hook', wanted, lease);
  expect(outcomes.map(({ state }) => state)).toEqual(['claimed', 'nothing', 'claimed']);
  await again.close();
  folder.remove();
});
