import { CoscribeError } from '../../shared/errors.js';
import type { PositionCheck } from '../documents/management.js';
import type { Call } from './call.js';
import { type IfMatch, matches, parseIfMatch } from './etags.js';

/**
 * Under which condition a request changes something.
 *
 * @throws CoscribeError `bad-request`, also for `If-None-Match`, which no change has
 */
export function conditionOf(c: Call): IfMatch {
  if (c.req.header('If-None-Match') !== undefined)
    throw new CoscribeError('bad-request', '"If-None-Match" is for reading; "If-Match" is for changes');
  return parseIfMatch(c.req.header('If-Match'));
}

/** A condition as the documents look at it; `undefined` if any version will do. */
export function checkOf(condition: IfMatch): PositionCheck | undefined {
  return condition.kind === 'at' ? (position) => matches(condition, position) : undefined;
}

/** For what has no version to compare with. @throws CoscribeError `bad-request` if there is a condition */
export function refuseIfMatch(c: Call, why: string): void {
  if (c.req.header('If-Match') !== undefined)
    throw new CoscribeError('bad-request', `"If-Match" is not for this: ${why}`);
}

/**
 * Whether something is made only if there is nothing, and that in so many words: `If-None-Match: *`.
 *
 * @throws CoscribeError `bad-request` for entity tags
 */
export function isOnlyIfAbsent(c: Call): boolean {
  const header = c.req.header('If-None-Match');
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  throw new CoscribeError('bad-request', 'what is made has no version yet: "If-None-Match" can only be *');
}
