import { bidiCaret, hasRightToLeft, type LaidOutText } from './caret-bidi.js';
import type { Box } from './caret-plane.js';
import { type Flow, fromLines, joinBoxes, type TextBox, toLines } from './caret-selection.js';
import { adoptStyles, MIRROR_CSS } from './caret-styles.js';
import { isSingleLine, type TextField } from './field.js';
import { type FieldBoxes, mirrorStyles, zoomOf } from './mirror-styles.js';
import { MirrorText, type TextRange } from './mirror-text.js';

/** The width of what measures by how much the window's pixels differ from the mirror's. */
const SCALE_WIDTH = 1_000;

const ANYTHING = /^/;
/** What is often in no font but another one, which makes its line higher. */
const OTHER_SIGNS = /[^\0-\u024f\u2000-\u206f]/;

/**
 * Where the characters of a field are. A field does not tell, so its text is laid out once more, invisibly, in an
 * element with the same styles and the same width (the "mirror"). It hangs at the root of the page, where nothing turns
 * or slants it, whatever becomes of the field.
 *
 * All boxes are in the field's pixels, from the corner of its padding box, as if it were not scrolled.
 */
export class CaretGeometry {
  readonly #field: TextField;
  readonly #host: HTMLElement;
  readonly #scale: HTMLElement;
  readonly #mirror: HTMLElement;
  readonly #content: MirrorText;
  /** Only one: until it is collected as garbage, each makes every change of the page slower. */
  readonly #range: Range;
  /** Gives the line behind a last line break a height. */
  readonly #lastLine: Text;
  /** One space, in a line of its own. */
  readonly #sample: HTMLElement;
  #text = '';
  #copied = '';
  /** Of the lines, in pixels; `undefined` if it is up to the fonts. */
  #lineHeight: number | undefined;
  #base: 'ltr' | 'rtl' | undefined;
  #direction: 'ltr' | 'rtl' = 'ltr';
  /** Whether all signs are made to have one direction. */
  #overridden = false;
  #flow: Flow = 'down';
  #origin = { left: 0, top: 0, scale: 1 };

  constructor(field: TextField) {
    const page = field.ownerDocument;
    this.#field = field;
    this.#range = page.createRange();
    this.#host = page.createElement('coscribe-mirror');
    this.#host.setAttribute('aria-hidden', 'true');
    this.#host.setAttribute('data-coscribe-mirror', '');
    const root = this.#host.attachShadow({ mode: 'open' });
    adoptStyles(root, MIRROR_CSS);
    this.#scale = page.createElement('div');
    this.#scale.className = 'scale';
    this.#scale.style.setProperty('width', `${SCALE_WIDTH}px`);
    this.#mirror = page.createElement('div');
    this.#mirror.className = 'mirror';
    this.#content = new MirrorText(this.#mirror);
    this.#lastLine = page.createTextNode('');
    const line = page.createElement('div');
    line.append(this.#lastLine);
    this.#sample = page.createElement('div');
    this.#sample.className = 'sample';
    this.#sample.append('\u00A0');
    this.#mirror.append(line, this.#sample);
    const initial = page.createElement('div');
    initial.className = 'initial';
    initial.append(this.#scale, this.#mirror);
    root.append(initial);
  }

  /** Whether lines run from top to bottom; then a caret lies flat, and its box has a width and no height. */
  get vertical(): boolean {
    return this.#flow !== 'down';
  }

  /** Takes over text and styles. */
  update(computed: CSSStyleDeclaration, { content }: FieldBoxes): void {
    const { documentElement } = this.#field.ownerDocument;
    if (this.#host.parentNode !== documentElement) documentElement.append(this.#host);
    const text = this.#field.value;
    this.#text = text;
    this.#content.set(text, linesAlone(computed));
    const lastLine = text === '' || text.endsWith('\n') ? '\u200B' : '';
    if (this.#lastLine.data !== lastLine) this.#lastLine.data = lastLine;
    this.#copyStyles(computed, content);
    if (isSingleLine(this.#field)) this.#centre(content);
  }

  /** Call between `update()` and the first measurement, when nothing will be written any more. */
  locate(): void {
    const { left, top, width } = this.#scale.getBoundingClientRect();
    this.#origin = { left, top, scale: width / SCALE_WIDTH || 1 };
  }

  remove(): void {
    this.#host.remove();
  }

  /** The caret before the character `index`; its width is 0, or its height if lines are vertical. */
  caret(index: number): Box {
    const box = this.#caret(index);
    return this.vertical ? { ...box, height: 0 } : { ...box, width: 0 };
  }

  /**
   * The boxes of a selection, as high as its lines; a line break alone gets a small one.
   * @param from @param to what of the text's height is wanted, with what is close to it
   */
  selection(start: number, end: number, from: number, to: number): Box[] {
    const flow = this.#flow;
    const boxes = this.#rects(start, end, this.vertical ? undefined : { from, to });
    const sample = toLines(this.#sample.getBoundingClientRect(), flow);
    const { scale } = this.#origin;
    const joined = joinBoxes(
      boxes.map(({ block, ...box }) => ({ ...toLines(box, flow), block: toLines(block, flow) })),
      {
        lineHeight: this.#lineHeight ?? sample.height / scale,
        grows: this.#lineHeight === undefined,
        breakWidth: sample.width / scale,
        rightToLeft: this.#rightToLeft(),
      },
    );
    return joined.map((box) => fromLines(box, flow));
  }

  /** Which way lines go on; `undefined` if that differs from paragraph to paragraph. */
  #rightToLeft(): boolean | undefined {
    if (this.#base !== undefined) return this.#base === 'rtl';
    return hasRightToLeft(this.#text) ? undefined : false;
  }

  #caret(index: number): Box {
    const bidi = this.vertical ? undefined : this.#bidiCaret(index);
    if (bidi !== undefined) return bidi;
    // Where a line wraps, the same place is the end of one line and the start of the next, where typing goes on.
    const [last] = this.#rects(index, index).slice(-1);
    if (last !== undefined) return last;
    // For browsers that give a mere place no box.
    const next = this.#rects(index, index + 1)[0];
    if (next !== undefined) return next;
    const previous = this.#rects(index - 1, index).at(-1);
    if (previous !== undefined) return { ...previous, left: previous.left + previous.width };
    return { left: 0, top: 0, width: 0, height: this.#lineHeight ?? 16 };
  }

  #bidiCaret(index: number): Box | undefined {
    if (this.#overridden) return undefined;
    const laidOut: LaidOutText = {
      text: this.#text,
      rects: (start, end) => this.#rects(start, end),
    };
    return bidiCaret(laidOut, index, this.#base, this.#direction);
  }

  #rects(start: number, end: number, part?: { readonly from: number; readonly to: number }): TextBox[] {
    const { left, top, scale } = this.#origin;
    const own = (rect: Box): Box => ({
      left: (rect.left - left) / scale,
      top: (rect.top - top) / scale,
      width: rect.width / scale,
      height: rect.height / scale,
    });
    const window = part && { from: part.from * scale + top, to: part.to * scale + top };
    return this.#ranges(start, end, window).flatMap(({ from, to }) => {
      this.#range.setStart(from.node, from.offset);
      this.#range.setEnd(to.node, to.offset);
      const block = own((from.node.parentElement ?? this.#mirror).getBoundingClientRect());
      return Array.from(this.#range.getClientRects(), (rect) => ({ ...own(rect), block }));
    });
  }

  #ranges(start: number, end: number, part?: { readonly from: number; readonly to: number }): TextRange[] {
    const node = this.#lastLine;
    if (start >= this.#content.length && node.length > 0) {
      return [{ from: { node, offset: 0 }, to: { node, offset: node.length } }];
    }
    if (start < end) return this.#content.ranges(start, end, part);
    const place = this.#content.place(start);
    return place === undefined ? [] : [{ from: place, to: place }];
  }

  /** The one line of an <input> is in the middle, also where it is higher than the field. */
  #centre({ left, top, width, height }: Box): void {
    const scale = this.#scale.getBoundingClientRect().width / SCALE_WIDTH || 1;
    const line = this.#mirror.getBoundingClientRect();
    const [side, middle] = this.vertical
      ? ['left', left + (width - line.width / scale) / 2]
      : ['top', top + (height - line.height / scale) / 2];
    const wanted = `${middle}px`;
    if (this.#mirror.style.getPropertyValue(`${side}`) !== wanted)
      this.#mirror.style.setProperty(`${side}`, wanted);
  }

  #copyStyles(computed: CSSStyleDeclaration, content: Box): void {
    const styles = mirrorStyles(this.#field, computed, content);
    const lang = languageOf(this.#field);
    const zoom = String(zoomOf(this.#field) / zoomOf(this.#field.ownerDocument.documentElement));
    const copied = JSON.stringify([...styles, lang, zoom]);
    if (copied === this.#copied) return;
    for (const element of [this.#scale, this.#mirror]) element.style.setProperty('zoom', zoom);
    this.#copied = copied;
    this.#lineHeight = Number.parseFloat(styles.get('line-height') ?? '') || undefined;
    this.#direction = computed.direction === 'rtl' ? 'rtl' : 'ltr';
    this.#base = computed.unicodeBidi === 'plaintext' ? undefined : this.#direction;
    this.#overridden = computed.unicodeBidi.includes('override');
    this.#flow = flowOf(computed);
    this.#mirror.lang = lang;
    for (const name of ['left', 'right', 'width', 'height', 'min-width', 'min-height']) {
      if (!styles.has(name)) this.#mirror.style.removeProperty(name);
    }
    for (const [name, value] of styles) this.#mirror.style.setProperty(name, value);
  }
}

/** Which lines are to be laid out each by itself. */
function linesAlone(computed: CSSStyleDeclaration): RegExp | undefined {
  // Where such a line wraps is weighed for all of its paragraph.
  if (/balance|pretty/.test(computed.getPropertyValue('text-wrap-style'))) return ANYTHING;
  return computed.lineHeight === 'normal' ? OTHER_SIGNS : undefined;
}

function flowOf({ writingMode }: CSSStyleDeclaration): Flow {
  if (writingMode === 'horizontal-tb') return 'down';
  if (writingMode === 'sideways-lr') return 'right, upwards';
  return writingMode.endsWith('lr') ? 'right' : 'left';
}

/** Fonts and line breaks depend on it. */
function languageOf(field: TextField): string {
  for (let element: Element | null = field; element !== null; ) {
    const lang = element.getAttribute('lang');
    if (lang !== null) return lang;
    const root: Node = element.getRootNode();
    element = element.parentElement ?? ('host' in root ? (root as ShadowRoot).host : null);
  }
  return '';
}
