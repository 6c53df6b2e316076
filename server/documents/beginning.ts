import { randomInt, randomUUID } from 'node:crypto';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { checkUpdate } from '../../shared/update-gate.js';
import type { AppendBatch } from '../storage/store.js';
import type { Admission } from './admitted.js';
import { authorOf } from './clients.js';
import type { DocumentHooks } from './document-hooks.js';
import { inTurns } from './in-turns.js';
import { partsOf } from './large-parts.js';
import type { DocumentServices } from './services.js';

declare const checked: unique symbol;

/** What a document may begin with: updates, as its log takes them. Only `checkState` makes one. */
export type CheckedState = readonly Uint8Array[] & { readonly [checked]: true };

export type BeginningServices = Pick<DocumentServices, 'store' | 'clock' | 'limits' | 'crdt' | 'onCommitted'>;

/** A clientID that writes nothing itself: what a state holds was written under others. */
const NOBODY = 0;

/**
 * Checks that an empty document can take a state, as the document would: by the gate, part by part.
 *
 * @param state everything of a document, as a Yjs update (version 1)
 * @throws CoscribeError `document-too-large`, and as `splitUpdate` and `checkUpdate`
 */
export async function checkState(
  state: Uint8Array,
  {
    limits,
    clock,
    crdt,
  }: Pick<BeginningServices, 'limits' | 'clock'> & Partial<Pick<BeginningServices, 'crdt'>>,
): Promise<CheckedState> {
  if (state.length > limits.maxDocumentBytes)
    throw new CoscribeError('document-too-large', `at most ${limits.maxDocumentBytes} bytes`);
  const bounds = { maxBytes: limits.maxUpdateBytes, maxDeleteRanges: limits.maxDeleteRanges };
  const index = DocumentIndex.decode(new Uint8Array());
  const parts = (await partsOf(state, bounds, crdt)).map((update) => ({ update }));
  const updates: Uint8Array[] = [];
  await inTurns(parts, clock, ({ update }) => {
    const part = checkUpdate(update, { index, kind: 'catch-up', clientId: NOBODY, limits });
    if (!part.addsStructs && part.deleteRanges === 0) return;
    index.admit(part);
    updates.push(part.update);
  });
  if (index.clientCount > limits.maxClientIds)
    throw new CoscribeError('document-too-large', `at most ${limits.maxClientIds} clientIDs`);
  return updates as readonly Uint8Array[] as CheckedState;
}

/** Somebody was quicker: the document has something in it by now, or is another one. */
const TOO_LATE: ReadonlySet<string> = new Set([
  'precondition-failed',
  'client-id-in-use',
  'generation-changed',
]);

/**
 * Appends what a document begins with, whole or not at all, and tells whoever is told about commits.
 *
 * @returns `false`, and nothing is changed, if anything is in it already
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function appendBeginning(
  batch: Omit<AppendBatch, 'committedAt' | 'guard'>,
  { store, clock, onCommitted }: BeginningServices,
  hooks: DocumentHooks | undefined,
): Promise<boolean> {
  const committedAt = clock.wall();
  const { id, generation, rows } = batch;
  const [result] = await store.append([{ ...batch, committedAt, guard: { head: 0 } }]);
  if (result?.ok) {
    const { firstSeq: from } = result;
    hooks?.committed({ document: id, generation, from, rows, committedAt });
    onCommitted?.(id, { generation, from, to: from + rows.length - 1 });
    return true;
  }
  if (result !== undefined && TOO_LATE.has(result.code)) return false;
  throw new CoscribeError(result?.code === 'document-unreadable' ? result.code : 'internal');
}

/**
 * Gives a document that is there, and in which nothing was ever written, what it begins with: whole or not at all, without
 * opening it, so that it is not also given what the application would have every empty document begin with.
 *
 * @param by whose edit it is; his role is not looked at
 * @throws CoscribeError `no-access` if there is no such document; `document-exists` if there is anything in it;
 *   `store-unavailable`
 */
export async function fillDocument(
  id: DocumentId,
  updates: CheckedState,
  by: Admission,
  services: BeginningServices,
  hooks: DocumentHooks | undefined,
): Promise<void> {
  const found = (await services.store.positions([id])).get(id);
  if (found === undefined) throw new CoscribeError('no-access');
  const { generation, head } = found;
  if (head > 0) throw new CoscribeError('document-exists');
  if (updates.length === 0) return;
  const clientId = randomInt(1, 2 ** 32);
  const author = authorOf(by, randomUUID());
  const rows = updates.map((update) => ({ update, clientId, author }));
  if (!(await appendBeginning({ id, generation, rows }, services, hooks)))
    throw new CoscribeError('document-exists');
}
