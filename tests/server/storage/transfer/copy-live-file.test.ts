import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SqliteStore } from '../../../../server/storage/sqlite-store.js';
import { copyLiveFile, RestlessStore } from '../../../../server/storage/transfer/copy-live-file.js';
import { checkWriteAheadLog } from '../../../../server/storage/transfer/write-ahead-log.js';
import { parseDocumentId } from '../../../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../../../support/folder.js';
import { row } from '../../../support/store-data.js';

const FRAME = 24 + 4096;
const wait = () => Promise.resolve();

let folder: TemporaryFolder;
let file: string;
let store: SqliteStore;
beforeEach(async () => {
  folder = temporaryFolder();
  file = folder.file('store.db');
  store = await SqliteStore.open(file);
  const id = parseDocumentId('team/a');
  const { generation } = await store.open(id, 1);
  for (let n = 0; n < 5; n++) await store.append([{ id, generation, committedAt: n, rows: [row('x')] }]);
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

test('[VERIFY17] damage in the middle of a write-ahead log is told from a commit that was interrupted', async () => {
  const wal = readFileSync(`${file}-wal`);
  const copy = folder.file('wal');
  const check = async (bytes: Uint8Array) => {
    writeFileSync(copy, bytes);
    return await checkWriteAheadLog(copy);
  };
  const frames = Math.floor((wal.length - 32) / FRAME);
  const whole = await check(wal);
  expect(whole.torn).toBe(false);
  expect(whole.frames).toBeGreaterThan(4);
  expect(await check(wal.subarray(0, 32 + FRAME * 2 + 100))).toEqual({ torn: false, frames: 2 });
  expect(await check(wal.subarray(0, 10))).toEqual({ torn: false, frames: 0 });
  const damaged = Buffer.from(wal);
  damaged[32 + FRAME * 2 + 500] = (damaged[32 + FRAME * 2 + 500] ?? 0) ^ 1;
  expect(await check(damaged)).toEqual({ torn: frames > 3, frames: 2 });

  writeFileSync(folder.file('other.db'), readFileSync(file));
  writeFileSync(folder.file('other.db-wal'), damaged);
  expect(await copyLiveFile(folder.file('other.db'), folder.file('copy.db'), { wait })).toEqual({
    torn: true,
    logMissing: false,
  });
});

test('[VERIFY17] a store of which no copy of one moment can be made is given up, and nothing is left', async () => {
  let salt = 0;
  const restless = folder.file('restless.db');
  writeFileSync(restless, new Uint8Array(5_000_000));
  const change = () => writeFileSync(`${restless}-wal`, Buffer.from(`${salt++}`.padStart(20).padEnd(64)));
  change();
  await expect(copyLiveFile(restless, folder.file('copy.db'), { wait, onProgress: change })).rejects.toThrow(
    RestlessStore,
  );
  expect(folder.names().filter((name) => name.startsWith('copy'))).toEqual([]);
  expect(existsSync(`${restless}-hold`)).toBe(false);
});
