import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { plainDelta, plainOf, unitsOf } from './copy-json.js';
import type { CopyRoots } from './copy-roots.js';
import type { View } from './copy-work.js';
import { markdownOf } from './markdown.js';

const utf8 = new TextEncoder();

/** What is seen of a document. @throws CoscribeError `wrong-type`; `bad-request` for a state vector that does not decode */
export function viewOf(roots: CopyRoots, view: View): Uint8Array {
  switch (view.as) {
    case 'text':
      return utf8.encode(textOf(roots, view.root, unitsOf));
    case 'plain':
      return utf8.encode(textOf(roots, view.root, String));
    case 'delta':
      return utf8.encode(JSON.stringify(plainDelta(roots.text(view.root)?.toDelta() ?? [])));
    case 'markdown':
      return utf8.encode(view.root === undefined ? allMarkdown(roots) : markdown(roots, view.root));
    case 'json':
      return utf8.encode(JSON.stringify(jsonOf(roots, view.root)));
    case 'state':
      return stateOf(roots.doc, view.since);
    case 'state-vector':
      return Y.encodeStateVector(roots.doc);
  }
}

function textOf(roots: CopyRoots, root: string, read: (text: Y.Text) => string): string {
  const text = roots.text(root);
  return text === undefined ? '' : read(text);
}

/** A root as JSON, or an object of all of them. */
export function jsonOf(roots: CopyRoots, root?: string): unknown {
  if (root !== undefined) return plainOf(roots.get(root));
  return Object.fromEntries(roots.names().map((name) => [name, plainOf(roots.get(name))]));
}

function markdown(roots: CopyRoots, name: string): string {
  const root = roots.get(name);
  if (root === undefined) return '';
  if (root instanceof Y.Text || root instanceof Y.XmlFragment)
    return markdownOf(root as Y.AbstractType<unknown>);
  throw new CoscribeError('wrong-type', `"${name}" is neither text nor XML`);
}

function allMarkdown(roots: CopyRoots): string {
  const parts = roots.names().map((name) => {
    const root = roots.get(name);
    return root === undefined ? '' : markdownOf(root as Y.AbstractType<unknown>).replace(/\n+$/, '');
  });
  return parts.filter((part) => part !== '').join('\n\n');
}

function stateOf(doc: Y.Doc, since: Uint8Array | undefined): Uint8Array {
  if (since === undefined) return Y.encodeStateAsUpdate(doc);
  try {
    return Y.encodeStateAsUpdate(doc, since);
  } catch (cause) {
    throw new CoscribeError('bad-request', 'the state vector does not decode', { cause });
  }
}
