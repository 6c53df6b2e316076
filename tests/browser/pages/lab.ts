/**
 * What the browser tests of the text-area binding run inside the page: two people with a document, a field and a
 * binding each, and a network between them that can be stopped.
 */
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CaretGeometry } from '../../../client/caret-geometry.js';
import { FrameTask } from '../../../client/frame-task.js';
import { fieldBoxes } from '../../../client/mirror-styles.js';
import { type RemoteCarets, showRemoteCarets } from '../../../client/remote-carets.js';
import { bindTextarea, type TextareaBinding } from '../../../client/textarea-binding.js';
import { type Clock, systemClock } from '../../../shared/time.js';

export type Field = HTMLTextAreaElement | HTMLInputElement;

export interface LabOptions {
  /** HTML of one field. */
  readonly html?: string;
  readonly text?: string;
  readonly undo?: boolean;
  readonly manualClock?: boolean;
  /** Whether `a` sees the carets of `b`. */
  readonly carets?: boolean;
}

/** Somebody's replacement in a text. */
export type Edit = readonly [index: number, remove: number, insert: string];

class ManualClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];
  monotonic = () => this.#now;
  wall = () => this.#now;
  schedule(delay: number, run: () => void) {
    const timer = { at: this.#now + delay, run };
    this.#timers.push(timer);
    return { timer };
  }
  cancel({ timer }: { timer: unknown }) {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
  advance(ms: number) {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
  get pending() {
    return this.#timers.length;
  }
}

class Person {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('text');
  readonly awareness = new Awareness(this.doc);
  readonly field: Field;
  binding: TextareaBinding;
  carets: RemoteCarets | undefined;
  transactions = 0;
  /** How often a script wrote the field. */
  writes = 0;

  constructor(
    readonly lab: Lab,
    readonly name: string,
    readonly options: LabOptions,
    readonly clock: Clock,
  ) {
    const holder = document.createElement('div');
    holder.innerHTML = options.html ?? '<textarea rows="8" cols="40"></textarea>';
    document.body.append(holder);
    const field = holder.querySelector<Field>('textarea, input');
    if (field === null) throw new Error('no field in the HTML');
    this.field = field;
    field.id = name;
    this.awareness.setLocalState({ user: { name, color: '#1c7bab' } });
    this.binding = this.bind();
    if (options.carets && name === 'a')
      this.carets = showRemoteCarets(field, this.text, this.awareness, { clock });
    this.text.observe(() => {
      this.transactions++;
    });
    this.#countWrites();
  }

  bind(): TextareaBinding {
    const { undo, manualClock } = this.options;
    return bindTextarea(this.field, this.text, {
      awareness: this.awareness,
      ...(undo === undefined ? {} : { undo }),
      ...(manualClock ? { clock: this.clock } : {}),
    });
  }

  #countWrites(): void {
    const prototype = Object.getPrototypeOf(this.field);
    const value = Object.getOwnPropertyDescriptor(prototype, 'value');
    Object.defineProperty(this.field, 'value', {
      configurable: true,
      get: () => value?.get?.call(this.field),
      set: (next: string) => {
        this.writes++;
        value?.set?.call(this.field, next);
      },
    });
  }
}

class Lab {
  clock = new ManualClock();
  a!: Person;
  b!: Person;
  /** While set, what people send waits here. */
  #queue: (() => void)[] | undefined;

  /** Starts anew with two people, `a` and `b`, who see the text already. */
  async start(options: LabOptions = {}): Promise<void> {
    document.body.replaceChildren();
    document.body.removeAttribute('style');
    window.scrollTo(0, 0);
    this.#queue = undefined;
    this.clock = new ManualClock();
    const clock = options.manualClock ? this.clock : systemClock();
    this.a = new Person(this, 'a', options, clock);
    this.b = new Person(this, 'b', options, clock);
    this.#join(this.a, this.b);
    this.#join(this.b, this.a);
    if (options.text !== undefined) this.b.text.insert(0, options.text);
    await this.frames();
    this.a.transactions = 0;
    this.a.writes = 0;
  }

  /** Somebody else's edit, made in `b`'s document, in one transaction. */
  remote(...edits: readonly Edit[]): void {
    this.b.doc.transact(() => {
      for (const [index, remove, insert] of edits) {
        this.b.text.delete(index, remove);
        this.b.text.insert(index, insert);
      }
    });
  }

  hold(): void {
    this.#queue ??= [];
  }

  flush(): void {
    const queue = this.#queue ?? [];
    this.#queue = undefined;
    for (const deliver of queue) deliver();
  }

  /** Lets what `act` sends overtake what is held. */
  overtake(act: () => void): void {
    const waiting = this.#queue;
    this.#queue = undefined;
    act();
    this.#queue = waiting;
  }

  state() {
    const { field, text } = this.a;
    return {
      value: field.value,
      text: text.toString(),
      other: this.b.text.toString(),
      otherValue: this.b.field.value,
      start: field.selectionStart,
      end: field.selectionEnd,
      direction: field.selectionDirection,
      transactions: this.a.transactions,
      writes: this.a.writes,
    };
  }

  /**
   * Compares where the library believes the characters of `a`'s field to be with where the browser finds them: half
   * way between two carets a click changes from the one to the other, which is tried one pixel to both sides.
   */
  misplaced(): { checked: number; wrong: string[] } {
    const { field } = this.a;
    const geometry = new CaretGeometry(field);
    const computed = getComputedStyle(field);
    const boxes = fieldBoxes(field, computed, field.getBoundingClientRect());
    geometry.update(computed, boxes);
    geometry.locate();
    const carets = Array.from({ length: field.value.length + 1 }, (_, index) => geometry.caret(index));
    geometry.remove();
    const wrong: string[] = [];
    let checked = 0;
    const box = boxes.padding;
    for (let index = 0; index < carets.length - 1; index++) {
      const [here, next] = carets.slice(index, index + 2);
      if (here === undefined || next === undefined) continue;
      const width = next.left - here.left;
      if (Math.abs(here.top - next.top) > 1 || Math.abs(width) < 3 || Math.abs(width) > 60) continue;
      field.scrollTop = here.top - 20;
      field.scrollLeft = Math.min(here.left, next.left) - 40;
      const rect = field.getBoundingClientRect();
      const middle = rect.left + box.left - field.scrollLeft + (here.left + next.left) / 2;
      const y = rect.top + box.top - field.scrollTop + here.top + here.height / 2;
      const side = Math.sign(width);
      const found = [middle - side, middle + side].map((x) => document.caretPositionFromPoint(x, y)?.offset);
      if (found[0] !== index || found[1] !== index + 1) wrong.push(`${index}: ${found.join()}`);
      checked++;
    }
    field.scrollTop = 0;
    field.scrollLeft = 0;
    return { checked, wrong };
  }

  /** The element in which carets are drawn, if there are any. */
  get host(): Element | null {
    return document.querySelector('[data-coscribe-carets]');
  }

  /** What is drawn over `a`'s field, in pixels of the window; empty if the overlay is not in the page. */
  drawn() {
    const { host } = this;
    const pick = (element: Element | null | undefined) => {
      const { left = 0, top = 0, width = 0, height = 0 } = element?.getBoundingClientRect() ?? {};
      return { left, top, width, height };
    };
    return {
      host: host && pick(host),
      people: Array.from(host?.shadowRoot?.querySelectorAll('.person') ?? [], (person) => ({
        name: person.querySelector('.flag')?.textContent,
        markup: person.querySelector('.flag')?.innerHTML,
        flagged: person.hasAttribute('data-shown'),
        caret: pick(person.querySelector('.caret')),
        flag: pick(person.querySelector('.flag')),
        selection: Array.from(person.querySelectorAll('.selection'), pick),
        color: getComputedStyle(person.querySelector('.caret') ?? person).backgroundColor,
      })),
    };
  }

  /** The field of `id` has been drawn with the whole text: a long one comes in several frames. */
  async shown(id: 'a' | 'b'): Promise<void> {
    const { field, text } = this[id];
    for (let frame = 0; frame < 100 && field.value !== text.toString(); frame++) await this.frames();
  }

  /** What was asked for before is drawn. */
  async frames(): Promise<void> {
    const view = window;
    await new Promise<void>((resolve) => new FrameTask({ view, phase: 'draw' }, resolve).request());
    await new Promise(requestAnimationFrame);
  }

  /** Puts `b`'s caret somewhere, as a binding would. */
  pointB(anchor: number, head = anchor): void {
    const place = (index: number) => Y.createRelativePositionFromTypeIndex(this.b.text, index);
    this.b.awareness.setLocalStateField('cursor', { anchor: place(anchor), head: place(head) });
  }

  #join(from: Person, to: Person): void {
    const send = (deliver: () => void): void => {
      if (this.#queue === undefined) deliver();
      else this.#queue.push(deliver);
    };
    from.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) send(() => Y.applyUpdate(to.doc, update, this));
    });
    from.awareness.on(
      'update',
      (change: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
        if (origin === this) return;
        const update = encodeAwarenessUpdate(from.awareness, [
          ...change.added,
          ...change.updated,
          ...change.removed,
        ]);
        send(() => applyAwarenessUpdate(to.awareness, update, this));
      },
    );
  }
}

declare global {
  interface Window {
    lab: Lab;
    Y: typeof Y;
    bindTextarea: typeof bindTextarea;
    showRemoteCarets: typeof showRemoteCarets;
  }
}

window.lab = new Lab();
window.Y = Y;
window.bindTextarea = bindTextarea;
window.showRemoteCarets = showRemoteCarets;
