import type { TextField } from './field.js';
import { parentInDrawing } from './flat-tree.js';

/** Where the pane with the carets of a field hangs. */
export interface CaretHome {
  readonly node: Element | ShadowRoot;
  /** By which factor the field is zoomed against what is in that node. */
  readonly zoom: number;
}

/** Each of these makes an element a picture of its own, in which its content is turned, cut or faded as a whole. */
const PICTURES = [
  ...['transform', 'translate', 'rotate', 'scale', 'perspective', 'filter', 'backdrop-filter'],
  ...['clip-path', 'mask-image'],
];
/** What has no effect of that kind; a browser that does not know a property says nothing. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(PICTURES.map((name) => [name, ['none', '']])),
  'mix-blend-mode': ['normal', ''],
  'transform-style': ['flat', ''],
  'container-type': ['normal', ''],
  'content-visibility': ['visible', ''],
  'will-change': ['auto', 'contents', 'scroll-position', ''],
  opacity: ['1'],
  isolation: ['auto', ''],
  contain: ['none', 'size', 'inline-size', 'style', ''],
};

/**
 * The place for what is drawn over a field: as far outside as it can be without looking different, as the last child.
 * So the rules of a page about siblings (`input:focus + label`, `:last-child`) see nothing of it, as a rule. It may not
 * leave what is drawn as a picture of its own, what is in front of the page, or what scrolls by itself and takes it along.
 */
export function homeOf(field: TextField): CaretHome {
  const { documentElement } = field.ownerDocument;
  let zoom = zoomIn(getComputedStyle(field));
  let element = parentInDrawing(field);
  let style = element && getComputedStyle(element);
  while (element !== undefined && style !== undefined && element !== documentElement) {
    const above: Element | undefined = parentInDrawing(element);
    const styleAbove = above && getComputedStyle(above);
    const node = holds(element, style, styleAbove) ? insideOf(element) : undefined;
    if (node !== undefined) return { node, zoom };
    zoom *= zoomIn(style);
    [element, style] = [above, styleAbove];
  }
  return { node: documentElement, zoom };
}

function holds(
  element: Element,
  style: CSSStyleDeclaration,
  above: CSSStyleDeclaration | undefined,
): boolean {
  const { position, zIndex, overflowX, overflowY } = style;
  if (position === 'fixed' || position === 'sticky') return true;
  const positioned = position !== 'static';
  if (zIndex !== 'auto' && (positioned || /flex|grid/.test(above?.display ?? ''))) return true;
  if (positioned && /auto|scroll/.test(overflowX + overflowY)) return true;
  for (const [name, usual] of Object.entries(USUAL))
    if (!usual.includes(style.getPropertyValue(name))) return true;
  // In a drawing made of vectors only what embeds HTML can.
  if (element.localName === 'foreignObject') return true;
  // Of names that a browser does not know `:is` takes no notice.
  return element.matches(':is(:modal, :popover-open, :fullscreen)');
}

/** Where a child of an element is drawn in it; `undefined` if it is not to be known. */
function insideOf(element: Element): Element | ShadowRoot | undefined {
  // What is in a slot itself is drawn only where nothing is put into it.
  if (element.localName === 'slot') return (element.parentNode as Element | ShadowRoot | null) ?? undefined;
  if (element.shadowRoot !== null) return element.shadowRoot;
  // It may have a tree that nobody sees into.
  return element.localName.includes('-') ? undefined : element;
}

function zoomIn({ zoom }: CSSStyleDeclaration): number {
  return Number.parseFloat(zoom) || 1;
}
