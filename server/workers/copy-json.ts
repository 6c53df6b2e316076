import * as Y from 'yjs';

/** Stands for an embed where a text is looked at: it counts as one character. */
export const EMBED = '\uFFFC';

/** What is in a document, as JSON can tell it: a text is its string, XML too, bytes are base64. */
export function plainOf(value: unknown): unknown {
  if (value instanceof Y.Map) {
    const entries = [...value.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return objectOf(entries);
  }
  if (value instanceof Y.Array) return value.toArray().map(plainOf);
  // `Y.XmlText` is a `Y.Text`, whose formats are tags.
  if (value instanceof Y.AbstractType) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value === 'object' && value !== null) return objectOf(Object.entries(value));
  return value ?? null;
}

/** A text with one character for each embed, so that places in it are those of the shared type. */
export function unitsOf(text: Y.Text): string {
  let units = '';
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    units += item.content instanceof Y.ContentString ? item.content.str : EMBED;
  }
  return units;
}

/** A delta as JSON can tell it. */
export function plainDelta(delta: readonly object[]): unknown {
  return delta.map(plainOf);
}

/** Whether two values of JSON are the same, in whatever order their members come (RFC 6902, 4.6). */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, at) => isSame(item, b[at]))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(member(a, key), member(b, key)))
  );
}

/** @returns `undefined` if it has none of its own */
export function member(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [key, plainOf(value)]));
}
