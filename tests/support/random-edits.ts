import * as Y from 'yjs';
import type { Random } from '../../shared/time.js';
import { between } from './random.js';

const KEYS = ['a', 'b', 'bold', 'é'];
const STRINGS = ['x', 'word ', 'ß', '漢字', '\r\n', '\u0000'];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  2 ** 40,
  'text',
  [1, 'two', { three: 3 }],
  { b: 1, a: [] },
];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T;
}

/** Any class that a root or a nested type can have. */
export type SharedType = Y.Text | Y.Array<unknown> | Y.Map<unknown> | Y.XmlFragment | Y.XmlElement;

function fresh(random: Random): SharedType {
  switch (between(random, 0, 5)) {
    case 0:
      return new Y.Text(pick(random, STRINGS));
    case 1:
      return new Y.Array();
    case 2:
      return new Y.Map();
    case 3:
      return new Y.XmlElement(pick(random, ['p', 'h1']));
    case 4:
      return new Y.XmlText(pick(random, STRINGS));
    default:
      return new Y.XmlFragment();
  }
}

function editText(random: Random, text: Y.Text): void {
  const { length } = text;
  const at = between(random, 0, length);
  switch (between(random, 0, 6)) {
    case 0:
    case 1:
      text.insert(at, pick(random, STRINGS));
      break;
    case 2:
      text.insert(at, pick(random, STRINGS), {
        [pick(random, KEYS)]: pick(random, [true, 'red', { deep: [1] }]),
      });
      break;
    case 3:
      text.insertEmbed(at, { image: pick(random, STRINGS) });
      break;
    case 4:
      if (length > at) {
        text.format(at, between(random, 1, length - at), {
          [pick(random, KEYS)]: pick(random, [null, true, 'red']),
        });
      }
      break;
    default:
      if (length > at) text.delete(at, between(random, 1, Math.min(4, length - at)));
  }
}

function editList(
  random: Random,
  list: { length: number; insert(at: number, items: never[]): void; delete(at: number, n: number): void },
  item: () => unknown,
): void {
  const at = between(random, 0, list.length);
  if (random() < 0.7 || at === list.length) list.insert(at, [item() as never]);
  else list.delete(at, between(random, 1, Math.min(2, list.length - at)));
}

function editType(random: Random, type: SharedType, depth: number): void {
  const inside: unknown[] = type instanceof Y.Text ? [] : [...children(type)];
  const nested = inside.filter((child): child is SharedType => child instanceof Y.AbstractType);
  if (nested.length > 0 && depth < 4 && random() < 0.6) {
    editType(random, pick(random, nested), depth + 1);
  } else if (type instanceof Y.Text) editText(random, type);
  else if (type instanceof Y.Array) {
    editList(random, type, () =>
      random() < 0.4 ? fresh(random) : random() < 0.2 ? new Uint8Array([1, 2]) : pick(random, VALUES),
    );
  } else if (type instanceof Y.Map) {
    const key = pick(random, KEYS);
    if (random() < 0.25) type.delete(key);
    else type.set(key, random() < 0.4 ? fresh(random) : pick(random, VALUES));
  } else {
    if (type instanceof Y.XmlElement && random() < 0.3) {
      const key = pick(random, KEYS);
      if (random() < 0.3) type.removeAttribute(key);
      else type.setAttribute(key, pick(random, STRINGS));
    } else {
      editList(random, type, () =>
        random() < 0.5 ? new Y.XmlText(pick(random, STRINGS)) : new Y.XmlElement(pick(random, ['p', 'h1'])),
      );
    }
  }
}

function children(type: SharedType): Iterable<unknown> {
  if (type instanceof Y.Map) return type.values();
  return type instanceof Y.Text ? [] : type.toArray();
}

/** Edits a document somewhere: plain and rich text, lists, maps and XML, also inside one another. */
export function editSomewhere(random: Random, doc: Y.Doc): void {
  doc.transact(() => editType(random, pick(random, rootsOf(doc)), 0), 'here');
}

/** The roots that `editSomewhere` works on. */
export function rootsOf(doc: Y.Doc): [Y.Text, Y.Text, Y.Array<unknown>, Y.Map<unknown>, Y.XmlFragment] {
  return [
    doc.getText('text'),
    doc.getText('rich'),
    doc.getArray('list'),
    doc.getMap('map'),
    doc.getXmlFragment('xml'),
  ];
}
