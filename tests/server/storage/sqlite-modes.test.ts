import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { temporaryFolder } from '../../support/folder.js';

const folder = temporaryFolder();
const before = process.umask(0o022);
afterEach(() => {
  process.umask(before);
  folder.remove();
});

test('[STORE46] a new store is for whoever runs the server alone, and one that is there stays as it is', async () => {
  const modeOf = (name: string) => (statSync(folder.file(name)).mode & 0o777).toString(8);
  mkdirSync(folder.file('there'), { mode: 0o755 });
  const file = folder.file('there/deep/data/store.db');
  const write = async () => {
    const store = await SqliteStore.open(file);
    await store.open(parseDocumentId('acme/notes'), 1);
    try {
      return ['', '-wal'].map((suffix) => modeOf(`there/deep/data/store.db${suffix}`));
    } finally {
      await store.close();
    }
  };
  process.umask(0);
  expect(await write()).toEqual(['600', '600']);
  expect(['there', 'there/deep', 'there/deep/data'].map(modeOf)).toEqual(['755', '700', '700']);
  chmodSync(file, 0o640);
  expect(await write()).toEqual(['640', '640']);
});
