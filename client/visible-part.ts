import type { TextField } from './field.js';

/**
 * Which part of its text a field shows, about; `undefined` where the browser cannot say, or something covers a corner
 * of the field.
 */
export function visiblePart(field: TextField): { readonly start: number; readonly end: number } | undefined {
  const page = field.ownerDocument;
  // Not in every browser yet.
  if (!('caretPositionFromPoint' in page)) return undefined;
  const { left, top, right, bottom } = field.getBoundingClientRect();
  const indexAt = (x: number, y: number): number | undefined => {
    const found = page.caretPositionFromPoint(x, y);
    return found?.offsetNode === field ? found.offset : undefined;
  };
  const { clientWidth, clientHeight } = page.documentElement;
  const start = indexAt(Math.max(left, 0) + EDGE, Math.max(top, 0) + EDGE);
  const end = indexAt(Math.min(right, clientWidth) - EDGE, Math.min(bottom, clientHeight) - EDGE);
  return start === undefined || end === undefined ? undefined : { start, end };
}

/** Distance from the edge of the field in CSS pixels, beyond borders and scroll bars. */
const EDGE = 20;
