import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import { mendingWork } from '../../../../cli/stores/mending.js';
import { checkStore } from '../../../../server/storage/check/check-store.js';
import type { Finding } from '../../../../server/storage/check/findings.js';
import { SqliteReader } from '../../../../server/storage/check/sqlite-reader.js';
import { UnreadableStore } from '../../../../server/storage/check/unreadable-store.js';
import { SqliteStore } from '../../../../server/storage/sqlite-store.js';
import { discard, settle } from '../../../../server/storage/transfer/whole-file.js';
import { corrupt, dumpFile } from '../../../support/corruptions.js';
import { type TemporaryFolder, temporaryFolder } from '../../../support/folder.js';
import { fillStore } from '../../../support/sample-store.js';
import { between, forSeedsInTurn, seededRandom } from '../../../support/seeds.js';

const RERUN = 'tests/server/storage/check/corruptions';
/** In a nightly run, or by hand: `CASES=1000 npx jest tests/server/storage/check/corruptions`. */
const CASES = Number(process.env.CASES ?? 40);
const LONG_MS = Math.max(300_000, CASES * 2_000);

let folder: TemporaryFolder;
let whole: string;
beforeAll(async () => {
  folder = temporaryFolder();
  whole = folder.file('whole.db');
  const store = await SqliteStore.open(whole);
  await fillStore(store, seededRandom(7), { documents: 9, edits: 24 });
  await store.close();
  settle(whole);
});
afterAll(() => folder.remove());

async function findingsOf(file: string): Promise<readonly Finding[]> {
  try {
    const reader = SqliteReader.open({ copy: file, description: 'store', findings: [], remove: () => {} });
    const { findings } = await checkStore(reader, { verify: mendingWork.verify });
    await reader.close();
    return findings;
  } catch (error) {
    if (error instanceof UnreadableStore) return error.findings;
    throw error;
  }
}

test('[VERIFY2] nothing is found in a whole store', async () => {
  expect(await findingsOf(whole)).toEqual([]);
});

test(
  '[VERIFY3] every corruption of a value, and every row that is swapped or gone, is found',
  async () => {
    await forSeedsInTurn(CASES, RERUN, async (random) => {
      const file = folder.file('case.db');
      let done: string | undefined;
      while (done === undefined) {
        await discard(file);
        copyFileSync(whole, file);
        done = corrupt(file, random);
      }
      const findings = await findingsOf(file);
      if (findings.length === 0) throw new Error(`not found: ${done}`);
      await discard(file);
    });
  },
  LONG_MS,
);

test(
  '[VERIFY3] every flipped bit of the file that changes what can be read is found',
  async () => {
    const content = dumpFile(whole);
    const bytes = readFileSync(whole);
    await forSeedsInTurn(Math.ceil(CASES / 2), RERUN, async (random) => {
      const file = folder.file('raw.db');
      for (;;) {
        await discard(file);
        const copy = Buffer.from(bytes);
        const at = between(random, 0, bytes.length - 1);
        const bit = 1 << between(random, 0, 7);
        copy[at] = (copy[at] ?? 0) ^ bit;
        writeFileSync(file, copy);
        const effect = effectOn(file, content);
        await discard(file);
        writeFileSync(file, copy);
        const findings = await findingsOf(file);
        if (effect !== undefined && findings.length === 0) {
          throw new Error(`not found: bit ${bit} of byte ${at} of ${bytes.length} flipped: ${effect}`);
        }
        await discard(file);
        if (effect !== undefined) return;
      }
    });
  },
  LONG_MS,
);

/** What a reader notices: other values, or pages that cannot be read. Free room and what is written anew is no effect. */
function effectOn(file: string, content: string): string | undefined {
  try {
    if (dumpFile(file) !== content) return 'other values';
    const database = new Database(file);
    database.exec('PRAGMA writable_schema = ON');
    const select = database.prepare(
      'SELECT CAST(integrity_check AS BLOB) AS found FROM pragma_integrity_check',
    );
    const [row] = select.all([]) as { readonly found: Uint8Array }[];
    database.close();
    return Buffer.from(row?.found ?? []).toString() === 'ok' ? undefined : 'pages';
  } catch (error) {
    return `error ${error instanceof Error ? error.message : String(error)}`;
  }
}
