import { parseColor } from '../../shared/presence-user.js';

/**
 * Any colour of CSS as others are told of it.
 *
 * @returns `#rrggbb`, without transparency; `undefined` for what is no colour by itself, such as `var(--brand)`, and for none at all
 */
export function hexOf(css: string): string | undefined {
  const pen = document.createElement('canvas').getContext('2d');
  if (pen === null) return parseColor(css);
  const [onBlack, onWhite] = ['#000000', '#ffffff'].map((before) => {
    pen.fillStyle = before;
    // What it does not know leaves it as it was.
    pen.fillStyle = css;
    return pen.fillStyle;
  });
  if (onBlack !== onWhite) return undefined;
  const known = parseColor(onBlack);
  if (known !== undefined) return known;
  // Of another space, or transparent: what it looks like.
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha] = pen.getImageData(0, 0, 1, 1).data;
  if (alpha === 0) return undefined;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
