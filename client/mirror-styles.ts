import type { Box } from './caret-plane.js';
import { isSingleLine, type TextField } from './field.js';

/** Everything that decides where a character goes. */
const COPIED: readonly string[] = [
  ...['direction', 'unicode-bidi', 'writing-mode', 'text-orientation', 'text-combine-upright'],
  ...['text-align', 'text-align-last', 'text-justify', 'text-indent', 'text-transform', 'tab-size'],
  ...['text-wrap-style', 'overflow-wrap', 'word-break'],
  ...['line-break', 'hyphens', 'hyphenate-character', 'hyphenate-limit-chars', 'hanging-punctuation'],
  ...[
    'line-height',
    'text-rendering',
    'text-autospace',
    'text-spacing-trim',
    'text-box-trim',
    'text-box-edge',
  ],
  ...['font-family', 'font-size', 'font-style', 'font-weight', 'font-stretch', 'font-kerning'],
  // Not `font-variant` and `font-synthesis`, which say nothing where their parts do not fit together.
  ...['ligatures', 'caps', 'alternates', 'numeric', 'east-asian', 'position', 'emoji'].map(
    (part) => `font-variant-${part}`,
  ),
  ...['weight', 'style', 'small-caps'].map((part) => `font-synthesis-${part}`),
  ...['font-feature-settings', 'font-variation-settings', 'font-size-adjust', 'font-optical-sizing'],
  ...['font-palette', 'font-language-override', 'text-emphasis-style', 'text-emphasis-position'],
  ...['letter-spacing', 'word-spacing', '-webkit-text-security', 'text-size-adjust', 'align-content'],
];

/** Where a field keeps its text, in its own pixels. */
export interface FieldBoxes {
  /** The padding box without scroll bars, from the corner of the border box. */
  readonly padding: Box;
  /** The content box without scroll bars, from the corner of the padding box. */
  readonly content: Box;
}

/**
 * @param size of the border box, with fractions of a pixel: they decide where a line wraps, and `clientWidth` and its
 * kind have lost them.
 */
export function fieldBoxes(
  field: TextField,
  computed: CSSStyleDeclaration,
  size: { readonly width: number; readonly height: number },
): FieldBoxes {
  const zoom = zoomOf(field);
  const border = sides(computed, (side) => `border-${side}-width`);
  const inner = sides(computed, (side) => `padding-${side}`);
  // A scroll bar has whole pixels of the window, whatever the zoom is.
  const bar = (length: number): number => Math.max(0, Math.round(length * zoom)) / zoom;
  const [across, down] = [border.left + border.right, border.top + border.bottom];
  const padding = {
    // Only `clientLeft` knows of a scroll bar on the left.
    left: border.left + bar(field.clientLeft - Math.round(border.left)),
    top: border.top,
    width: size.width - across - bar(field.offsetWidth - across - field.clientWidth),
    height: size.height - down - bar(field.offsetHeight - down - field.clientHeight),
  };
  const content = {
    left: inner.left,
    top: inner.top,
    width: padding.width - inner.left - inner.right,
    height: padding.height - inner.top - inner.bottom,
  };
  return { padding, content };
}

/** By which factor the element and its ancestors are zoomed with the CSS property of that name. */
export function zoomOf(element: Element): number {
  // Not in every browser yet.
  const { currentCSSZoom = 1 } = element as { currentCSSZoom?: number };
  return currentCSSZoom;
}

export function isVertical(computed: CSSStyleDeclaration): boolean {
  return computed.writingMode !== 'horizontal-tb';
}

/** What makes a block lay out a text as the field does; properties that the browser does not know are left out. */
export function mirrorStyles(
  field: TextField,
  computed: CSSStyleDeclaration,
  content: Box,
): Map<string, string> {
  const styles = new Map<string, string>();
  for (const name of COPIED) {
    const value = computed.getPropertyValue(name);
    if (value !== '') styles.set(name, value);
  }
  styles.set('white-space', whiteSpace(field, computed.whiteSpace));
  const vertical = isVertical(computed);
  const { left, top, width, height } = content;
  if (vertical) {
    // Lines that begin on the right: the block grows to the left.
    if (computed.writingMode.endsWith('rl')) styles.set('right', `${-left - width}px`).set('left', 'auto');
    else styles.set('left', `${left}px`);
    styles.set('height', `${height}px`);
  } else {
    styles.set('left', `${left}px`);
    styles.set('width', `${width}px`);
  }
  styles.set('top', `${top}px`);
  if (isSingleLine(field)) {
    // As high as the font wants it.
    styles.set('line-height', 'normal');
    styles.set('align-content', 'normal');
  } else styles.set(`min-${vertical ? 'width' : 'height'}`, `${vertical ? width : height}px`);
  return styles;
}

/** A field shows all of its white space, whatever its style says. */
function whiteSpace(field: TextField, wanted: string): string {
  if (isSingleLine(field) || wanted.startsWith('nowrap') || wanted === 'pre') return 'pre';
  return wanted === 'break-spaces' ? wanted : 'pre-wrap';
}

function sides(
  computed: CSSStyleDeclaration,
  name: (side: string) => string,
): Record<'left' | 'right' | 'top' | 'bottom', number> {
  const length = (side: string): number => Number.parseFloat(computed.getPropertyValue(name(side))) || 0;
  return { left: length('left'), right: length('right'), top: length('top'), bottom: length('bottom') };
}
