import * as Y from 'yjs';
import type { Follow } from './copy-follow.js';
import { plainOf } from './copy-json.js';
import { pointerTo } from './copy-pointer.js';
import type { CopyRoots, SharedType } from './copy-roots.js';
import { jsonOf } from './copy-views.js';
import type { PatchOperation } from './copy-work.js';

type Part = string | number;
type Event = Y.YEvent<Y.AbstractType<unknown>>;

/** A root that was seen, and what has happened in it since the last question. */
interface Watched {
  readonly type: SharedType;
  readonly seen: (events: readonly Event[]) => void;
  operations: PatchOperation[];
  /** Texts and XML that have changed: they are told as a whole. */
  readonly wholes: Set<Y.AbstractType<unknown>>;
  isShown: boolean;
}

/** One root or all of them, followed as JSON patches. */
export class JsonFollow implements Follow {
  private readonly watched = new Map<string, Watched>();

  constructor(
    private readonly roots: CopyRoots,
    private readonly root: string | undefined,
  ) {
    for (const name of this.names()) this.watch(name);
  }

  news(): string | undefined {
    const operations: PatchOperation[] = [];
    for (const name of new Set([...this.watched.keys(), ...this.names()]))
      operations.push(...this.newsOf(name));
    return operations.length > 0 ? JSON.stringify(operations) : undefined;
  }

  shown(): string {
    return JSON.stringify(jsonOf(this.roots, this.root));
  }

  stop(): void {
    for (const { type, seen } of this.watched.values()) type.unobserveDeep(seen as () => void);
    this.watched.clear();
  }

  /** Of roots in which something can be seen. */
  private names(): readonly string[] {
    if (this.root === undefined) return this.roots.names();
    return this.roots.kindOf(this.root) === 'none' ? [] : [this.root];
  }

  private newsOf(name: string): readonly PatchOperation[] {
    const watched = this.watched.get(name);
    const wasShown = watched?.isShown === true;
    const type = this.roots.get(name);
    const path = this.pathOf(name);
    if (type === undefined) {
      if (watched === undefined) return [];
      forget(watched);
      watched.isShown = false;
      if (!wasShown) return [];
      return [path === '' ? { op: 'replace', path, value: null } : { op: 'remove', path }];
    }
    if (watched !== undefined && wasShown) return this.changesOf(watched, path);
    if (watched === undefined) this.watch(name);
    else {
      forget(watched);
      watched.isShown = true;
    }
    return [{ op: path === '' ? 'replace' : 'add', path, value: plainOf(type) }];
  }

  private changesOf(watched: Watched, path: string): readonly PatchOperation[] {
    const operations: PatchOperation[] = watched.operations.map((one) => ({ ...one, path: path + one.path }));
    for (const whole of watched.wholes) {
      const at = pathTo(whole, watched.type);
      if (at !== undefined)
        operations.push({ op: 'replace', path: path + pointerTo(at), value: plainOf(whole) });
    }
    forget(watched);
    return operations;
  }

  private watch(name: string): void {
    const type = this.roots.get(name);
    if (type === undefined) return;
    const watched: Watched = {
      type,
      operations: [],
      wholes: new Set(),
      isShown: true,
      // Those further out come first: where something is now, it is for whoever has followed them.
      seen: (events) => {
        for (const event of events) note(watched, event);
      },
    };
    type.observeDeep(watched.seen as () => void);
    this.watched.set(name, watched);
  }

  /** Relative to what `shown` gives. */
  private pathOf(name: string): string {
    return this.root === undefined ? pointerTo([name]) : '';
  }
}

function forget(watched: Watched): void {
  watched.operations = [];
  watched.wholes.clear();
}

function note(watched: Watched, event: Event): void {
  const { target } = event;
  const whole = wholeAround(target, watched.type);
  if (whole !== undefined) {
    watched.wholes.add(whole);
    return;
  }
  const at = pathTo(target, watched.type);
  if (at === undefined) return;
  if (target instanceof Y.Map) noteMap(watched.operations, at, target, event);
  else if (target instanceof Y.Array) noteArray(watched.operations, at, event);
}

function noteMap(operations: PatchOperation[], at: readonly Part[], map: Y.Map<unknown>, event: Event): void {
  for (const [key, { action }] of event.changes.keys) {
    const path = pointerTo([...at, key]);
    if (action === 'delete') operations.push({ op: 'remove', path });
    else operations.push({ op: action === 'add' ? 'add' : 'replace', path, value: plainOf(map.get(key)) });
  }
}

function noteArray(operations: PatchOperation[], at: readonly Part[], event: Event): void {
  let index = 0;
  for (const { retain = 0, insert = [], delete: removed = 0 } of event.changes.delta) {
    index += retain;
    for (let left = removed; left > 0; left--)
      operations.push({ op: 'remove', path: pointerTo([...at, index]) });
    for (const item of insert as readonly unknown[])
      operations.push({ op: 'add', path: pointerTo([...at, index++]), value: plainOf(item) });
  }
}

/** The outermost text or XML around a type, or the type itself, if it is in one. */
function wholeAround(type: Y.AbstractType<unknown>, root: SharedType): Y.AbstractType<unknown> | undefined {
  let whole: Y.AbstractType<unknown> | undefined;
  for (let at: unknown = type; at instanceof Y.AbstractType; at = at === root ? null : at._item?.parent)
    if (!(at instanceof Y.Map || at instanceof Y.Array)) whole = at;
  return whole;
}

/** Where a type is below its root, now; `undefined` if it is not there any more. */
function pathTo(type: Y.AbstractType<unknown>, root: SharedType): readonly Part[] | undefined {
  const path: Part[] = [];
  let at: unknown = type;
  while (at !== root) {
    if (!(at instanceof Y.AbstractType)) return undefined;
    const item: Y.Item | null = at._item;
    if (item === null || item.deleted) return undefined;
    path.unshift(item.parentSub ?? indexOf(item));
    at = item.parent;
  }
  return path;
}

function indexOf(item: Y.Item): number {
  let index = 0;
  for (let left = item.left; left !== null; left = left.left)
    if (!left.deleted && left.countable) index += left.length;
  return index;
}
