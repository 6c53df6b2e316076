import * as Y from 'yjs';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import { decodeUpdateList } from '../../shared/frames.js';
import type { Compacted, CompactionJob } from './crdt-work.js';
import { loadUpdates } from './load-updates.js';

/**
 * Merges a state and the updates since, in order, into one garbage-collected state. The state is loaded again and compared before anybody
 * relies on it: some hostile updates, which no check of a single update can see, give a live document another text
 * than the same document reloaded.
 *
 * @throws CoscribeError `document-unreadable`
 */
export function compactUpdates({ state: before, since }: Pick<CompactionJob, 'state' | 'since'>): Compacted {
  const updates = decodeUpdateList(since);
  if (before !== undefined) updates.unshift(before);
  const merged = merge(updates);
  const { state } = merged;
  const reloaded = loadUpdates([state]);
  for (const [name, text] of merged.texts) {
    if (text !== reloaded.getText(name).toString()) {
      throw new CoscribeError('document-unreadable', 'the merged state has another text than the log');
    }
  }
  // Not the whole state: a document that loads rich text may tidy up its formats, which is a change of its own.
  if (!equalBytes(merged.vector, Y.encodeStateVector(reloaded))) {
    throw new CoscribeError('document-unreadable', 'the merged state does not hold all edits');
  }
  return { state, index: DocumentIndex.ofState(state).encode() };
}

interface Merged {
  readonly state: Uint8Array;
  readonly vector: Uint8Array;
  readonly texts: ReadonlyMap<string, string>;
}

/** Lets go of the document when it returns: two at a time would take twice the memory. */
function merge(updates: readonly Uint8Array[]): Merged {
  const doc = loadUpdates(updates);
  const texts = new Map([...doc.share.keys()].map((name) => [name, doc.getText(name).toString()]));
  return { state: Y.encodeStateAsUpdate(doc), vector: Y.encodeStateVector(doc), texts };
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
