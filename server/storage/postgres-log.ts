import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Answer, Row } from './postgres-connections.js';
import { checkGeneration, DOCUMENT_COLUMNS, damaged, notThere, readDocument } from './postgres-documents.js';
import { READ_LOG, type Statement } from './postgres-statements.js';
import { rowSum } from './postgres-sums.js';
import { bytesOfBase64, fromTextValue, readNumbers } from './postgres-values.js';
import type { LogRow } from './store.js';

/**
 * What one step of reading may take, so that neither thread nor connection is held up: 512 rows, and bytes until there
 * are so many. Larger steps save little: with 256 KB a step costs about a millisecond of this thread.
 */
const ROWS_PER_STEP = 512;
const BYTES_PER_STEP = 256 * 1024;

/** Asks the database. */
export type Query = (statement: Statement, values: readonly unknown[]) => Promise<Answer>;

export interface LogRange {
  readonly id: DocumentId;
  /** `seq` before the first row. */
  readonly after: number;
  /** How many rows at most. */
  readonly limit: number;
  readonly generation: string | undefined;
}

/** Reads a log step by step. @throws CoscribeError */
export async function readLog(query: Query, range: LogRange): Promise<readonly LogRow[]> {
  const { id, limit } = range;
  const log: LogRow[] = [];
  let { after, generation } = range;
  for (;;) {
    const step = Math.max(0, Math.min(limit - log.length, ROWS_PER_STEP));
    const row = (await query(READ_LOG, [id, after, step, BYTES_PER_STEP])).rows[0];
    if (row === undefined) throw notThere(generation);
    const document = readDocument(row);
    checkGeneration(document, generation);
    if (after + 1 < document.firstRow)
      throw new CoscribeError('internal', 'these log rows have been trimmed');
    const rows = readRows(document.sealedAs, row.slice(DOCUMENT_COLUMNS), after);
    if (rows.length === 0 && step > 0 && after < document.head) throw damaged(`log row ${after + 1}`);
    log.push(...rows);
    after += rows.length;
    generation = document.generation;
    if (rows.length === 0 || log.length >= limit || after >= document.head) return log;
  }
}

/** The rows of one step, out of one row of lists. */
function readRows(sealedAs: string, columns: Row, after: number): LogRow[] {
  const [first, last, count, ...lists] = columns;
  if (Number(count) === 0) return [];
  const [clientList, authorList, timeList, sumList, lengthList, content] = lists.map(String);
  const clientIds = readNumbers(clientList);
  const authors = JSON.parse(authorList ?? '[]') as readonly string[];
  const times = readNumbers(timeList);
  const sums = readNumbers(sumList);
  const bytes = bytesOfBase64(content);
  // With as many different numbers as there are between the two there is no gap.
  if (Number(first) !== after + 1 || Number(last) !== after + Number(count)) throw damaged('a log row');
  let offset = 0;
  return readNumbers(lengthList).map((length, n) => {
    const update = bytes.subarray(offset, offset + length);
    offset += length;
    const clientId = clientIds[n] ?? 0;
    const author = fromTextValue(authors[n] ?? '');
    const committedAt = times[n] ?? 0;
    const seq = after + 1 + n;
    if (rowSum(sealedAs, clientId, author, committedAt, update) !== sums[n]) throw damaged(`log row ${seq}`);
    return { seq, update, clientId, author, committedAt };
  });
}
