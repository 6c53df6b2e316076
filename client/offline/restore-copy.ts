import * as Y from 'yjs';
import { applyUpdates } from '../apply-updates.js';
import { Gapless } from '../gapless.js';
import type { KeepHost } from '../keeping.js';
import type { Change } from '../outbox.js';
import type { StoredCopy, UnsavedRow } from './copy-store.js';

/** Rows put into the document at a time: merging costs more than linearly. */
const MERGE_AT_MOST = 100;

/** What the server may not have, and where it is kept. */
export interface RestoredChange {
  readonly change: Change;
  readonly row: UnsavedRow;
}

/** Which generation a kept copy is of. */
export function generationOf({ head, unsaved }: StoredCopy): string | undefined {
  return head?.generation ?? unsaved.findLast(({ generation }) => generation !== undefined)?.generation;
}

/** Puts what is kept into the document, which may hold something already. */
export function restoreBase(host: KeepHost, stored: StoredCopy): void {
  const { head, base } = stored;
  if (head !== undefined) applyUpdates(host.doc, base, host);
  const generation = generationOf(stored);
  // Without a base what is not saved still belongs to that generation, and must not get into another one.
  if (generation !== undefined) host.restore({ generation, seq: head?.seq ?? 0 }, head?.role);
}

/**
 * Puts what is not saved into the document, on top of a base. What the copy has already counts as no change: it is saved, or
 * kept twice. It is sent all the same: only the server can tell, and other tabs may count on another row of the same.
 *
 * @param living tabs that are there: theirs is not adopted, only taken
 */
export function restoreRows(
  host: KeepHost,
  unsaved: readonly UnsavedRow[],
  living: ReadonlySet<string>,
): RestoredChange[] {
  for (const { key, madeBy } of unsaved) if (madeBy !== undefined && !living.has(key[0])) host.adopt(madeBy);
  return runsOf(unsaved).flatMap((rows) => {
    const isKnown = !isNews(host, mergeRun(rows));
    return rows.map((row) => {
      const { update, madeBy } = row;
      return { change: { update, madeBy, count: isKnown ? 0 : row.count, shared: true }, row };
    });
  });
}

function mergeRun(rows: readonly UnsavedRow[]): Uint8Array {
  const [first, ...others] = rows.map(({ update }) => update);
  return first === undefined || others.length > 0 ? Y.mergeUpdates(rows.map(({ update }) => update)) : first;
}

/** Puts an update into the document. @returns whether the document lacked something of it, as far as can be told */
export function isNews(host: KeepHost, update: Uint8Array): boolean {
  const { doc } = host;
  let isNew = false;
  const note = (_update: Uint8Array, origin: unknown): void => {
    isNew ||= origin === host;
  };
  doc.on('update', note);
  applyUpdates(doc, [update], host);
  doc.off('update', note);
  return isNew || doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}

/** Rows that can be one update: of one author, and without a hole. */
function runsOf(unsaved: readonly UnsavedRow[]): UnsavedRow[][] {
  const runs: UnsavedRow[][] = [];
  let last: UnsavedRow | undefined;
  let gapless: Gapless | undefined;
  for (const row of unsaved) {
    const run = runs.at(-1);
    const goesOn =
      last?.madeBy === row.madeBy &&
      last?.key[0] === row.key[0] &&
      run !== undefined &&
      run.length < MERGE_AT_MOST &&
      gapless?.take(row.update) === true;
    if (goesOn) run.push(row);
    else {
      runs.push([row]);
      gapless = row.madeBy === undefined ? undefined : new Gapless(row.madeBy);
      if (gapless?.take(row.update) === false) gapless = undefined;
    }
    last = row;
  }
  return runs;
}
