import { randomInt } from 'node:crypto';
import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';

/** Without those that are taken for one another. */
const LETTERS = '23456789abcdefghjkmnpqrstuvwxyz';
/** 31^10: one guess in 8 * 10^14 hits a given name. */
const LENGTH = 10;

/** A name that nobody has and nobody guesses: `default/page-k3v9tq8w2m`. */
export function freshName(): DocumentId {
  const tail = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return parseDocumentId(`${DEFAULT_WORKSPACE}/page-${tail}`);
}
