import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mendingWork } from '../../../../cli/stores/mending.js';
import { checkStore } from '../../../../server/storage/check/check-store.js';
import { SqliteStore } from '../../../../server/storage/sqlite-store.js';
import { openReader } from '../../../../server/storage/transfer/open-reader.js';
import { type TemporaryFolder, temporaryFolder } from '../../../support/folder.js';
import { fillStore } from '../../../support/sample-store.js';
import { seededRandom } from '../../../support/seeds.js';

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

test('[VERIFY1] a whole store is found whole, while a server uses it', async () => {
  const file = folder.file('store.db');
  const store = await SqliteStore.open(file);
  await fillStore(store, seededRandom(1), { documents: 15, edits: 40 });
  const reader = await openReader(`sqlite:${file}`, { scratch: folder.path, wait: () => Promise.resolve() });
  const result = await checkStore(reader, { verify: mendingWork.verify });
  await reader.close();
  expect(result.findings).toEqual([]);
  expect(result.documents).toBe(15);
  await store.close();
});
