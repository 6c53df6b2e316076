import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { SqliteStore } from '../../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import {
  buildDiskShim,
  diskShimMissing,
  killStoreProcesses,
  StoreProcess,
  type StoreReport,
} from '../../support/store-process.js';

const ID = parseDocumentId('test/document');
const ROUNDS = 4;

afterEach(killStoreProcesses);

/** Opens the store and checks that every row that was reported is in it. Gives the head. */
async function expectReported(file: string, reports: readonly StoreReport[]): Promise<number> {
  const store = await SqliteStore.open(file);
  const { head } = await store.open(ID, 0);
  const log = await store.readLog(ID, 0, head);
  const texts = log.map(({ update }) => new TextDecoder().decode(update));
  for (const { seq, text } of reports) if (seq !== undefined) expect(texts[seq - 1]).toBe(text);
  await store.close();
  return head;
}

/** As `expectReported`, and the snapshot must be whole and at least as new as the last one that was reported. */
async function expectSnapshot(file: string, reports: readonly StoreReport[]): Promise<void> {
  const store = await SqliteStore.open(file);
  const { head, firstRow, snapshotSeq, generation } = await store.open(ID, 0);
  expect(head).toBeGreaterThanOrEqual(Math.max(...reports.map(({ seq }) => seq ?? 0)));
  expect(snapshotSeq).toBeGreaterThanOrEqual(Math.max(...reports.map(({ snapshot }) => snapshot ?? 0)));
  expect(firstRow).toBeLessThanOrEqual(Math.max(1, snapshotSeq - 4));
  expect(await store.readLog(ID, firstRow - 1, head)).toHaveLength(head - firstRow + 1);
  const found = await store.readSnapshot(ID);
  const whole = (part: Uint8Array | undefined) => part?.every((value) => value === snapshotSeq % 256);
  expect(whole(found?.state) && whole(found?.index)).toBe(true);
  expect([found?.state.length, found?.index.length]).toEqual([300_000, 70_000]);
  await store.writeSnapshot(
    ID,
    generation,
    { seq: head, state: new Uint8Array(9), index: new Uint8Array(9) },
    0,
  );
  await store.close();
  const database = new Database(file);
  const counts = `SELECT (SELECT count(*) FROM snapshot_pieces) AS pieces, (SELECT count(*) FROM loose_pieces) AS loose`;
  expect(database.prepare(counts).all([])).toMatchObject([{ pieces: 2, loose: 0 }]);
  database.close();
}

test(`[STORE8] [STORE16] after kill -9 while snapshots are written there is a whole one, and nothing else, ${ROUNDS} times`, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}; again: SEED=${seed} npx jest tests/server/storage/sqlite-crash`);
  for (let round = 0; round < ROUNDS; round++) {
    const folder = temporaryFolder();
    const process = new StoreProcess(folder.file('store.db'), 'snapshots');
    await process.until((reports) => reports.some(({ snapshot }) => snapshot !== undefined));
    await process.reported(process.reports.length + ((seed * (round + 7)) % 90));
    await process.kill();
    await expectSnapshot(folder.file('store.db'), process.reports);
    folder.remove();
  }
});

test(`[STORE8] every append that was reported is there after kill -9, ${ROUNDS} times in one file`, async () => {
  const folder = temporaryFolder();
  const file = folder.file('store.db');
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}; again: SEED=${seed} npx jest tests/server/storage/sqlite-crash`);
  const reports: StoreReport[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const process = new StoreProcess(file, 'append');
    await process.reported(2 + ((seed * (round + 7)) % 300));
    await process.kill();
    reports.push(...process.reports);
    const reported = reports.filter(({ seq }) => seq !== undefined).length;
    expect(await expectReported(file, reports)).toBeGreaterThanOrEqual(reported);
  }
  folder.remove();
});

const missing = diskShimMissing();
if (missing !== undefined)
  process.stderr.write(`NOT RUN: the power-cut and disk-full tests of the store; ${missing}\n`);

(missing === undefined ? describe : describe.skip)('on a disk that forgets what was not synced', () => {
  let folder: TemporaryFolder;
  let shim: TemporaryFolder;
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    shim = temporaryFolder();
    buildDiskShim(shim.file('shim.so'));
  });
  afterAll(() => shim.remove());
  beforeEach(() => {
    folder = temporaryFolder();
    mkdirSync(folder.file('disk'));
    mkdirSync(folder.file('durable'));
    env = {
      LD_PRELOAD: shim.file('shim.so'),
      DISK_FOLDER: folder.file('disk'),
      DISK_DURABLE: folder.file('durable'),
      DISK_FAULT: folder.file('fault'),
    };
  });

  test('[STORE8] every append that was reported survives a power cut', async () => {
    const process = new StoreProcess(folder.file('disk/store.db'), 'append', env);
    await process.reported(60);
    await process.kill();
    expect(await expectReported(folder.file('durable/store.db'), process.reports)).toBeGreaterThanOrEqual(59);
    folder.remove();
  });

  test('[STORE8] [STORE16] after a power cut while snapshots are written there is a whole one, and every row that was reported', async () => {
    const process = new StoreProcess(folder.file('disk/store.db'), 'snapshots', env);
    await process.until((reports) => reports.filter(({ snapshot }) => snapshot !== undefined).length >= 2);
    await process.reported(process.reports.length + 7);
    await process.kill();
    await expectSnapshot(folder.file('durable/store.db'), process.reports);
    folder.remove();
  });

  test('the disk does forget: rows that were committed without a sync are gone', async () => {
    const process = new StoreProcess(folder.file('disk/other.db'), 'unsynced', env);
    await process.reported(1);
    await process.kill();
    const read = (file: string) => {
      const database = new Database(file);
      return (database.prepare('SELECT count(*) AS rows FROM sqlite_master').get() as { rows: number }).rows;
    };
    expect(read(folder.file('disk/other.db'))).toBe(1);
    expect(read(folder.file('durable/other.db'))).toBe(0);
    folder.remove();
  });

  test.each([
    ['the disk is full', 'w'],
    ['syncing fails', 's'],
  ])(
    '[STORE9] while %s appends are refused; afterwards the same store goes on by itself',
    async (_, fault) => {
      const process = new StoreProcess(folder.file('disk/store.db'), 'serve', env);
      await process.reported(1);
      expect(await process.append()).toEqual({ seq: 1, text: 'row 1' });
      writeFileSync(folder.file('fault'), fault);
      for (let attempt = 0; attempt < 3; attempt++)
        expect(await process.append()).toEqual({ code: 'store-unavailable' });
      rmSync(folder.file('fault'));
      expect(await process.append()).toEqual({ seq: 2, text: 'row 5' });
      expect(await process.append()).toEqual({ seq: 3, text: 'row 6' });
      await process.kill();
      expect(await expectReported(folder.file('durable/store.db'), process.reports)).toBe(3);
      expect(await expectReported(folder.file('disk/store.db'), process.reports)).toBe(3);
      folder.remove();
    },
  );
});
