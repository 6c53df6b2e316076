import { hashContent } from '../../shared/content-hash.js';
import { decodeUpdateList } from '../../shared/frames.js';
import type { HashJob } from './crdt-work.js';
import { loadUpdates } from './load-updates.js';

/**
 * The hash of the content that a state and the updates since make, as a client that joins has it.
 *
 * @throws CoscribeError `document-unreadable`
 */
export function hashUpdates({ state, since }: HashJob): string {
  const updates = decodeUpdateList(since);
  if (state !== undefined) updates.unshift(state);
  return hashContent(loadUpdates(updates));
}
