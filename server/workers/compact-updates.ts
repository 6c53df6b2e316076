import * as Y from 'yjs';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { Compacted } from './compactor.js';

/**
 * Merges updates, in order, into one garbage-collected state. The state is loaded again and compared before anybody
 * relies on it: some hostile updates, which no check of a single update can see, give a live document another text
 * than the same document reloaded.
 *
 * @throws CoscribeError `document-unreadable`
 */
export function compactUpdates(updates: readonly Uint8Array[]): Compacted {
  const live = load(updates);
  const state = Y.encodeStateAsUpdate(live);
  const reloaded = load([state]);
  for (const name of live.share.keys()) {
    if (live.getText(name).toString() !== reloaded.getText(name).toString()) {
      throw new CoscribeError('document-unreadable', 'the merged state has another text than the log');
    }
  }
  // Not the whole state: a document that loads rich text may tidy up its formats, which is a change of its own.
  if (!equalBytes(Y.encodeStateVector(live), Y.encodeStateVector(reloaded))) {
    throw new CoscribeError('document-unreadable', 'the merged state does not hold all edits');
  }
  return { state, index: DocumentIndex.ofState(state).encode() };
}

function load(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update);
    });
  } catch (cause) {
    throw new CoscribeError('document-unreadable', 'the log does not load', { cause });
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    throw new CoscribeError('document-unreadable', 'the log builds on edits that it does not hold');
  }
  return doc;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
