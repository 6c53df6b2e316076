import { CaretOverlay } from './caret-overlay.js';
import type { TextField } from './field.js';

/** Scrolls the field as far as needed to show a place of its text, as a browser does after its own undo. */
export function revealCaret(field: TextField, index: number): void {
  if (field.scrollHeight <= field.clientHeight && field.scrollWidth <= field.clientWidth) return;
  const { left, top, height } = new CaretOverlay(field).measure(index);
  field.scrollTop = within(field.scrollTop, top + height - field.clientHeight, top);
  // The caret itself has a width.
  field.scrollLeft = within(field.scrollLeft, left + 2 - field.clientWidth, left - 2);
}

/** The number nearest to `value` from `least` to `most`. */
function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
