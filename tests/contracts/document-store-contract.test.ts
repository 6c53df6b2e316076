import { describe, expect, test } from '@jest/globals';
import {
  documentStoreContract,
  type OpenedStore,
  type StoreContractOptions,
  type TestFramework,
} from '../../contracts/index.js';
import { MemoryStore } from '../../server/storage/memory-store.js';
import type { AppendBatch, DocumentStore, Snapshot } from '../../server/storage/store.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { failingTests, recordTests } from '../support/test-recorder.js';

type Fits<Framework> = Framework extends TestFramework ? true : false;

/** A memory store some of whose methods are others; it makes them from the sound ones. */
type Change = (sound: MemoryStore) => Partial<DocumentStore>;

let generations = 0;
function memoryStore(options: { readonly shared?: boolean } = {}): MemoryStore {
  return new MemoryStore(() => `generation ${++generations}`, options);
}

function changed(change: Change, sound = memoryStore()): DocumentStore {
  const changes = change(sound);
  return new Proxy(sound, {
    get(target, key) {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' ? value.bind(key in changes ? changes : target) : value;
    },
  });
}

/** Runs the tests whose names hold the number; gives the names of those that fail. */
function failing(
  number: string,
  open: () => OpenedStore,
  options: Partial<StoreContractOptions> = {},
): Promise<string[]> {
  const tests = recordTests((framework) =>
    documentStoreContract(framework, { name: 'a store', open: async () => open(), ...options }),
  ).filter(({ name }) => name.includes(`[${number}]`));
  expect(tests).not.toEqual([]);
  return failingTests(tests);
}

const BROKEN: readonly [what: string, number: string, change: Change][] = [
  [
    'opens another document each time',
    'STORE1',
    (sound) => ({
      open: async (id, now) => ({ ...(await sound.open(id, now)), generation: `${Math.random()}` }),
    }),
  ],
  [
    'gives each caller the number of the next row before it has kept his',
    'STORE2',
    (sound) => ({
      async append(batches: readonly AppendBatch[]) {
        const heads = await sound.positions(batches.map(({ id }) => id));
        await sound.append(batches);
        return batches.map(({ id }) => ({ ok: true, firstSeq: (heads.get(id)?.head ?? 0) + 1 }));
      },
    }),
  ],
  [
    'refuses all batches for one that it cannot keep',
    'STORE3',
    (sound) => ({
      async append(batches) {
        const heads = await sound.positions(batches.map(({ id }) => id));
        const sane = batches.every(({ id, generation }) => heads.get(id)?.generation === generation);
        return sane ? sound.append(batches) : batches.map(() => ({ ok: false, code: 'generation-changed' }));
      },
    }),
  ],
  [
    "keeps the caller's own buffers",
    'STORE3',
    (sound) => {
      const kept = new Map<DocumentId, Snapshot>();
      return {
        async writeSnapshot(id, generation, snapshot, trimTo) {
          await sound.writeSnapshot(id, generation, snapshot, trimTo);
          kept.set(id, snapshot);
        },
        readSnapshot: async (id) => kept.get(id),
      };
    },
  ],
  [
    'trims more than it was told',
    'STORE4',
    (sound) => ({
      writeSnapshot: (id, generation, snapshot, trimTo) =>
        sound.writeSnapshot(id, generation, snapshot, Math.max(trimTo, snapshot.seq)),
    }),
  ],
  ['forgets who wrote', 'STORE5', () => ({ readAuthor: async () => undefined })],
  [
    'lists the oldest first',
    'STORE6',
    (sound) => ({ list: async (query) => [...(await sound.list(query))].reverse() }),
  ],
  [
    'goes on when it is closed',
    'STORE7',
    (sound) => ({
      append: (batches) => (batches.length === 0 ? Promise.resolve([]) : sound.append(batches)),
    }),
  ],
  [
    'counts documents that are not there',
    'STORE19',
    (sound) => ({
      async positions(ids) {
        for (const id of ids) await sound.open(id, 1);
        return sound.positions(ids);
      },
    }),
  ],
  ['answers for any generation', 'STORE20', (sound) => ({ readSnapshot: (id) => sound.readSnapshot(id) })],
  [
    'lets anybody write under any clientID',
    'STORE21',
    (sound) => ({
      append: (batches) =>
        sound.append(
          batches.map((batch) => ({ ...batch, rows: batch.rows.map((row) => ({ ...row, author: 'x' })) })),
        ),
    }),
  ],
  ['says too much about itself', 'STORE22', () => ({ shared: true })],
  [
    'creates what is there',
    'STORE26',
    (sound) => ({
      async create(id, now) {
        await sound.open(id, now);
        return true;
      },
    }),
  ],
  [
    'opens a deleted document',
    'STORE27',
    (sound) => ({
      async open(id, now) {
        await sound.restore(id);
        return sound.open(id, now);
      },
    }),
  ],
  ['erases nothing', 'STORE28', () => ({ purge: async () => [] })],
  [
    'revokes links silently',
    'STORE29',
    (sound) => ({ removeLink: async (id, name) => (await sound.readLink(id, name)) !== undefined }),
  ],
  ['tells no change', 'STORE30', () => ({ accessChangesAfter: async () => [] })],
  ['voids nothing', 'STORE31', () => ({ voidedAt: async () => undefined })],
  ['does not find what it lists', 'STORE40', () => ({ find: async () => undefined })],
  [
    'appends whatever the guard says',
    'GUARD1',
    (sound) => ({
      append: (batches) => sound.append(batches.map(({ guard: _, ...batch }) => batch)),
    }),
  ],
  [
    'looks at the head before it and not in it',
    'GUARD3',
    (sound) => ({
      async append(batches) {
        const heads = await sound.positions(batches.map(({ id }) => id));
        const isLate = batches.some(
          ({ id, guard }) => (guard?.head ?? heads.get(id)?.head) !== heads.get(id)?.head,
        );
        await Promise.resolve();
        return isLate
          ? batches.map(() => ({ ok: false, code: 'precondition-failed' }))
          : sound.append(batches.map(({ guard: _, ...batch }) => batch));
      },
    }),
  ],
  [
    'keeps receipts of what it has refused',
    'GUARD1',
    (sound) => ({
      async append(batches) {
        const results = await sound.append(batches);
        for (const { id: document, guard, committedAt: createdAt } of batches)
          if (guard?.receipt !== undefined)
            await sound.keepReceipt({ ...guard.receipt, document, createdAt });
        return results;
      },
    }),
  ],
  [
    'keeps no receipts of what it has stored',
    'GUARD2',
    (sound) => ({
      append: (batches) =>
        sound.append(
          batches.map((batch) => {
            const head = batch.guard?.head;
            return { ...batch, guard: head === undefined ? {} : { head } };
          }),
        ),
    }),
  ],
  [
    'keeps a receipt in the place of another',
    'STORE42',
    (sound) => ({
      async keepReceipt(receipt) {
        await sound.forgetReceipts(Number.MAX_SAFE_INTEGER, 99);
        return sound.keepReceipt(receipt);
      },
    }),
  ],
  [
    'forgets all receipts at once',
    'STORE42',
    (sound) => ({ forgetReceipts: (until) => sound.forgetReceipts(until, 99) }),
  ],
  [
    'does not say which document a receipt is about',
    'STORE42',
    (sound) => ({ keepReceipt: ({ document: _, ...receipt }) => sound.keepReceipt(receipt) }),
  ],
  [
    'makes a new document where one has another name',
    'STORE43',
    (sound) => ({
      async open(id, now) {
        await sound.create(id, now);
        return sound.open(id, now);
      },
    }),
  ],
  [
    'takes a name away from another document',
    'STORE43',
    (sound) => ({
      async rename(from, to, now) {
        await sound.remove(to, 0);
        await sound.purge(0, 1);
        return sound.rename(from, to, now);
      },
    }),
  ],
  [
    'renames deleted documents',
    'STORE43',
    (sound) => ({
      async rename(from, to, now) {
        await sound.restore(from);
        return sound.rename(from, to, now);
      },
    }),
  ],
  [
    'hides where a document went',
    'STORE43',
    (sound) => ({
      async find(id) {
        const found = await sound.find(id);
        return found?.movedTo === undefined ? found : undefined;
      },
    }),
  ],
  [
    'lists in one order only',
    'STORE44',
    (sound) => ({ list: ({ order: _, ...query }) => sound.list(query) }),
  ],
  [
    'begins lists with the place behind which they begin',
    'STORE44',
    (sound) => ({
      list: ({ after, ...query }) =>
        sound.list({ ...query, ...(after && { after: { ...after, id: parseDocumentId('-/-') } }) }),
    }),
  ],
  [
    'takes a prefix for a workspace',
    'STORE44',
    (sound) => ({ list: ({ prefix: _, ...query }) => sound.list(query) }),
  ],
  [
    'deletes whatever was written meanwhile',
    'STORE45',
    (sound) => ({ remove: (id, now) => sound.remove(id, now) }),
  ],
  [
    'renames whatever was written meanwhile',
    'STORE45',
    (sound) => ({ rename: (from, to, now) => sound.rename(from, to, now) }),
  ],
  [
    'hides all links of a deleted document',
    'STORE41',
    (sound) => ({ findLink: (hash) => sound.findLink(hash) }),
  ],
];

describe('the contract for stores', () => {
  test.each(BROKEN)('[EMBED1] notices a store that %s: %s', async (_, number, change) => {
    expect(await failing(number, () => ({ store: changed(change) }))).not.toEqual([]);
    expect(await failing(number, () => ({ store: memoryStore() }))).toEqual([]);
  });

  test('[EMBED1] notices a store that keeps nothing, and one that keeps what it has refused', async () => {
    const forgetful = () => ({ store: memoryStore(), again: async () => memoryStore() });
    expect(await failing('STORE7', forgetful, { durable: true })).toHaveLength(1);
    expect(await failing('STORE8', forgetful, { durable: true })).toHaveLength(1);
    const brave = () => ({ store: memoryStore(), outage: async () => () => {} });
    expect(await failing('STORE9', brave, { outage: true })).toHaveLength(1);
  });

  test('[EMBED1] notices stores that say they are shared and have documents of their own', async () => {
    const apart = () => {
      const again = async () => memoryStore({ shared: true });
      return { store: memoryStore({ shared: true }), again };
    };
    const failed = await failing('STORE22', apart, { shared: true, durable: false });
    const all = recordTests((framework) =>
      documentStoreContract(framework, { name: 'x', open: async () => apart(), shared: true }),
    ).filter(({ name }) => name.includes('[STORE22]'));
    expect(failed).toHaveLength(all.length - 1);
  });

  test('[EMBED1] takes the functions of several frameworks by their types', () => {
    // It would not compile if they did not fit. node:test cannot be loaded here: it would start.
    const fits: [Fits<typeof import('node:test')>, Fits<typeof import('@jest/globals')>] = [true, true];
    expect(fits).toEqual([true, true]);
  });

  test('[EMBED1] says what is missing when it was promised something that is not given', async () => {
    const tests = recordTests((framework) =>
      documentStoreContract(framework, {
        name: 'x',
        open: async () => ({ store: memoryStore() }),
        durable: true,
      }),
    ).filter(({ name }) => name.startsWith('[STORE8]'));
    await expect(tests[0]?.run()).rejects.toThrow('`again`');
  });
});
