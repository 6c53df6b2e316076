import { checksum } from './checksum.js';

/**
 * Of a log row without its `seq`: `append` adds it with an exclusive or.
 *
 * @param sealedAs the first name of its document
 */
export function rowSum(
  sealedAs: string,
  clientId: number,
  author: string,
  committedAt: number,
  update: Uint8Array,
): number {
  return checksum([sealedAs, clientId, author, committedAt], update);
}

/** Of who writes under a clientID. */
export function authorSum(sealedAs: string, clientId: number, author: string): number {
  return checksum([sealedAs, clientId, author]);
}
