import * as Y from 'yjs';
import type { SharedType } from './random-edits.js';

/** Everything that can be seen in these roots, as a string: slow, recursive, and by Yjs' public interface only. */
export function visibleContent(roots: readonly SharedType[]): string {
  const shown = roots.map((root) => [Y.findRootTypeKey(root), content(root)] as const);
  return JSON.stringify(shown.filter(([, { length }]) => length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function content(type: unknown): readonly unknown[] {
  if (type instanceof Y.Text) return [...runs(type), ...attributes(type.getAttributes())];
  if (type instanceof Y.XmlElement)
    return [...type.toArray().map(value), ...attributes(type.getAttributes())];
  if (type instanceof Y.XmlFragment || type instanceof Y.Array) return type.toArray().map(value);
  if (type instanceof Y.Map) return attributes(Object.fromEntries(type.entries()));
  throw new TypeError('a type that the test does not know');
}

/** One entry for each character, so that nothing depends on where runs begin. */
function runs(text: Y.Text): readonly unknown[] {
  const delta: { insert: unknown; attributes?: Record<string, unknown> }[] = text.toDelta();
  return delta.flatMap(({ insert, attributes: formats = {} }) =>
    (typeof insert === 'string' ? insert.split('') : [value(insert)]).map((one) => [
      one,
      attributes(formats),
    ]),
  );
}

function attributes(of: Record<string, unknown>): readonly unknown[] {
  return Object.entries(of)
    .map(([key, one]) => [key, value(one)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function value(one: unknown): unknown {
  if (!(one instanceof Y.AbstractType))
    return one instanceof Uint8Array ? { binary: [...one] } : { plain: one };
  const name = one instanceof Y.XmlElement ? one.nodeName : '';
  return { type: one.constructor.name, name, content: content(one) };
}
