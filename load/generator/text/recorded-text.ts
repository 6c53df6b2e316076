import type { Trace } from '../../../tools/replay/trace.js';
import { WrittenText } from './written-text.js';

/** Stands for what has a surrogate pair or is no character at all. */
const OTHER = '□';

/** One edit of a recording: position, characters to delete and number of characters to insert, again and again. */
export type RecordedEdit = readonly number[];

/** A recording as one person's edits. */
export interface Recording {
  readonly edits: readonly RecordedEdit[];
  readonly text: WrittenText;
}

/**
 * A recorded session as what everybody types, each into a text of his own. Of several authors it takes the transactions in
 * their order, as if one had written them all. A character outside Unicode's basic plane becomes another one, so that
 * positions count the same in Unicode and in Yjs.
 *
 * @throws Error if nothing is ever written in it
 */
export function recordingOf(trace: Trace): Recording {
  const edits: RecordedEdit[] = [];
  let text = '';
  const add = (patches: readonly (readonly [number, number, string])[]): void => {
    const edit: number[] = [];
    for (const [position, deleted, insert] of patches) {
      const plain = insert.replace(/[^\0-\uD7FF\uE000-\uFFFF]/gu, OTHER);
      if (deleted === 0 && plain === '') continue;
      edit.push(position, deleted, plain.length);
      text += plain;
    }
    if (edit.length > 0) edits.push(edit);
  };
  add([[0, 0, trace.startContent]]);
  for (const { patches } of trace.transactions) add(patches);
  if (text === '') throw new Error('nothing is written in the recording');
  return { edits, text: new WrittenText(text, false) };
}
