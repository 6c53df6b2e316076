import { checksum } from './checksum.js';
import type { Receipt } from './receipts.js';

/**
 * What a receipt is checked with when it is read, besides its `seq`, which may be known later. An answer may hold line
 * breaks, and comes last.
 */
export function receiptFacts(receipt: Omit<Receipt, 'seq' | 'document'>): readonly (string | number)[] {
  const { key, digest, generation = '', answer = '', createdAt } = receipt;
  return [key, digest, generation, createdAt, answer];
}

/** What a receipt is checked with where its `seq` is known when it is made. */
export function receiptSum(receipt: Omit<Receipt, 'document'>): number {
  return checksum([receipt.seq ?? '', ...receiptFacts(receipt)]);
}
