import type { Box, Plane } from './caret-plane.js';
import type { TextField } from './field.js';
import { parentInDrawing } from './flat-tree.js';

export interface Visible {
  /** What the ancestors of the field let show. */
  readonly clip: Box;
  /** What can be seen at most: the same, within the window. */
  readonly room: Box;
}

/**
 * Which part of a box over a field may be seen, in the pixels of `plane`. A pane that scrolls clips the field, but not
 * what is positioned absolutely beyond the pane; so that has to be clipped alike.
 */
export function visiblePartOf(box: Box, field: TextField, plane: Plane): Visible {
  // The clips of turned boxes are no boxes.
  if (!plane.upright) return { clip: box, room: box };
  const clipped = clippingRects(field)
    .map((rect) => plane.boxToLocal(rect))
    .reduce(common, box);
  const { clientWidth, clientHeight } = field.ownerDocument.documentElement;
  const view = plane.boxToLocal({ left: 0, top: 0, width: clientWidth, height: clientHeight });
  // A fraction of a pixel is no clip.
  return { clip: isWithin(box, clipped) ? box : clipped, room: common(clipped, view) };
}

/** The padding boxes of what clips an element, in the window. What clips the whole page is not asked. */
function clippingRects(field: TextField): Box[] {
  const { body, documentElement } = field.ownerDocument;
  const rects: Box[] = [];
  // An element that is positioned absolutely leaves what it is in, up to something positioned.
  let leaving = false;
  let element: Element | undefined = field;
  while (element !== undefined && element !== body && element !== documentElement) {
    const { position, transform, overflowX, overflowY } = getComputedStyle(element);
    if (position !== 'static' || transform !== 'none') leaving = false;
    const clips = overflowX !== 'visible' || overflowY !== 'visible';
    if (clips && !leaving && element !== field) rects.push(paddingRect(element));
    if (position === 'fixed') break;
    if (position === 'absolute') leaving = true;
    element = parentInDrawing(element);
  }
  return rects;
}

function paddingRect(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  // Not every element has it; a picture made of vectors does not clip either.
  const { offsetWidth = 0 } = element as Partial<HTMLElement>;
  const scale = offsetWidth > 0 ? width / offsetWidth : 1;
  if (element.clientWidth === 0 && element.clientHeight === 0) return { left, top, width, height };
  return {
    left: left + element.clientLeft * scale,
    top: top + element.clientTop * scale,
    width: element.clientWidth * scale,
    height: element.clientHeight * scale,
  };
}

function common(a: Box, b: Box): Box {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const right = Math.min(a.left + a.width, b.left + b.width);
  const bottom = Math.min(a.top + a.height, b.top + b.height);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

function isWithin(inner: Box, outer: Box): boolean {
  const shared = common(inner, outer);
  return inner.width - shared.width < 0.5 && inner.height - shared.height < 0.5;
}
