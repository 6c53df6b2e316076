import { setImmediate } from 'node:timers/promises';
import type { DocumentStore } from '../server/storage/store.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { row } from './store-data.js';

export const A = parseDocumentId('team/a');
export const B = parseDocumentId('team/b');

/** What each test of the contract is given: a new, empty store. */
export interface StoreContext {
  readonly store: DocumentStore;
  /** Appends one batch that must be taken; gives its first number. */
  append(id: DocumentId, generation: string, texts: readonly string[], at?: number): Promise<number>;
  /** Another store that keeps the same documents, as another process would have it. */
  another(): Promise<DocumentStore>;
  /** Makes it impossible to keep anything, until the function is called that it resolves with. */
  outage(): Promise<() => Promise<void> | void>;
}

/**
 * Repeats something as long as `work` is under way, at least once, and lets everybody else have a turn in between: a
 * store that breaks its promise must not keep the test from ending.
 */
export async function during<Result>(work: Promise<Result>, step: () => Promise<void>): Promise<Result> {
  let busy = true;
  const watched = work.finally(() => {
    busy = false;
  });
  // If a step throws, that is what is told.
  watched.catch(() => {});
  while (busy) {
    await step();
    await setImmediate();
  }
  return watched;
}

export async function append(
  store: DocumentStore,
  id: DocumentId,
  generation: string,
  texts: readonly string[],
  at = 1,
): Promise<number> {
  const rows = texts.map((text) => row(text));
  const [result] = await store.append([{ id, generation, committedAt: at, rows }]);
  if (!result?.ok) throw new Error(`refused: ${result?.code}`);
  return result.firstSeq;
}

export function fail(): never {
  throw new Error('nothing is there');
}
