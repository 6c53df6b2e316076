import type * as Y from 'yjs';
import { countsText, countText } from './text-counts.js';

/** Counts follow the text by this long at least, in milliseconds. */
const COUNT_AFTER_MS = 200;
/** Counting takes this part of the time at most, however long the text is. */
const LARGEST_SHARE = 1 / 20;

/**
 * Keeps the number of words and characters in `element`, also while people type without a pause.
 *
 * @returns what ends that
 */
export function showCounts(element: HTMLElement, text: Y.Text): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tookMs = 0;
  const count = (): void => {
    timer = undefined;
    const start = performance.now();
    element.textContent = countsText(countText(text.toString()));
    tookMs = performance.now() - start;
  };
  const changed = (): void => {
    timer ??= setTimeout(count, Math.max(COUNT_AFTER_MS, tookMs / LARGEST_SHARE));
  };
  text.observe(changed);
  count();
  return () => {
    text.unobserve(changed);
    clearTimeout(timer);
  };
}
