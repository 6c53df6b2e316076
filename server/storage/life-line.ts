import type { DocumentId } from '../../shared/ids.js';
import type { LifeEvent } from './delivery-store.js';

/** Whose events come one after the other: those of a document, and of others that have or had one of its names. */
export interface LifeLine {
  readonly id: DocumentId;
  readonly former?: DocumentId;
  readonly generation: string;
}

/** How far it is gone back: documents that took one another's names so often are told in any order. */
const MOST = 100;

/**
 * The event that comes first: none of the same document, or with one of its names, waits before it.
 *
 * @param find the first event of a line before this key
 */
export function firstOfLine<Event extends LifeEvent>(
  line: LifeLine,
  find: (line: LifeLine, before: number) => Event | undefined,
): Event | undefined {
  let first = find(line, Number.MAX_SAFE_INTEGER);
  for (let n = 0; n < MOST && first !== undefined; n++) {
    const earlier = find(first, first.key);
    if (earlier === undefined) break;
    first = earlier;
  }
  return first;
}
