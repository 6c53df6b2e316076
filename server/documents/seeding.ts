import { createHash, randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Seed } from '../hooks/hooks.js';
import type { NewLogRow } from '../storage/store.js';
import { appendBeginning, type BeginningServices, checkState } from './beginning.js';
import type { DocumentHooks } from './document-hooks.js';
import { type LoadedDocument, loadDocument } from './load.js';
import { isThenable, refusedThenable } from './thenable.js';

/** What goes wrong this often while one document is opened is nobody's doing but the store's. */
const MAX_ATTEMPTS = 3;

/**
 * Opens a document once the application has prepared it: an empty one with what it begins with.
 *
 * @throws CoscribeError as `loadDocument` and `DocumentHooks.load`
 */
export async function loadPrepared(
  id: DocumentId,
  services: BeginningServices,
  hooks: DocumentHooks,
): Promise<LoadedDocument> {
  for (let attempt = 1; ; attempt++) {
    const { generation, isSeeded } = await prepare(id, services, hooks);
    const loaded = await loadDocument(id, services);
    // Deleted and made again in between, it would be opened without what it begins with.
    const isTheSame = loaded.generation === generation;
    if (isTheSame && !(isSeeded && loaded.stored.tail.head === 0)) return loaded;
    if (attempt === MAX_ATTEMPTS) throw new CoscribeError('document-not-ready', 'its seed is not there');
  }
}

/** @returns the generation that the application was asked about, and whether there is a seed in it */
async function prepare(
  id: DocumentId,
  services: BeginningServices,
  hooks: DocumentHooks,
): Promise<{ readonly generation: string; readonly isSeeded: boolean }> {
  const { store, clock } = services;
  const { generation, head } = await store.open(id, clock.wall());
  const seed = await hooks.load(id, head === 0);
  if (head > 0 || seed === undefined) return { generation, isSeeded: false };
  let rows: readonly NewLogRow[];
  try {
    rows = await seedRows(seed, seedClient(id, generation), services);
  } catch (error) {
    throw hooks.refuseSeed(id, error);
  }
  // Of all who write a seed at once the store takes one. That somebody else was first, or that it is another document by now,
  // shows when it is loaded.
  if (rows.length > 0) await appendBeginning({ id, generation, rows }, services, hooks);
  return { generation, isSeeded: rows.length > 0 };
}

/** The clientID under which a document is seeded: the same on every node. */
function seedClient(id: DocumentId, generation: string): number {
  return createHash('sha256').update(`${id}\n${generation}`).digest().readUInt32BE(0);
}

/** @throws whatever the seed's function throws; CoscribeError as `checkState`; TypeError */
async function seedRows(
  seed: Seed,
  clientId: number,
  services: BeginningServices,
): Promise<readonly NewLogRow[]> {
  const update = seed instanceof Uint8Array ? seed : filled(seed, clientId);
  const parts = await checkState(update, services);
  const author = `seed:${randomUUID()}`;
  return parts.map((part) => ({ update: part, clientId, author }));
}

function filled(fill: (doc: Y.Doc) => unknown, clientId: number): Uint8Array {
  if (typeof fill !== 'function')
    throw new TypeError('onLoad returns a Uint8Array, a function that fills a Y.Doc, or nothing.');
  const doc = new Y.Doc();
  doc.clientID = clientId;
  try {
    const answer = doc.transact(() => fill(doc));
    if (isThenable(answer)) throw refusedThenable(answer, 'The function that onLoad returns');
    return Y.encodeStateAsUpdate(doc);
  } finally {
    doc.destroy();
  }
}
