import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { decodeUpdateList } from '../../shared/frames.js';
import type { ReplacedCopy } from '../rejected-edits.js';
import type { BaseHead, BaseOutcome, Batch, CopyStore, Place, StoredCopy, UnsavedRow } from './copy-store.js';
import { fitBase } from './fit-base.js';

/** A database of a later version is another release's, and is left alone. */
const VERSION = 1;
const STORES = ['heads', 'base', 'unsaved', 'replaced'] as const;

type PlaceKey = [scope: string, server: string, document: string];

interface Schema extends DBSchema {
  heads: { key: PlaceKey; value: BaseHead };
  /** Update lists. */
  base: { key: [...PlaceKey, row: number]; value: Uint8Array };
  unsaved: { key: [...PlaceKey, tab: string, number: number]; value: Omit<UnsavedRow, 'key'> };
  replaced: { key: [...PlaceKey, row: string]; value: ReplacedCopy };
}

type Database = IDBPDatabase<Schema>;

const stores = new Map<string, IndexedDbStore>();

/**
 * Kept copies in IndexedDB, for all documents of an origin. Whoever asks for the same database gets the same connection, which
 * is closed when all have closed it.
 *
 * @throws what IndexedDB throws, where there is none, among others
 */
export async function openIndexedDb(name: string): Promise<CopyStore> {
  const store = stores.get(name) ?? new IndexedDbStore(name);
  stores.set(name, store);
  await store.open();
  return store;
}

class IndexedDbStore implements CopyStore {
  readonly #name: string;
  #database: Promise<Database> | undefined;
  #users = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** For one more. */
  async open(): Promise<void> {
    this.#users++;
    try {
      await this.#open();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async read(place: Place): Promise<StoredCopy> {
    const database = await this.#open();
    const transaction = database.transaction(STORES);
    const within = rangeOf(place);
    const [head, base, keys, values, replacedKeys, replaced] = await Promise.all([
      transaction.objectStore('heads').get(keyOf(place)),
      transaction.objectStore('base').getAll(within),
      transaction.objectStore('unsaved').getAllKeys(within),
      transaction.objectStore('unsaved').getAll(within),
      transaction.objectStore('replaced').getAllKeys(within),
      transaction.objectStore('replaced').getAll(within),
      transaction.done,
    ]);
    return {
      head,
      base: base.flatMap((row) => decodeUpdateList(row)),
      unsaved: values.flatMap((row, at) => {
        const [, , , tab, number] = keys[at] ?? [];
        return tab === undefined || number === undefined ? [] : [{ ...row, key: [tab, number] as const }];
      }),
      replaced: replaced.flatMap((copy, at) => {
        const key = replacedKeys[at]?.[3];
        return key === undefined ? [] : [{ key, copy }];
      }),
    };
  }

  async write(place: Place, batch: Batch): Promise<BaseOutcome> {
    const database = await this.#open();
    const put = putRows(database, keyOf(place), batch);
    if (batch.base === undefined && !batch.drop?.length && !batch.dropReplaced?.length) {
      await put;
      return { fits: true, head: undefined };
    }
    // Begun before the other one has ended, so that what is asked for later comes after both.
    const transaction = database.transaction(STORES, 'readwrite');
    const at = keyOf(place);
    const heads = transaction.objectStore('heads');
    const base = transaction.objectStore('base');
    const unsaved = transaction.objectStore('unsaved');
    const replaced = transaction.objectStore('replaced');
    const steps = async (add: Add): Promise<BaseOutcome> => {
      for (const key of batch.drop ?? []) add(unsaved.delete([...at, ...key]));
      for (const key of batch.dropReplaced ?? []) add(replaced.delete([...at, key]));
      if (batch.base === undefined) return { fits: true, head: undefined };
      const fitted = fitBase(await heads.get(at), batch.base);
      if (fitted.clear) add(base.delete(rangeOf(place)));
      if (fitted.row !== undefined) add(base.put(fitted.row.bytes, [...at, fitted.row.number]));
      add(fitted.head === undefined ? heads.delete(at) : heads.put(fitted.head, at));
      return fitted;
    };
    const [outcome] = await Promise.all([carryOut(transaction, steps), put]);
    return outcome;
  }

  async forget(place: Place): Promise<void> {
    await deleteWithin(await this.#open(), keyOf(place));
  }

  close(): void {
    if (--this.#users > 0) return;
    stores.delete(this.#name);
    this.#database?.then(
      (database) => database.close(),
      () => {},
    );
    this.#database = undefined;
  }

  /** Anew, where the browser has ended the connection by itself, as some do with pages in the background. */
  #open(): Promise<Database> {
    this.#database ??= openDatabase(this.#name, () => {
      this.#database = undefined;
    });
    return this.#database;
  }
}

type Add = (request: Promise<unknown>) => void;

/** Runs the steps of a transaction, whose requests are carried out in their order. What has failed fails as a whole. */
async function carryOut<T>(
  transaction: { abort(): void; readonly done: Promise<void> },
  steps: (add: Add) => Promise<T>,
): Promise<T> {
  const requests: Promise<unknown>[] = [];
  const all = async (): Promise<T> => {
    const result = await steps((request) => {
      requests.push(request);
      request.catch(() => {});
    });
    await Promise.all(requests);
    return result;
  };
  const abort = (error: unknown): never => {
    try {
      transaction.abort();
    } catch {
      // It is aborted already.
    }
    throw error;
  };
  const [result] = await Promise.all([all().catch(abort), transaction.done]);
  return result;
}

/**
 * Writes what somebody has typed by itself, before the rest: a transaction that has to wait for no answer is committed also
 * if the page goes away meanwhile. What the rest drops was put before.
 */
async function putRows(
  database: Database,
  at: PlaceKey,
  { put = [], putReplaced = [] }: Batch,
): Promise<void> {
  if (put.length === 0 && putReplaced.length === 0) return;
  const transaction = database.transaction(['unsaved', 'replaced'], 'readwrite');
  const unsaved = transaction.objectStore('unsaved');
  const replaced = transaction.objectStore('replaced');
  await carryOut(transaction, async (add) => {
    for (const { key, ...row } of put) add(unsaved.put(row, [...at, ...key]));
    for (const { key, copy } of putReplaced) add(replaced.put(copy, [...at, key]));
    transaction.commit();
  });
}

/** @param ended the connection is gone */
function openDatabase(name: string, ended: () => void): Promise<Database> {
  return openDB<Schema>(name, VERSION, {
    upgrade(database) {
      for (const store of STORES) database.createObjectStore(store);
    },
    // A later release, in another tab, waits for this one.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      ended();
    },
    terminated: ended,
  });
}

/**
 * Wipes what is kept under a beginning of the key, everything under the empty one.
 *
 * @returns where that was
 */
export async function forgetWithin(name: string, beginning: readonly string[]): Promise<Place[]> {
  const database = await openDatabase(name, () => {});
  try {
    return await deleteWithin(database, beginning);
  } finally {
    database.close();
  }
}

/** What is kept under a beginning of the key, everything under the empty one, and how many changes of it are not saved. */
export async function listWithin(
  name: string,
  beginning: readonly string[],
): Promise<readonly (Place & { readonly unsavedChanges: number })[]> {
  const database = await openDatabase(name, () => {});
  try {
    const transaction = database.transaction(STORES);
    const within = IDBKeyRange.bound([...beginning], [...beginning, []]);
    const found = new Map<string, Place & { unsavedChanges: number }>();
    const at = ([scope, server, document]: readonly [string, string, string, ...unknown[]]) => {
      const key = JSON.stringify([scope, server, document]);
      const place = found.get(key) ?? { scope, server, document, unsavedChanges: 0 };
      found.set(key, place);
      return place;
    };
    for (const key of await transaction.objectStore('heads').getAllKeys(within)) at(key);
    for await (const { key, value } of transaction.objectStore('unsaved').iterate(within))
      at(key).unsavedChanges += value.count;
    return [...found.values()];
  } finally {
    database.close();
  }
}

async function deleteWithin(database: Database, beginning: readonly string[]): Promise<Place[]> {
  const transaction = database.transaction(STORES, 'readwrite');
  const places = new Map<string, Place>();
  const within = IDBKeyRange.bound([...beginning], [...beginning, []]);
  for (const name of STORES) {
    const store = transaction.objectStore(name);
    for (const [scope, server, document] of await store.getAllKeys(within))
      places.set(JSON.stringify([scope, server, document]), { scope, server, document });
    await store.delete(within);
  }
  await transaction.done;
  return [...places.values()];
}

function keyOf({ scope, server, document }: Place): PlaceKey {
  return [scope, server, document];
}

/** All keys that begin with the place: an array comes after every string and number. */
function rangeOf(place: Place): IDBKeyRange {
  const key = keyOf(place);
  return IDBKeyRange.bound(key, [...key, []]);
}
