import { isSingleLine, type TextField } from './field.js';
import { MirrorText, rangeBetween } from './mirror-text.js';

/** In CSS pixels, from the corner of the field's padding box, as if the field were not scrolled. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Everything that decides where a character goes. */
const COPIED: readonly string[] = [
  ...['direction', 'unicode-bidi', 'writing-mode', 'text-align', 'text-indent', 'text-transform', 'tab-size'],
  ...['white-space', 'overflow-wrap', 'word-break', 'line-break', 'hyphens', 'line-height', 'text-rendering'],
  ...[
    'font-family',
    'font-size',
    'font-style',
    'font-weight',
    'font-stretch',
    'font-variant',
    'font-kerning',
  ],
  ...['font-feature-settings', 'font-variation-settings', 'font-size-adjust', 'font-optical-sizing'],
  ...['letter-spacing', 'word-spacing', '-webkit-text-security', 'text-size-adjust'],
];

/**
 * Where the characters of a field are. A field does not tell, so its text is laid out once more, invisibly, in an
 * element with the same styles and the same width (the "mirror").
 */
export class CaretGeometry {
  readonly mirror: HTMLElement;
  readonly #field: TextField;
  readonly #content: MirrorText;
  /** Gives the line behind a last line break a height. */
  readonly #lastLine: Text;
  #lineHeight = 16;
  #copied = '';
  #origin = { left: 0, top: 0 };
  #scale = 1;

  constructor(field: TextField) {
    const page = field.ownerDocument;
    this.#field = field;
    this.mirror = page.createElement('div');
    this.mirror.className = 'mirror';
    this.#content = new MirrorText(this.mirror);
    this.#lastLine = page.createTextNode('');
    const line = page.createElement('div');
    line.append(this.#lastLine);
    this.mirror.append(line);
  }

  /** Takes over text and styles. The mirror's parent must lie at the corner of the field's padding box. */
  update(): void {
    // Read before anything is written: what is laid out now need not be laid out once more.
    const computed = getComputedStyle(this.#field);
    const box = contentBox(this.#field, computed);
    const text = this.#field.value;
    this.#content.set(text);
    const lastLine = text === '' || text.endsWith('\n') ? '\u200B' : '';
    if (this.#lastLine.data !== lastLine) this.#lastLine.data = lastLine;
    this.#copyStyles(computed, box);
  }

  /** Call between `update()` and the first measurement, when nothing will be written any more. */
  locate(scale: number): void {
    const { left, top } = (this.mirror.parentElement ?? this.mirror).getBoundingClientRect();
    this.#origin = { left, top };
    this.#scale = scale;
  }

  /** The caret before the character `index`; its width is 0. */
  caret(index: number): Box {
    const rects = this.#rects(index, index);
    // Where a line wraps, the same place is the end of one line and the start of the next, where typing goes on.
    const box = rects.at(-1) ?? this.#edgeOfNeighbour(index);
    return { ...box, width: 0 };
  }

  /** The boxes of a selection, at least one a line; line breaks alone get a small one. */
  selection(start: number, end: number): Box[] {
    return this.#rects(start, end).map((box) => (box.width > 0 ? box : { ...box, width: box.height / 4 }));
  }

  /** For browsers that give a mere place no box. */
  #edgeOfNeighbour(index: number): Box {
    const next = this.#rects(index, index + 1)[0];
    if (next !== undefined) return next;
    const previous = this.#rects(index - 1, index).at(-1);
    if (previous !== undefined) return { ...previous, left: previous.left + previous.width };
    return { left: 0, top: 0, width: 0, height: this.#lineHeight };
  }

  #rects(start: number, end: number): Box[] {
    return this.#ranges(start, end).flatMap((range) =>
      Array.from(range.getClientRects(), (rect) => ({
        left: (rect.left - this.#origin.left) / this.#scale,
        top: (rect.top - this.#origin.top) / this.#scale,
        width: rect.width / this.#scale,
        height: rect.height / this.#scale,
      })),
    );
  }

  #ranges(start: number, end: number): Range[] {
    const node = this.#lastLine;
    if (start >= this.#content.length && node.length > 0) {
      return [rangeBetween({ node, offset: 0 }, { node, offset: node.length })];
    }
    if (start < end) return this.#content.ranges(start, end);
    const place = this.#content.place(start);
    return place === undefined ? [] : [rangeBetween(place, place)];
  }

  #copyStyles(computed: CSSStyleDeclaration, box: Box): void {
    const styles = COPIED.map((name) => [name, computed.getPropertyValue(name)] as const);
    const lines: [string, string][] = [
      ['left', `${box.left}px`],
      ['top', `${box.top}px`],
      ['width', `${box.width}px`],
    ];
    const wanted = [...styles, ...lines].filter(([, value]) => value !== '');
    const copied = JSON.stringify([wanted, box.height]);
    if (copied === this.#copied) return;
    this.#copied = copied;
    this.#lineHeight = px(computed.lineHeight) || 16;
    for (const [name, value] of wanted) this.mirror.style.setProperty(name, value);
    if (!isSingleLine(this.#field)) return;
    // An <input> centres its one line.
    this.mirror.style.setProperty('white-space', 'pre');
    this.mirror.style.setProperty('top', `${box.top + (box.height - this.mirror.offsetHeight) / 2}px`);
  }
}

/** How many pixels on the screen a CSS pixel of the element is (a transformed page). */
export function scaleOf(element: HTMLElement, rect: DOMRect): number {
  const scale = rect.width / element.offsetWidth;
  return Number.isFinite(scale) && Math.abs(rect.width - element.offsetWidth) >= 1 ? scale : 1;
}

/** The padding box without scroll bars, from the corner of the border box. */
export function paddingBox(field: TextField): Box {
  const computed = getComputedStyle(field);
  const border = px(computed.borderLeftWidth);
  return {
    // `clientLeft` is rounded, but only it knows of a scroll bar on the left.
    left: border + Math.max(0, field.clientLeft - Math.round(border)),
    top: px(computed.borderTopWidth),
    width: field.clientWidth,
    height: field.clientHeight,
  };
}

/** The content box without scroll bars, from the corner of the padding box. */
function contentBox(field: TextField, computed: CSSStyleDeclaration): Box {
  const borders = px(computed.borderLeftWidth) + px(computed.borderRightWidth);
  const rect = field.getBoundingClientRect();
  const scrollBar = Math.max(0, Math.round(field.offsetWidth - borders - field.clientWidth));
  const left = px(computed.paddingLeft);
  const top = px(computed.paddingTop);
  return {
    left,
    top,
    // Fractions of a pixel decide where a line wraps; `clientWidth` has lost them.
    width: rect.width / scaleOf(field, rect) - borders - scrollBar - left - px(computed.paddingRight),
    height: field.clientHeight - top - px(computed.paddingBottom),
  };
}

function px(length: string): number {
  return Number.parseFloat(length) || 0;
}
