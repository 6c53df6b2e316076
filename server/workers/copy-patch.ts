import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { isSame, member, plainOf } from './copy-json.js';
import { absent, edited, indexIn, type Kind, partsOf, quoted, Unfit } from './copy-pointer.js';
import type { CopyRoots, SharedType } from './copy-roots.js';
import { becomes, kindFor, sharedOf } from './copy-values.js';
import type { PatchOperation } from './copy-work.js';

/**
 * Plain values that Yjs keeps as one are written anew for each change within: so much for each byte that may be written.
 * All of them are in memory until the patch is over.
 */
const REWRITTEN_SHARE = 16;

/**
 * Applies a JSON patch (RFC 6902) to the roots of a document.
 *
 * @param maxBytes of all values that are written, as JSON
 * @throws CoscribeError `patch-failed` with the number of the operation, `update-too-large`; then the document may have changed
 */
export function applyPatch(roots: CopyRoots, operations: readonly PatchOperation[], maxBytes: number): void {
  const patch = new Patch(roots, maxBytes);
  for (const [number, operation] of operations.entries()) {
    try {
      patch.apply(operation);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      throw new CoscribeError('patch-failed', `operation ${number}, ${operation.op}: ${error.message}`);
    }
  }
}

class Patch {
  /** Roots that this patch has seen: one that becomes empty meanwhile is there until the patch is over. */
  private readonly seen = new Map<string, SharedType>();
  /** Roots that it has removed. Yjs gives them no other type any more. */
  private readonly removed = new Map<string, SharedType>();
  private rewrittenLeft: number;

  constructor(
    private readonly roots: CopyRoots,
    private bytesLeft: number,
  ) {
    this.rewrittenLeft = REWRITTEN_SHARE * bytesLeft;
  }

  apply({ op, path, from = '', value }: PatchOperation): void {
    if (op === 'test') {
      if (!isSame(this.read(path), value)) throw new Unfit(`something else is at ${quoted(path)}`);
    } else if (op === 'move') {
      const moved = this.read(from);
      if (path === from) return;
      if (path.startsWith(`${from}/`)) throw new Unfit('nothing moves into itself');
      this.edit(from, 'remove', undefined);
      this.edit(path, 'add', moved);
    } else if (op === 'copy') this.edit(path, 'add', this.read(from));
    else this.edit(path, op, value);
  }

  private read(path: string): unknown {
    const [name, ...parts] = partsOf(path);
    let found: unknown = this.root(name);
    for (const part of parts) found = memberOf(found, part);
    if (found === undefined) throw absent(path);
    return plainOf(found);
  }

  private edit(path: string, kind: Kind, value: unknown): void {
    if (kind !== 'remove') this.spend(value);
    const [name, ...parts] = partsOf(path);
    const first = parts[0];
    if (first === undefined) {
      this.editRoot(name, kind, value);
      return;
    }
    let parent = this.root(name);
    if (parent === undefined && kind === 'add' && parts.length === 1)
      parent = this.make(name, first === '-' ? 'array' : 'map');
    let at = 0;
    let key = first;
    for (; at < parts.length - 1; at++) {
      const child = memberOf(parent, key);
      if (!(child instanceof Y.AbstractType)) break;
      parent = child as SharedType;
      key = parts[at + 1] ?? '';
    }
    const within = parts.slice(at + 1);
    if (within.length === 0) editMember(parent, key, kind, value, path);
    else {
      // Of a plain value Yjs keeps nothing but the whole.
      const whole = memberOf(parent, key);
      if (whole === undefined) throw absent(path);
      const changed = edited(whole, within, kind, value, path);
      this.rewrite(changed);
      put(parent, key, changed, 'replace', path);
    }
  }

  private editRoot(name: string, kind: Kind, value: unknown): void {
    const root = this.root(name);
    if (root === undefined && kind !== 'add') throw absent(`/${name}`);
    if (kind === 'remove') {
      if (root instanceof Y.XmlFragment) throw new Unfit('XML is not changed by JSON patches');
      if (root !== undefined) this.clear(name, root);
      return;
    }
    const wanted = kindFor(value);
    if (wanted === undefined) throw new Unfit('a root is an object, an array or a string');
    if (!becomes(root ?? this.make(name, wanted), value))
      throw new Unfit(`${quoted(name)} stays of the type that it is`);
  }

  private clear(name: string, root: SharedType): void {
    if (root instanceof Y.Map) root.clear();
    else root.delete(0, root.length);
    this.seen.delete(name);
    this.removed.set(name, root);
  }

  private root(name: string): SharedType | undefined {
    const root = this.roots.get(name) ?? this.seen.get(name);
    if (root !== undefined) this.seen.set(name, root);
    return root;
  }

  private make(name: string, kind: 'text' | 'array' | 'map'): SharedType {
    const removed = this.removed.get(name);
    if (removed !== undefined && kindFor(plainOf(removed)) !== kind)
      throw new Unfit(`${quoted(name)} becomes something else only when its removal is saved`);
    const root = this.roots.as(name, kind);
    this.seen.set(name, root);
    return root;
  }

  /** What is copied again and again would double a document with every operation. */
  private spend(value: unknown): void {
    this.bytesLeft -= JSON.stringify(value).length;
    if (this.bytesLeft < 0) throw new CoscribeError('update-too-large', 'what the operations write');
  }

  private rewrite(whole: unknown): void {
    this.rewrittenLeft -= JSON.stringify(whole).length;
    if (this.rewrittenLeft < 0)
      throw new CoscribeError('update-too-large', 'large values that are changed in too many places');
  }
}

function memberOf(parent: unknown, key: string): unknown {
  if (parent instanceof Y.Map) return parent.get(key);
  if (parent instanceof Y.Array) {
    const index = indexIn(key, parent.length - 1);
    return index === undefined ? undefined : parent.get(index);
  }
  if (parent instanceof Y.AbstractType || typeof parent !== 'object' || parent === null) return undefined;
  if (!Array.isArray(parent)) return member(parent, key);
  return parent[indexIn(key, parent.length - 1) ?? parent.length];
}

function editMember(parent: unknown, key: string, kind: Kind, value: unknown, path: string): void {
  const old = memberOf(parent, key);
  const replaces = kind === 'replace' || (kind === 'add' && parent instanceof Y.Map);
  if (replaces && old !== undefined && becomes(old, value)) return;
  put(parent, key, kind === 'remove' ? undefined : sharedOf(value), kind, path);
}

/** @param value as Yjs takes it */
function put(parent: unknown, key: string, value: unknown, kind: Kind, path: string): void {
  if (parent instanceof Y.Map) {
    if (kind !== 'add' && !parent.has(key)) throw absent(path);
    if (kind === 'remove') parent.delete(key);
    else parent.set(key, value);
  } else if (parent instanceof Y.Array) {
    const { length } = parent;
    const index = kind === 'add' && key === '-' ? length : indexIn(key, kind === 'add' ? length : length - 1);
    if (index === undefined) throw absent(path);
    if (kind !== 'add') parent.delete(index);
    if (kind !== 'remove') parent.insert(index, [value]);
  } else if (parent === undefined) throw absent(path);
  else throw new Unfit(`nothing is inside what is at ${quoted(path.slice(0, path.lastIndexOf('/')))}`);
}
