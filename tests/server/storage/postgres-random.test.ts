import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import type { AppendBatch, DocumentStore } from '../../../server/storage/store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { between, seededRandom } from '../../support/seeds.js';
import { row } from '../../support/store-data.js';

const postgres = testPostgres({ deadlock_timeout: '50ms' });
const DOCUMENTS = 20;
const CALLS = 60;

test('[STORE22] two stores append random batches to the same 20 documents: no gap, no deadlock, and each keeps its order', async () => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
  const ids = Array.from({ length: DOCUMENTS }, (_, n) => parseDocumentId(`team/${n}`));
  const stores = [
    await PostgresStore.open(postgres.server.url),
    await PostgresStore.open(postgres.server.url),
  ];
  try {
    const generations = new Map<string, string>();
    for (const id of ids) generations.set(id, (await stores[0]?.open(id, 1))?.generation ?? '');

    /** What each document got from this store, in order. */
    const write = async (store: DocumentStore, name: number) => {
      const random = seededRandom(seed + name);
      const sent = new Map(ids.map((id) => [id as string, [] as string[]]));
      for (let call = 0; call < CALLS; call++) {
        const batches = Array.from({ length: between(random, 1, 12) }, (_, n): AppendBatch => {
          const id = ids[between(random, 0, DOCUMENTS - 1)] ?? parseDocumentId('x');
          const texts = Array.from({ length: between(random, 0, 5) }, (_, m) => `${name}/${call}/${n}/${m}`);
          sent.get(id)?.push(...texts);
          const rows = texts.map((text) => ({
            ...row(text),
            clientId: between(random, 1, 4),
            author: 'ada',
          }));
          return { id, generation: generations.get(id) ?? '', committedAt: call, rows };
        });
        const results = await store.append(batches);
        expect(results.filter(({ ok }) => !ok)).toEqual([]);
      }
      return sent;
    };
    const sent = await Promise.all(stores.map(write));

    for (const id of ids) {
      const log = (await stores[1]?.readLog(id, 0, 10_000)) ?? [];
      const texts = log.map(({ update }) => Buffer.from(update).toString());
      for (const [name, of] of sent.entries())
        expect(texts.filter((text) => text.startsWith(`${name}/`))).toEqual(of.get(id));
      expect(texts).toHaveLength(sent.reduce((sum, of) => sum + (of.get(id)?.length ?? 0), 0));
    }
    expect(postgres.server.output).not.toContain('deadlock');
  } catch (cause) {
    throw new Error(`seed ${seed} fails; again with: SEED=${seed} npx jest postgres-random`, { cause });
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
});
