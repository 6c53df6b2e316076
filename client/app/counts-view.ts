import type * as Y from 'yjs';
import { countsText, countText } from './text-counts.js';

/** Counts follow the text by this long at least, in milliseconds. */
const COUNT_AFTER_MS = 200;
/** Counting takes this part of the time at most, however long the text is. */
const LARGEST_SHARE = 1 / 20;

/** Keeps the number of words and characters in `element`, also while people type without a pause. */
export function showCounts(element: HTMLElement, text: Y.Text): void {
  let waiting = false;
  let tookMs = 0;
  const count = (): void => {
    waiting = false;
    const start = performance.now();
    element.textContent = countsText(countText(text.toString()));
    tookMs = performance.now() - start;
  };
  text.observe(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(count, Math.max(COUNT_AFTER_MS, tookMs / LARGEST_SHARE));
  });
  count();
}
