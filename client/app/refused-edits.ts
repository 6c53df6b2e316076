import type { ErrorCode, WireError } from '../../shared/errors.js';
import type { RejectedEdits, ReplacedCopy } from '../rejected-edits.js';

/** What somebody wrote here that did not get into the document, and that no document holds. */
export interface RefusedEdits {
  /** How many changes: one per Yjs transaction. */
  readonly changes: number;
  /** The pieces of text that were written. */
  readonly pieces: readonly string[];
  /** Why the last of them was refused. */
  readonly code: ErrorCode;
}

/** What is refused now comes to what was refused before and is not dealt with yet. */
export function addRefused(
  before: RefusedEdits | undefined,
  { code }: WireError,
  { changes, inserted }: RejectedEdits,
): RefusedEdits {
  return {
    changes: (before?.changes ?? 0) + changes,
    pieces: [...(before?.pieces ?? []), ...inserted],
    code,
  };
}

/** The same for a copy of a document that is gone: all of its text is in no document any more. */
export function addReplaced(before: RefusedEdits | undefined, { text, edits }: ReplacedCopy): RefusedEdits {
  return {
    changes: (before?.changes ?? 0) + (edits?.changes ?? 0),
    pieces: [...(before?.pieces ?? []), ...(text === '' ? [] : [text])],
    code: 'generation-changed',
  };
}

/** The text to take along. */
export function refusedText({ pieces }: RefusedEdits): string {
  return pieces.join('\n');
}

export function refusedTitle({ changes, code }: RefusedEdits): string {
  if (code === 'generation-changed') return 'This document was replaced';
  return changes === 1 ? '1 change could not be saved' : `${changes} changes could not be saved`;
}

export function refusedSentence({ code, pieces, changes }: RefusedEdits): string {
  if (code === 'generation-changed') {
    const unsaved = changes === 0 ? '' : ', with what was not saved';
    return `It was reset, or restored from elsewhere. This is the text as you had it here${unsaved}. It is in this page only: copy what you need before you go.`;
  }
  const why = WHY[code] ?? 'The server did not take them.';
  return pieces.length === 0
    ? `${why} You had only deleted text; nothing that you wrote is lost.`
    : `${why} This is what you had written. It is in this page only: copy it before you go.`;
}

const WHY: Partial<Record<ErrorCode, string>> = {
  'read-only': 'You may only read this document now.',
  'no-access': 'Your access to this document has ended.',
  'token-expired': 'Your access to this document has ended.',
  unauthenticated: 'You are no longer signed in.',
  'document-deleted': 'The document was deleted meanwhile.',
  'document-moved': 'The document was given another name meanwhile.',
  'copy-diverged': 'Somebody else wrote in your place at the same moment.',
};
