import { type Box, CaretGeometry, paddingBox, scaleOf } from './caret-geometry.js';
import { adoptCaretStyles } from './caret-styles.js';
import type { TextField } from './field.js';

/** A caret to draw: indices into the text that the field shows. */
export interface ShownCaret {
  readonly clientId: number;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
  readonly anchor: number;
  readonly head: number;
  /** Whether the name is to be seen. */
  readonly flagged: boolean;
}

interface Person {
  readonly group: HTMLElement;
  readonly caret: HTMLElement;
  readonly flag: HTMLElement;
  readonly selection: HTMLElement[];
  /** Where the caret was drawn last. */
  at: Box;
  color: string;
  /** Of the flag, in CSS pixels; unknown after the name has changed. */
  flagWidth: number | undefined;
}

const FLAG_HEIGHT = 16;

/**
 * The pane in which carets are drawn: the field's next sibling, taken out of the flow, exactly as large as what the
 * field shows of its text. Nothing is wrapped around the field, and nothing of the page moves.
 */
export class CaretOverlay {
  readonly #field: TextField;
  readonly #host: HTMLElement;
  readonly #layer: HTMLElement;
  readonly #geometry: CaretGeometry;
  readonly #people = new Map<number, Person>();
  #left = 0;
  #top = 0;

  constructor(field: TextField) {
    const page = field.ownerDocument;
    this.#field = field;
    this.#host = page.createElement('div');
    this.#host.setAttribute('aria-hidden', 'true');
    this.#host.setAttribute('data-coscribe-carets', '');
    // The place from which the first measurement counts; without it the browser would choose one.
    for (const side of ['left', 'top']) this.#host.style.setProperty(side, '0px', 'important');
    const root = this.#host.attachShadow({ mode: 'open' });
    adoptCaretStyles(root);
    this.#layer = this.#element('layer', root);
    this.#geometry = new CaretGeometry(field);
    this.#layer.append(this.#geometry.mirror);
  }

  /** Draws these carets and no others; the overlay is in the page only while there are some. */
  draw(carets: readonly ShownCaret[]): void {
    for (const [clientId, { group }] of this.#people) {
      if (carets.some((caret) => caret.clientId === clientId)) continue;
      group.remove();
      this.#people.delete(clientId);
    }
    if (carets.length === 0) {
      this.#host.remove();
      return;
    }
    for (const caret of carets) this.#name(caret);
    this.#prepare();
    // All measuring before all writing: the page is laid out once.
    const measured = carets.map((caret) => this.#measure(caret));
    for (const write of measured) write();
  }

  /** Where a place of the text is, for an overlay that draws nothing. */
  measure(index: number): Box {
    this.#prepare();
    const box = this.#geometry.caret(index);
    this.#host.remove();
    return box;
  }

  #prepare(): void {
    // A framework that rendered anew may have moved or removed it.
    if (this.#host.previousSibling !== this.#field) this.#field.after(this.#host);
    this.#geometry.update();
    this.#geometry.locate(this.#reposition());
  }

  /** Follows the field to where it is now; returns the page's scale. */
  #reposition(): number {
    const field = this.#field;
    const rect = field.getBoundingClientRect();
    const scale = scaleOf(field, rect);
    const { left, top, width, height } = paddingBox(field);
    const { zIndex } = getComputedStyle(field);
    const is = this.#host.getBoundingClientRect();
    this.#left += (rect.left - is.left) / scale + left;
    this.#top += (rect.top - is.top) / scale + top;
    const place = { 'z-index': zIndex, width: `${width}px`, height: `${height}px` };
    const style = { ...place, left: `${this.#left}px`, top: `${this.#top}px` };
    for (const [name, value] of Object.entries(style)) {
      // Setting what is set already makes the browser look again.
      if (this.#host.style.getPropertyValue(name) !== value) {
        this.#host.style.setProperty(name, value, 'important');
      }
    }
    this.scroll();
    return scale;
  }

  /** Follows the field's own scrolling. */
  scroll(): void {
    const { scrollLeft, scrollTop } = this.#field;
    move(this.#layer, -scrollLeft, -scrollTop);
  }

  /** The clients whose caret is within `distance` pixels of a place in the window. */
  near(clientX: number, clientY: number, distance: number): number[] {
    const origin = this.#layer.getBoundingClientRect();
    const scale = scaleOf(this.#host, this.#host.getBoundingClientRect());
    const x = (clientX - origin.left) / scale;
    const y = (clientY - origin.top) / scale;
    const isNear = ({ at }: Person) =>
      Math.abs(x - at.left) <= distance && y >= at.top - distance && y <= at.top + at.height + distance;
    return [...this.#people].filter(([, person]) => isNear(person)).map(([clientId]) => clientId);
  }

  /** Shows or hides a name without measuring anything. */
  flag(clientId: number, shown: boolean): void {
    this.#people.get(clientId)?.group.toggleAttribute('data-shown', shown);
  }

  remove(): void {
    this.#host.remove();
  }

  /** Writes what has to be there before anything is measured. */
  #name({ clientId, name, color, flagged }: ShownCaret): void {
    const person = this.#person(clientId);
    person.group.toggleAttribute('data-shown', flagged);
    if (person.color !== color) {
      person.color = color;
      person.group.style.setProperty('--person', color);
      person.group.style.setProperty('--on-person', readableOn(color));
    }
    if (person.flag.textContent === name) return;
    person.flag.textContent = name;
    person.flagWidth = undefined;
  }

  #measure(shown: ShownCaret): () => void {
    const person = this.#person(shown.clientId);
    const at = this.#geometry.caret(shown.head);
    const start = Math.min(shown.anchor, shown.head);
    const end = Math.max(shown.anchor, shown.head);
    const selected = start < end ? this.#geometry.selection(start, end) : [];
    person.flagWidth ??= person.flag.offsetWidth;
    const roomRight = this.#field.scrollLeft + this.#field.clientWidth - at.left;
    const roomAbove = at.top - this.#field.scrollTop;
    const flagLeft = at.left - 1 - Math.max(0, person.flagWidth - roomRight);
    const flagTop = roomAbove >= FLAG_HEIGHT ? at.top - FLAG_HEIGHT : at.top + at.height;
    return () => {
      person.at = at;
      move(person.caret, at.left, at.top);
      resize(person.caret, 'height', at.height);
      move(person.flag, flagLeft, flagTop);
      while (person.selection.length > selected.length) person.selection.pop()?.remove();
      selected.forEach((box, index) => {
        person.selection[index] ??= this.#element('selection', person.group);
        move(person.selection[index], box.left, box.top);
        resize(person.selection[index], 'width', box.width);
        resize(person.selection[index], 'height', box.height);
      });
    };
  }

  #person(clientId: number): Person {
    const known = this.#people.get(clientId);
    if (known !== undefined) return known;
    const group = this.#element('person', this.#layer);
    const person: Person = {
      group,
      caret: this.#element('caret', group),
      flag: this.#element('flag', group),
      selection: [],
      at: { left: 0, top: 0, width: 0, height: 0 },
      color: '',
      flagWidth: undefined,
    };
    this.#people.set(clientId, person);
    return person;
  }

  #element(className: string, parent: ParentNode): HTMLElement {
    const element = this.#field.ownerDocument.createElement('div');
    element.className = className;
    parent.append(element);
    return element;
  }
}

/** A transform, which is drawn without a new layout. */
function move(element: HTMLElement, left: number, top: number): void {
  const transform = `translate(${left}px, ${top}px)`;
  if (element.style.transform !== transform) element.style.setProperty('transform', transform);
}

function resize(element: HTMLElement, side: 'width' | 'height', length: number): void {
  const wanted = `${length}px`;
  if (element.style.getPropertyValue(side) !== wanted) element.style.setProperty(side, wanted);
}

/** Black or white, whichever has more contrast with a `#rrggbb` (relative luminance as WCAG 2 defines it). */
function readableOn(color: string): string {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.183 ? '#000000' : '#ffffff';
}
