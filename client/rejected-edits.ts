import * as Y from 'yjs';
import { DEFAULT_TEXT } from '../shared/protocol.js';

/** A copy of a document that is gone: it was reset, or restored from elsewhere. It must not be merged into the new one. */
export interface ReplacedCopy {
  /** The text `DEFAULT_TEXT` as it was here, with what was not saved; of edits alone what they insert. */
  readonly text: string;
  /** What of it the server never had. */
  readonly edits: RejectedEdits | undefined;
  /** All of it as one Yjs update, for a `Y.Doc` of its own. */
  readonly update: Uint8Array;
}

/** What somebody wrote that the server will not take: everything of this copy that is not saved. */
export interface RejectedEdits {
  /** The text `DEFAULT_TEXT` of this copy as it is, with these edits. */
  readonly text: string;
  /**
   * The pieces of text that the edits insert, in the order in which they were written; what goes on where the piece
   * before it ends belongs to that. Without what the edits themselves delete again.
   */
  readonly inserted: readonly string[];
  /** The edits as one Yjs update; it may have gaps, which the copy that it came from fills. */
  readonly update: Uint8Array;
  /** How many changes they are: one per Yjs transaction. */
  readonly changes: number;
}

/** @param updates what is not saved, in the order in which it was made; at least one */
export function rejectedEdits(doc: Y.Doc, updates: readonly Uint8Array[], changes: number): RejectedEdits {
  const update = mergeAll(updates);
  return { text: textOf(doc), inserted: insertedBy(update), update, changes };
}

/** What a copy was, of a generation that is gone. */
export function replacedCopy(doc: Y.Doc, edits: RejectedEdits | undefined): ReplacedCopy {
  return { text: textOf(doc), edits, update: Y.encodeStateAsUpdate(doc) };
}

/** The same of edits of which nothing else is left. @param updates as above */
export function replacedEdits(updates: readonly Uint8Array[], changes: number): ReplacedCopy {
  const edits = rejectedEdits(new Y.Doc(), updates, changes);
  const text = edits.inserted.join('\n');
  return { text, edits: { ...edits, text }, update: edits.update };
}

/** Updates merged at a time: merging costs more than linearly. */
const MERGE_AT_MOST = 100;

function mergeAll(updates: readonly Uint8Array[]): Uint8Array {
  if (updates.length <= MERGE_AT_MOST) return Y.mergeUpdates([...updates]);
  const merged: Uint8Array[] = [];
  for (let from = 0; from < updates.length; from += MERGE_AT_MOST) {
    merged.push(Y.mergeUpdates(updates.slice(from, from + MERGE_AT_MOST)));
  }
  return mergeAll(merged);
}

/** Not by `doc.getText`, which would decide what type that root is. */
function textOf(doc: Y.Doc): string {
  let text = '';
  for (let item = doc.share.get(DEFAULT_TEXT)?._start ?? null; item !== null; item = item.right) {
    if (!item.deleted && item.content instanceof Y.ContentString) text += item.content.str;
  }
  return text;
}

interface Piece {
  readonly client: number;
  text: string;
  /** Clock after the last unit, and of the last one that is not deleted again. */
  end: number;
  lastLeft: number;
}

function insertedBy(update: Uint8Array): string[] {
  const { structs, ds } = Y.decodeUpdate(update);
  const pieces: Piece[] = [];
  for (const { id, length, origin, content } of structs.filter(isText)) {
    const { client, clock } = id;
    const { text, lastLeft } = withoutDeleted(content.str, clock, ds.clients.get(client) ?? []);
    const last = pieces.at(-1);
    // Whoever corrects what he has just written goes on behind what he has left of it.
    const goesOn =
      last?.client === client &&
      last.end === clock &&
      origin?.client === client &&
      (origin.clock === clock - 1 || origin.clock === last.lastLeft);
    const piece = goesOn ? last : { client, text: '', end: clock, lastLeft: NONE };
    if (!goesOn) pieces.push(piece);
    piece.text += text;
    piece.end = clock + length;
    if (lastLeft !== NONE) piece.lastLeft = lastLeft;
  }
  return pieces.map(({ text }) => text).filter((text) => text !== '');
}

type TextItem = Y.Item & { readonly content: Y.ContentString };

function isText(struct: Y.AbstractStruct): struct is TextItem {
  return struct instanceof Y.Item && struct.content instanceof Y.ContentString;
}

const NONE = -1;

/** @param clock of the first unit of the text */
function withoutDeleted(
  text: string,
  clock: number,
  deleted: readonly { readonly clock: number; readonly len: number }[],
): { readonly text: string; readonly lastLeft: number } {
  let left = '';
  let lastLeft = NONE;
  let at = 0;
  const keep = (to: number): void => {
    if (to <= at) return;
    left += text.slice(at, to);
    lastLeft = clock + to - 1;
  };
  for (const range of deleted) {
    const from = range.clock - clock;
    const to = from + range.len;
    if (to <= at || from >= text.length) continue;
    keep(from);
    at = to;
  }
  keep(text.length);
  return { text: left, lastLeft };
}
