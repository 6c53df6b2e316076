import type { Box } from './caret-plane.js';

/** Boxes that are so close touch, in pixels. */
const CLOSE = 0.5;

/** How lines go on: from top to bottom, or as columns to the left or to the right; those may be read upwards. */
export type Flow = 'down' | 'left' | 'right' | 'right, upwards';

/** A box of a page in which lines go on like this, as it would be if they went from left to right and down. */
export function toLines(box: Box, flow: Flow): Box {
  if (flow === 'down') return box;
  const { left, top, width, height } = box;
  return {
    left: flow === 'right, upwards' ? -top - height : top,
    top: flow === 'left' ? -left - width : left,
    width: height,
    height: width,
  };
}

/** What `toLines` was given. */
export function fromLines(box: Box, flow: Flow): Box {
  if (flow === 'down') return box;
  const { left, top, width, height } = box;
  return {
    left: flow === 'left' ? -top - height : top,
    top: flow === 'right, upwards' ? -left - width : left,
    width: height,
    height: width,
  };
}

/** A box of some text, and of the block of whole lines that it is in. */
export interface TextBox extends Box {
  readonly block: Box;
}

/** What a selection's boxes are made of beside those of its characters. */
export interface LineMetrics {
  /** Least height of a line, in pixels. */
  readonly lineHeight: number;
  /** Whether a line is higher than that where it has signs of another font. */
  readonly grows: boolean;
  /** How wide the line break is, which has no width of its own; in pixels. */
  readonly breakWidth: number;
  /** Whether lines go on from right to left; `undefined` if that differs. */
  readonly rightToLeft: boolean | undefined;
}

/**
 * Makes the boxes of a selection's characters those of its lines, as Chromium paints its own: as high as the lines,
 * without gaps, side by side joined, line breaks visible.
 *
 * @param boxes in the order of the text, in horizontal lines
 */
export function joinBoxes(boxes: readonly TextBox[], metrics: LineMetrics): Box[] {
  const lines: TextBox[][] = [];
  for (const box of boxes) {
    const line = lines.at(-1);
    if (line?.[0] !== undefined && Math.abs(line[0].top - box.top) < 1) line.push(box);
    else lines.push([box]);
  }
  return lines.flatMap((line, at) => {
    const [first] = line;
    if (first === undefined) return [];
    const next = lines[at + 1]?.[0];
    const extent = metrics.grows ? grownExtent(first, next, metrics) : extentOf(first, metrics);
    const wraps =
      next !== undefined && metrics.rightToLeft !== undefined && line.every(({ width }) => width > 0);
    return joined(wraps ? [...line, softBreak(line, metrics)] : line, metrics).map(({ left, width }) => ({
      left,
      width,
      ...extent,
    }));
  });
}

/** From where to where a line goes, by a box of its text. */
function extentOf(text: Box, { lineHeight }: LineMetrics): Pick<Box, 'top' | 'height'> {
  // Close lines overlap.
  if (lineHeight <= text.height) return { top: text.top, height: text.height };
  // The upper half of what is between lines is the smaller one.
  return { top: text.top - Math.floor((lineHeight - text.height) / 2), height: lineHeight };
}

/**
 * The same where a sign of another font makes its line higher. How much of that is above and how much below is known
 * only at the edges of a block; between lines of one block all of it is taken to be below.
 */
function grownExtent(
  text: TextBox,
  next: TextBox | undefined,
  metrics: LineMetrics,
): Pick<Box, 'top' | 'height'> {
  const { block } = text;
  const usual = extentOf(text, metrics);
  const end = bottom(usual);
  const isFirst = usual.top - block.top < metrics.lineHeight;
  const isLast = next?.block.top !== block.top && bottom(block) - end < metrics.lineHeight;
  const top = isFirst ? Math.min(block.top, usual.top) : usual.top;
  const gap = next === undefined ? 0 : next.top - end;
  const below = isLast ? bottom(block) - end : gap < metrics.lineHeight ? gap : 0;
  return { top, height: end + Math.max(0, below) - top };
}

function bottom({ top, height }: Pick<Box, 'top' | 'height'>): number {
  return top + height;
}

/** The selection of a line that wraps goes on behind its last sign. */
function softBreak(line: readonly Box[], { rightToLeft, breakWidth }: LineMetrics): Box {
  const edges = line.map(({ left, width }) => (rightToLeft ? left : left + width));
  const left = rightToLeft ? Math.min(...edges) - breakWidth : Math.max(...edges);
  return { left, top: 0, width: breakWidth, height: 0 };
}

/** Ranges of a line, from left to right. */
function joined(line: readonly Box[], metrics: LineMetrics): { left: number; width: number }[] {
  const signs = line.filter(({ width }) => width > 0);
  const breaks = line
    .filter(({ width }) => width === 0)
    .map(({ left }) => {
      const isFirst =
        signs.length === 0 ? metrics.rightToLeft : signs.every((sign) => left <= sign.left + CLOSE);
      return { left: isFirst ? left - metrics.breakWidth : left, width: metrics.breakWidth };
    });
  const ranges: { left: number; width: number }[] = [];
  for (const { left, width } of [...signs, ...breaks].sort((a, b) => a.left - b.left)) {
    const last = ranges.at(-1);
    if (last === undefined || left > last.left + last.width + CLOSE) ranges.push({ left, width });
    else last.width = Math.max(last.width, left + width - last.left);
  }
  return ranges;
}
