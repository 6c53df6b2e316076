import type { DocumentId } from '../../../shared/ids.js';
import { receiptSum } from '../receipt-records.js';
import type { Receipt } from '../receipts.js';
import { asNumber, asText, orNothing, text, type Values, whole } from './sqlite-values.js';

/** What `readReceipt` takes. */
export const RECEIPTS = `SELECT ${text('key', 'key')}, ${text('digest', 'digest')}, ${whole('seq', 'seq')},
  ${text('generation', 'generation')}, ${text('answer', 'answer')}, ${whole('created_at', 'createdAt')},
  ${whole('checksum', 'checksum')} FROM receipts`;

/** @returns `undefined` if it is damaged */
export function readReceipt(row: Values, document: DocumentId | undefined): Receipt | undefined {
  const seq = orNothing(row.seq);
  const receipt = {
    key: asText(row.key),
    digest: asText(row.digest),
    ...(seq !== undefined && { seq }),
    ...(row.generation !== null && { generation: asText(row.generation) }),
    ...(row.answer !== null && { answer: asText(row.answer) }),
    createdAt: asNumber(row.createdAt),
  };
  if (receiptSum(receipt) !== row.checksum) return undefined;
  return document === undefined ? receipt : { ...receipt, document };
}
