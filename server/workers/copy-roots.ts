import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';

/** What a root is. `none`: nothing can be seen in it, and nobody keeps what it is then. */
export type RootKind = 'text' | 'map' | 'array' | 'xml' | 'none';

/** A shared type whose class is known. */
export type SharedType = Y.Text | Y.Map<unknown> | Y.Array<unknown> | Y.XmlFragment;

type AnyType = NonNullable<ReturnType<Y.Doc['share']['get']>>;

/** After so many types in a list there comes nothing else. */
const LOOKED_AT = 1_000;

/**
 * The roots of a loaded document. An update does not say of what class they are: that shows in what they hold. A root is
 * given its class when it has something, not before: the wrong one could not be taken back.
 */
export class CopyRoots {
  constructor(readonly doc: Y.Doc) {}

  /** The names of those in which something can be seen, in order. */
  names(): string[] {
    const names = [...this.doc.share].filter(([, type]) => isVisible(type)).map(([name]) => name);
    return names.sort();
  }

  kindOf(name: string): RootKind {
    const type = this.doc.share.get(name);
    return type === undefined || !isVisible(type) ? 'none' : kindOfContent(type);
  }

  /** The root with its class; `undefined` if nothing can be seen in it. @throws Error if it had another class before */
  get(name: string): SharedType | undefined {
    const kind = this.kindOf(name);
    return kind === 'none' ? undefined : this.as(name, kind);
  }

  /** @returns `undefined` if nothing can be seen in it. @throws CoscribeError `wrong-type`; Error as `get` */
  text(name: string): Y.Text | undefined {
    const root = this.get(name);
    if (root === undefined || root instanceof Y.Text) return root;
    throw new CoscribeError('wrong-type', `"${name}" is no text`);
  }

  /** The root as one of that kind, also if there is nothing in it yet. @throws Error if it had another class before */
  as(name: string, kind: Exclude<RootKind, 'none'>): SharedType {
    const { doc } = this;
    switch (kind) {
      case 'text':
        return doc.getText(name);
      case 'map':
        return doc.getMap(name);
      case 'array':
        return doc.getArray(name);
      case 'xml':
        return doc.getXmlFragment(name);
    }
  }
}

function isVisible(type: AnyType): boolean {
  if (type._length > 0) return true;
  for (const { deleted } of type._map.values()) if (!deleted) return true;
  return false;
}

/**
 * Depends on nothing but what is there now, so that every node says the same. A list of nothing but XML counts as XML: if
 * it is an array, that shows when something else comes into it.
 */
function kindOfContent(type: AnyType): Exclude<RootKind, 'none'> {
  let guess: 'array' | 'xml' | undefined;
  let looked = 0;
  for (let item = type._start; item !== null && looked < LOOKED_AT; item = item.right) {
    const { content, deleted } = item;
    // A format alone is no content.
    if (deleted || content instanceof Y.ContentFormat) continue;
    looked++;
    if (content instanceof Y.ContentString || content instanceof Y.ContentEmbed) return 'text';
    if (!(content instanceof Y.ContentType)) return 'array';
    if (!isXml(content.type)) guess = 'array';
    else guess ??= 'xml';
  }
  return guess ?? 'map';
}

/** What lies in XML. */
function isXml(type: unknown): boolean {
  return type instanceof Y.XmlElement || type instanceof Y.XmlText || type instanceof Y.XmlHook;
}
