import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { AppendBatch, AppendResult, DocumentStore, LogRow, NewLogRow } from '../storage/store.js';

/**
 * Looks whether a batch that had to begin at a certain place of the log is there.
 *
 * @returns where; nothing if something else is there; `store-unavailable` if that can never be said
 * @throws CoscribeError `store-unavailable` if it can be said later
 */
export async function foundInLog(
  store: Pick<DocumentStore, 'readLog'>,
  { id, generation, rows, guard }: AppendBatch,
): Promise<AppendResult | CoscribeError | undefined> {
  const head = guard?.head;
  if (head === undefined) return undefined;
  let log: readonly LogRow[];
  try {
    log = await store.readLog(id, head, rows.length, generation);
  } catch (cause) {
    const error = new CoscribeError('store-unavailable', 'whether the edit is there is not known', { cause });
    if (toCoscribeError(cause).code === 'store-unavailable') throw error;
    return error;
  }
  const isThere = rows.every((row, n) => isSame(row, log[n]));
  return isThere ? { ok: true, firstSeq: head + 1 } : undefined;
}

function isSame(row: NewLogRow, found: LogRow | undefined): boolean {
  return row.clientId === found?.clientId && Buffer.compare(row.update, found.update) === 0;
}
