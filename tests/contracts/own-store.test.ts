import { appendFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { documentStoreContract } from '../../contracts/index.js';
import { parseDocumentId } from '../../shared/ids.js';
import { temporaryFolder } from '../support/folder.js';
import { OwnStore } from '../support/own-store.js';
import { row } from '../support/store-data.js';

// All that an author of a store has to write.
documentStoreContract(
  { describe, test, beforeEach, afterEach },
  {
    name: 'a store of an integrator',
    durable: true,
    async open() {
      const folder = temporaryFolder();
      const again = async () => new OwnStore(folder.file('store.jsonl'));
      return { store: await again(), again, remove: () => folder.remove() };
    },
  },
);

test('[EMBED2] a store of an integrator, in which the contract found nothing, is one', async () => {
  const folder = temporaryFolder();
  const id = parseDocumentId('team/plan');
  const store = new OwnStore(folder.file('store.jsonl'));
  const { generation } = await store.open(id, 1);
  await store.append([{ id, generation, committedAt: 2, rows: [row('1')] }]);
  await store.close();
  appendFileSync(folder.file('store.jsonl'), '{"is":"appended","id":"team/pl');
  const later = new OwnStore(folder.file('store.jsonl'));
  expect(await later.append([{ id, generation, committedAt: 2, rows: [row('2')] }])).toEqual([
    { ok: true, firstSeq: 2 },
  ]);
  await later.close();
  folder.remove();
});
