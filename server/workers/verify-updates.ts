import * as Y from 'yjs';
import { hashContent } from '../../shared/content-hash.js';
import { DocumentIndex } from '../../shared/document-index.js';
import type { VerifiedDocument, VerifyProblem } from './crdt-work.js';
import { loadUpdates } from './load-updates.js';

/**
 * Looks whether what is kept of a document makes one document: the snapshot loads, its index is that of its state, the log
 * rows that it has been made of add nothing to it, those since load on top of it, and the log alone, if it is all
 * there, makes the same.
 */
export function verifyUpdates({ snapshot, first, updates }: VerifiedDocument): readonly VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  const attempt = <Result>(kind: VerifyProblem['kind'], work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      problems.push({ kind, what: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  if (snapshot === undefined) {
    if (updates.length > 0) attempt('log-does-not-load', () => loadUpdates(updates));
    return problems;
  }
  const { state, index, seq } = snapshot;
  const doc = attempt('snapshot-does-not-load', () => loadUpdates([state]));
  if (doc === undefined) return problems;
  const right = attempt('index-wrong', () => DocumentIndex.ofState(state).encode());
  if (right !== undefined && Buffer.compare(right, index) !== 0)
    problems.push({ kind: 'index-wrong', what: 'the index of the snapshot is not that of its state' });
  const contained = updates.slice(0, Math.max(0, seq - first + 1));
  if (contained.length > 0) {
    const before = contentOf(doc);
    const loaded = attempt('snapshot-contradicts-log', () => loadUpdates([state, ...contained]));
    if (loaded !== undefined && contentOf(loaded) !== before)
      problems.push({
        kind: 'snapshot-contradicts-log',
        what: 'the snapshot lacks edits of the log rows that it should have',
      });
    const alone = first === 1 ? attempt('log-does-not-load', () => loadUpdates(contained)) : undefined;
    if (alone !== undefined && contentOf(alone) !== before)
      problems.push({
        kind: 'snapshot-contradicts-log',
        what: 'the snapshot has another content than the log up to it',
      });
  }
  attempt('log-does-not-load', () => loadUpdates([state, ...updates.slice(contained.length)]));
  return problems;
}

/** What is in a document, and which edits made it. */
function contentOf(doc: Y.Doc): string {
  return `${hashContent(doc)} ${Buffer.from(Y.encodeStateVector(doc)).toString('base64')}`;
}
