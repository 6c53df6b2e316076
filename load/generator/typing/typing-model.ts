import type { Author } from '../author/author.js';

/** How somebody types: one edit after the other, and how long until the next. */
export interface TypingModel {
  /** How long after he has begun to type the first edit is due, in milliseconds. */
  readonly firstAfterMs: number;
  /**
   * Makes one edit in the author's text, without `commit`.
   *
   * @returns how long after this one was due the next one is, in milliseconds
   */
  type(author: Author): number;
}

/** Of a text that has become too long, the part that its author deletes in one edit. */
const CLEARED = 1 / 8;

/** Deletes the beginning of a text that has reached its longest; the caret is at the end then. @returns whether it had */
export function clearIfLong(author: Author, maxCharacters: number): boolean {
  const { text } = author;
  if (text.length < maxCharacters) return false;
  text.moveTo(Math.max(1, Math.ceil(text.length * CLEARED)));
  author.deleteBefore(text.length);
  text.moveTo(text.length);
  return true;
}
