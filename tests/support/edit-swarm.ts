import * as Y from 'yjs';
import type { Random } from '../../shared/time.js';
import { between } from './seeds.js';

const REMOTE = Symbol('remote');
const WORDS = ['a', 'bc', 'é', '漢字', '😀', '👩‍👩‍👧', '\u0000', 'line\n', 'x'.repeat(40), '\ufeff'];

/** One person's copy of a document: edits of every sort at random, and the updates that Yjs makes of them. */
export class RandomEditor {
  readonly doc = new Y.Doc();
  readonly #random: Random;
  readonly #undo: Y.UndoManager | undefined;
  /** Where this person types on, most of the time: the place and the text it is in. */
  #caret: { readonly text: Y.Text; readonly at: number } | undefined;
  #outbox: Uint8Array[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.doc.clientID = between(random, 1, 2 ** 32 - 1);
    const roots = rootTypes(this.doc);
    // What can be undone is kept from garbage collection, so some people have no undo.
    if (random() < 0.5) {
      this.#undo = new Y.UndoManager([roots.text, roots.map, roots.array, roots.xml], { captureTimeout: 0 });
    }
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE) this.#outbox.push(update);
    });
  }

  /** What this copy itself made since the last call, one update per transaction. */
  takeUpdates(): Uint8Array[] {
    const updates = this.#outbox;
    this.#outbox = [];
    return updates;
  }

  receive(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, REMOTE);
  }

  /** One transaction; sometimes it changes nothing. */
  edit(): void {
    const choice = this.#random();
    if (choice < 0.08) this.#undo?.undo();
    else if (choice < 0.13) this.#undo?.redo();
    else if (choice < 0.4) this.#typeOn();
    else if (choice < 0.75) this.doc.transact(() => this.#change());
    else this.doc.transact(() => this.#times(5, () => this.#change()));
  }

  #typeOn(): void {
    if (this.#caret === undefined) return;
    const { text, at } = this.#caret;
    const word = this.#pick(WORDS);
    // Somebody else may have changed or deleted it in the meantime.
    if (text.doc !== this.doc || characterStart(unitsOf(text), at) !== at || at > text.length) return;
    text.insert(at, word);
    this.#caret = { text, at: at + word.length };
  }

  #change(): void {
    const { text, map, array, xml } = rootTypes(this.doc);
    const choice = this.#random();
    if (choice < 0.35) this.#changeText(text);
    else if (choice < 0.5) this.#changeMap(map, 0);
    else if (choice < 0.7) this.#changeArray(array, 0);
    else if (choice < 0.95) this.#changeXml(xml, 0);
    else this.#createAndDelete(map);
  }

  #changeText(text: Y.Text | Y.XmlText): void {
    // An editor never cuts a surrogate pair; Yjs copies diverge over one that is.
    const written = unitsOf(text);
    const at = characterStart(written, between(this.#random, 0, written.length));
    const end = characterStart(written, between(this.#random, at, Math.min(at + 6, written.length)));
    const length = end - at;
    const choice = this.#random();
    this.#caret = { text, at };
    if (choice < 0.5) text.insert(at, this.#pick(WORDS));
    else if (choice < 0.6) text.insert(at, this.#pick(WORDS), { bold: true });
    else if (choice < 0.75) text.delete(at, length);
    else if (choice < 0.9)
      text.format(at, length, { [this.#pick(['bold', 'link'])]: this.#pick([true, null, { href: '/' }]) });
    else if (choice < 0.95) text.insertEmbed(at, { image: { src: this.#pick(WORDS) } });
    else
      text.applyDelta([
        { retain: at },
        { insert: this.#pick(WORDS), attributes: { em: {} } },
        { delete: length },
      ]);
  }

  #changeMap(map: Y.Map<unknown>, depth: number): void {
    const key = this.#pick(['k', 'l', '', 'key😀']);
    const inner = map.get(key);
    if (inner instanceof Y.AbstractType && this.#random() < 0.6) this.#changeAny(inner, depth + 1);
    else if (this.#random() < 0.2) map.delete(key);
    else map.set(key, this.#value(depth));
  }

  #changeArray(array: Y.Array<unknown>, depth: number): void {
    const at = between(this.#random, 0, array.length);
    const inner = at < array.length ? array.get(at) : undefined;
    if (inner instanceof Y.AbstractType && this.#random() < 0.6) this.#changeAny(inner, depth + 1);
    else if (this.#random() < 0.25)
      array.delete(at, between(this.#random, 0, Math.min(3, array.length - at)));
    else
      array.insert(
        at,
        Array.from({ length: between(this.#random, 1, 4) }, () => this.#value(depth)),
      );
  }

  #changeXml(xml: Y.XmlFragment, depth: number): void {
    const at = between(this.#random, 0, xml.length);
    const inner = at < xml.length ? xml.get(at) : undefined;
    if (inner !== undefined && this.#random() < 0.6) this.#changeAny(inner, depth + 1);
    else if (this.#random() < 0.2) xml.delete(at, Math.min(1, xml.length - at));
    else if (this.#random() < 0.5) xml.insert(at, [new Y.XmlText(this.#pick(WORDS))]);
    else xml.insert(at, [new Y.XmlElement(this.#pick(['p', 'h1']))]);
  }

  #changeAny(type: unknown, depth: number): void {
    if (type instanceof Y.Text) this.#changeText(type);
    else if (type instanceof Y.Map) this.#changeMap(type, depth);
    else if (type instanceof Y.Array) this.#changeArray(type, depth);
    else if (type instanceof Y.XmlElement && this.#random() < 0.3)
      type.setAttribute('class', this.#pick(WORDS));
    else if (type instanceof Y.XmlFragment) this.#changeXml(type, depth);
  }

  /** Of this, Yjs leaves GC structs in the update of the one who did it. */
  #createAndDelete(map: Y.Map<unknown>): void {
    const outer = new Y.Map<unknown>();
    map.set('fleeting', outer);
    const inner = new Y.Text();
    outer.set('inner', inner);
    inner.insert(0, this.#pick(WORDS));
    inner.insert(0, this.#pick(WORDS));
    map.delete('fleeting');
  }

  #value(depth: number): unknown {
    const choice = this.#random();
    if (depth < 6 && choice < 0.12) return new Y.Map([['in', this.#pick(WORDS)]]);
    if (depth < 6 && choice < 0.24) return Y.Array.from([1, this.#pick(WORDS)]);
    if (depth < 6 && choice < 0.36) return new Y.Text(this.#pick(WORDS));
    if (choice < 0.42) return new Uint8Array(between(this.#random, 0, 20));
    const plain = [null, true, -0, 1.5, 2 ** 40, -(2 ** 31), 'text', { a: [{ b: 12n }], c: undefined }, [[]]];
    return this.#pick(plain);
  }

  #times(most: number, run: () => void): void {
    for (let left = between(this.#random, 1, most); left > 0; left--) run();
  }

  #pick<T>(from: readonly T[]): T {
    return from[between(this.#random, 0, from.length - 1)] as T;
  }
}

/** The text with one unit in place of each embedded thing, as Yjs counts it. */
function unitsOf(text: Y.Text): string {
  const delta: { insert: unknown }[] = text.toDelta();
  return delta.map(({ insert }) => (typeof insert === 'string' ? insert : '\ufffc')).join('');
}

function characterStart(text: string, at: number): number {
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at - 1 : at;
}

export function rootTypes(doc: Y.Doc): {
  text: Y.Text;
  map: Y.Map<unknown>;
  array: Y.Array<unknown>;
  xml: Y.XmlFragment;
} {
  return {
    text: doc.getText('text'),
    map: doc.getMap('map'),
    array: doc.getArray('array'),
    xml: doc.getXmlFragment('xml'),
  };
}

/** Everything in a document that people can see, for comparing. */
export function contentOf(doc: Y.Doc): unknown {
  const { text, map, array, xml } = rootTypes(doc);
  return { text: text.toDelta(), map: map.toJSON(), array: array.toJSON(), xml: xml.toString() };
}

/**
 * Everything but bold and links. Copies that got the same updates in other portions may differ in those: Yjs drops
 * formats that it takes for superfluous, on its own and in each copy for itself (`cleanupYTextAfterTransaction`).
 */
export function withoutFormats(doc: Y.Doc): unknown {
  const { text, map, array, xml } = rootTypes(doc);
  const bare = xml.toString().replaceAll(/<\/?(bold|link|em)( [^>]*)?>/g, '');
  return [text.toString(), map.toJSON(), array.toJSON(), bare];
}

/** A document with this content, which has nothing to do with the one that made it. */
export function docOf(...updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

/** Whether updates are kept back in the document because something is missing. */
export function hasPending(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}
