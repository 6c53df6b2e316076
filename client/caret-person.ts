import type { Box, Point } from './caret-plane.js';
import { readableOn } from './caret-styles.js';

/** Thickness of a caret in CSS pixels. */
const THICKNESS = 2;

/** What is drawn for one person: a caret, a selection and a flag with the name. */
export class CaretPerson {
  /** Where the caret was drawn last. */
  at: Box = { left: 0, top: 0, width: 0, height: 0 };
  readonly #group: HTMLElement;
  readonly #caret: HTMLElement;
  readonly #flag: HTMLElement;
  readonly #selections: HTMLElement;
  readonly #selection: HTMLElement[] = [];
  #color = '';
  /** Of the flag, in CSS pixels; unknown after the name has changed. */
  #flagSize: { readonly width: number; readonly height: number } | undefined;

  constructor(layer: HTMLElement) {
    this.#group = appendPart('person', layer);
    this.#selections = appendPart('selections', this.#group);
    this.#caret = appendPart('caret', this.#group);
    this.#flag = appendPart('flag', this.#group);
  }

  /** @param color `#rrggbb` */
  name(name: string, color: string): void {
    if (this.#color !== color) {
      this.#color = color;
      this.#group.style.setProperty('--person', color);
      this.#group.style.setProperty('--on-person', readableOn(color));
    }
    if (this.#flag.textContent === name) return;
    this.#flag.textContent = name;
    this.#flagSize = undefined;
  }

  /** The size of the flag, which is measured if need be. */
  flagSize(): { readonly width: number; readonly height: number } {
    this.#flagSize ??= { width: this.#flag.offsetWidth, height: this.#flag.offsetHeight };
    return this.#flagSize;
  }

  draw(at: Box, selected: readonly Box[]): void {
    this.at = at;
    place(this.#caret, bar(at));
    while (this.#selection.length > selected.length) this.#selection.pop()?.remove();
    selected.forEach((box, index) => {
      this.#selection[index] ??= appendPart('selection', this.#selections);
      place(this.#selection[index], box);
    });
  }

  /** Shows the name at a place, or hides it: then it fades where it was. */
  showFlag(at: Point | undefined): void {
    this.#group.toggleAttribute('data-shown', at !== undefined);
    if (at !== undefined) move(this.#flag, at);
  }

  remove(): void {
    this.#group.remove();
  }
}

/** An element that the page may style as `::part(name)`. */
export function appendPart(name: string, parent: Node): HTMLElement {
  const element = (parent.ownerDocument ?? document).createElement('div');
  element.className = name;
  element.setAttribute('part', name);
  parent.appendChild(element);
  return element;
}

/** A transform, which is drawn without a new layout. */
export function move(element: HTMLElement, { left, top }: Point): void {
  const transform = `translate(${left}px, ${top}px)`;
  if (element.style.transform !== transform) element.style.setProperty('transform', transform);
}

/** A place of the layout, which the browser rounds to whole pixels of the screen: a transformed edge is blurred. */
export function place(element: HTMLElement, box: Point | Box): void {
  for (const [side, length] of Object.entries(box)) {
    const wanted = `${length}px`;
    if (element.style.getPropertyValue(side) !== wanted) element.style.setProperty(side, wanted);
  }
}

/** What is drawn for a caret, which has no thickness itself: it lies flat where lines are vertical. */
function bar({ left, top, width, height }: Box): Box {
  return height === 0
    ? { left, top: top - THICKNESS / 2, width, height: THICKNESS }
    : { left: left - THICKNESS / 2, top, width: THICKNESS, height };
}
