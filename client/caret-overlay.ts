import { visiblePartOf } from './caret-clip.js';
import { placeFlags } from './caret-flags.js';
import { CaretGeometry } from './caret-geometry.js';
import { homeOf } from './caret-home.js';
import { appendPart, CaretPerson, move, place } from './caret-person.js';
import { type Box, Plane } from './caret-plane.js';
import { adoptStyles, OVERLAY_CSS } from './caret-styles.js';
import { isFocused, readSelection, type TextField } from './field.js';
import { fieldBoxes } from './mirror-styles.js';

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

/**
 * The pane in which carets are drawn, exactly as large as what can be seen of the field's text, taken out of the flow.
 * Nothing is wrapped around the field, nothing stands beside it, and nothing of the page moves: see `homeOf`.
 */
export class CaretOverlay {
  readonly #field: TextField;
  readonly #host: HTMLElement;
  readonly #layer: HTMLElement;
  readonly #probes: readonly HTMLElement[];
  readonly #geometry: CaretGeometry;
  readonly #people = new Map<number, CaretPerson>();
  #left = 0;
  #top = 0;
  /** Where the pane begins, from the corner of the field's padding box. */
  #corner = { left: 0, top: 0 };
  /** What can be seen, from the corner of the field's padding box. */
  #room: Box = { left: 0, top: 0, width: 0, height: 0 };

  constructor(field: TextField) {
    const page = field.ownerDocument;
    this.#field = field;
    // A name of its own, which no rule about elements or their types means.
    this.#host = page.createElement('coscribe-carets');
    this.#host.setAttribute('aria-hidden', 'true');
    this.#host.setAttribute('data-coscribe-carets', '');
    // The place from which the first measurement counts; without it the browser would choose one.
    for (const side of ['left', 'top']) this.#host.style.setProperty(side, '0px', 'important');
    const root = this.#host.attachShadow({ mode: 'open' });
    adoptStyles(root, OVERLAY_CSS);
    this.#probes = Plane.probes(page);
    root.append(...this.#probes);
    this.#layer = appendPart('layer', root);
    this.#geometry = new CaretGeometry(field);
  }

  /** Draws these carets and no others; the overlay is in the page only while there are some, and the field is seen. */
  draw(carets: readonly ShownCaret[]): void {
    for (const [clientId, person] of this.#people) {
      if (carets.some((caret) => caret.clientId === clientId)) continue;
      person.remove();
      this.#people.delete(clientId);
    }
    if (carets.length === 0 || !this.#prepare()) {
      this.remove();
      return;
    }
    for (const { clientId, name, color } of carets) this.#person(clientId).name(name, color);
    // All measuring before all writing: the page is laid out once.
    this.#geometry.locate();
    const measured = carets.map((caret) => this.#measure(caret));
    const flags = this.#placeFlags(carets);
    for (const write of [...measured, ...flags]) write();
  }

  /** Where a place of the text is, for an overlay that draws nothing. */
  measure(index: number): Box {
    this.#prepare();
    this.#geometry.locate();
    const box = this.#geometry.caret(index);
    this.remove();
    return box;
  }

  /** Whether there is something of the field to be drawn over. */
  #prepare(): boolean {
    const computed = getComputedStyle(this.#field);
    if (this.#field.getClientRects().length === 0 || computed.visibility !== 'visible') return false;
    const home = homeOf(this.#field);
    // A framework that rendered anew may have moved or removed it.
    if (this.#host.parentNode !== home.node) home.node.append(this.#host);
    const turned = ownTransform(computed);
    this.#style({
      position: computed.position === 'fixed' ? 'fixed' : 'absolute',
      zoom: String(home.zoom),
      'z-index': computed.zIndex,
      transform: turned.isIdentity ? 'none' : String(turned),
    });
    const field = this.#field;
    const plane = Plane.read(this.#probes);
    const border = plane.place(field.getBoundingClientRect(), {
      width: field.offsetWidth,
      height: field.offsetHeight,
    });
    const boxes = fieldBoxes(field, computed, border);
    const { left, top, width, height } = boxes.padding;
    const padding = { left: border.left + left, top: border.top + top, width, height };
    const { clip, room } = visiblePartOf(padding, field, plane);
    this.#room = { ...room, left: room.left - padding.left, top: room.top - padding.top };
    this.#corner = { left: clip.left - padding.left, top: clip.top - padding.top };
    // The pane is moved along the axes of what it is in.
    this.#left += turned.a * clip.left + turned.c * clip.top;
    this.#top += turned.b * clip.left + turned.d * clip.top;
    // No larger than what is seen: else what it is in could be scrolled there.
    this.#style({
      ...{
        left: `${this.#left}px`,
        top: `${this.#top}px`,
        width: `${clip.width}px`,
        height: `${clip.height}px`,
      },
    });
    place(this.#layer, { left: -this.#corner.left, top: -this.#corner.top });
    this.scroll();
    this.#geometry.update(computed, boxes);
    return clip.width > 0 && clip.height > 0;
  }

  #style(style: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(style)) {
      // Setting what is set already makes the browser look again.
      if (this.#host.style.getPropertyValue(name) === value) continue;
      this.#host.style.setProperty(name, value, 'important');
    }
  }

  /** Follows the field's own scrolling. */
  scroll(): void {
    const { scrollLeft, scrollTop } = this.#field;
    move(this.#layer, { left: -scrollLeft, top: -scrollTop });
  }

  /** The clients whose caret is within `distance` pixels of a place in the window. */
  near(clientX: number, clientY: number, distance: number): number[] {
    const { left, top } = Plane.read(this.#probes).toLocal({ left: clientX, top: clientY });
    const { scrollLeft, scrollTop } = this.#field;
    const [x, y] = [left + this.#corner.left + scrollLeft, top + this.#corner.top + scrollTop];
    const isNear = ({ at }: CaretPerson) =>
      x >= at.left - distance &&
      x <= at.left + at.width + distance &&
      y >= at.top - distance &&
      y <= at.top + at.height + distance;
    return [...this.#people].filter(([, person]) => isNear(person)).map(([clientId]) => clientId);
  }

  /** Hides a name without measuring anything. */
  hideFlag(clientId: number): void {
    this.#people.get(clientId)?.showFlag(undefined);
  }

  remove(): void {
    this.#host.remove();
    this.#geometry.remove();
  }

  #measure({ clientId, anchor, head }: ShownCaret): () => void {
    const person = this.#person(clientId);
    const at = this.#geometry.caret(head);
    const [start, end] = [Math.min(anchor, head), Math.max(anchor, head)];
    const selected = start < end ? this.#selected(start, end) : [];
    return () => person.draw(at, selected);
  }

  /** The boxes of a selection that can be seen now, or after a little scrolling. */
  #selected(start: number, end: number): Box[] {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.#field;
    const from = scrollTop - clientHeight;
    const to = scrollTop + 2 * clientHeight;
    return this.#geometry
      .selection(start, end, from, to)
      .filter(
        ({ left, top, width, height }) =>
          top < to &&
          top + height > from &&
          left < scrollLeft + 2 * clientWidth &&
          left + width > scrollLeft - clientWidth,
      );
  }

  #placeFlags(carets: readonly ShownCaret[]): (() => void)[] {
    const { scrollLeft, scrollTop } = this.#field;
    const room = { ...this.#room, left: this.#room.left + scrollLeft, top: this.#room.top + scrollTop };
    const shown = carets.filter(({ flagged }) => flagged);
    const own = shown.length > 0 && isFocused(this.#field) ? this.#ownCaret() : undefined;
    const wishes = shown.map(({ clientId, head }) => ({
      caret: this.#geometry.caret(head),
      ...this.#person(clientId).flagSize(),
    }));
    const places = placeFlags(wishes, room, own);
    return carets.map(({ clientId }) => {
      const number = shown.findIndex((caret) => caret.clientId === clientId);
      return () => this.#person(clientId).showFlag(places[number]);
    });
  }

  #ownCaret(): Box {
    const { start, end, direction } = readSelection(this.#field);
    return this.#geometry.caret(direction === 'backward' ? start : end);
  }

  #person(clientId: number): CaretPerson {
    const person = this.#people.get(clientId) ?? new CaretPerson(this.#layer);
    this.#people.set(clientId, person);
    return person;
  }
}

/** How the field itself is turned and scaled; where that moves it to is measured. */
function ownTransform({ transform, rotate, scale }: CSSStyleDeclaration): DOMMatrix {
  const steps = [
    /^-?[\d.]+deg$/.test(rotate) ? `rotate(${rotate})` : '',
    /^[\d. -]+$/.test(scale) ? `scale(${scale.split(' ').slice(0, 2).join()})` : '',
    transform === 'none' ? '' : transform,
  ];
  const matrix = new DOMMatrix(steps.join(' ').trim() || 'none');
  return new DOMMatrix([matrix.a, matrix.b, matrix.c, matrix.d, 0, 0]);
}
