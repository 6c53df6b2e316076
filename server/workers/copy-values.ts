import * as Y from 'yjs';
import { isSame, plainOf } from './copy-json.js';
import { replaceText } from './copy-text-replace.js';

/** A value of JSON as it is kept in a document: objects and arrays as shared types, so that two people can change them. */
export function sharedOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const array = new Y.Array<unknown>();
    array.push(value.map(sharedOf));
    return array;
  }
  if (typeof value !== 'object' || value === null) return value;
  return new Y.Map(Object.entries(value).map(([key, inner]) => [key, sharedOf(inner)]));
}

/** As what kind of root a value is kept; `undefined` if it cannot be one. */
export function kindFor(value: unknown): 'text' | 'array' | 'map' | undefined {
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'map' : undefined;
}

/**
 * Makes something that is there what it is to be, by as little as possible: what is the same in it stays, with whoever
 * works on it.
 *
 * @returns `false` if it has to be replaced; nothing is changed then
 */
export function becomes(old: unknown, value: unknown): boolean {
  if (old instanceof Y.Text && !(old instanceof Y.XmlText) && typeof value === 'string') {
    replaceText(old, value);
    return true;
  }
  if (old instanceof Y.Map && kindFor(value) === 'map') {
    changeMap(old, value as object);
    return true;
  }
  if (old instanceof Y.Array && Array.isArray(value)) {
    changeArray(old, value);
    return true;
  }
  return !(old instanceof Y.AbstractType) && isSame(plainOf(old), value);
}

function changeMap(map: Y.Map<unknown>, value: object): void {
  for (const key of [...map.keys()]) if (!Object.hasOwn(value, key)) map.delete(key);
  for (const [key, wanted] of Object.entries(value)) {
    if (!map.has(key) || !becomes(map.get(key), wanted)) map.set(key, sharedOf(wanted));
  }
}

/** Items that are the same at the beginning and at the end stay; those between are replaced. */
function changeArray(array: Y.Array<unknown>, value: readonly unknown[]): void {
  const before = array.toArray();
  const shorter = Math.min(before.length, value.length);
  const isSameAt = (at: number, offset: number): boolean => isSame(plainOf(before[at]), value[at + offset]);
  let first = 0;
  while (first < shorter && isSameAt(first, 0)) first++;
  let last = 0;
  const offset = value.length - before.length;
  while (last < shorter - first && isSameAt(before.length - 1 - last, offset)) last++;
  const removed = before.length - last - first;
  if (removed > 0) array.delete(first, removed);
  const inserted = value.slice(first, value.length - last);
  if (inserted.length > 0) array.insert(first, inserted.map(sharedOf));
}
