import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { isSameBytes } from './same-bytes.js';

type Content = Y.Item['content'];
/** As it travels. */
export type SentStruct = ReturnType<typeof Y.decodeUpdate>['structs'][number];
/** As a document holds it. */
type HeldStruct = Y.Item | Y.GC;

export interface StructComparison {
  /** The first clock at which the two are not the same. */
  readonly differsAt: number | undefined;
  /** Clocks that come as deleted, and are not deleted here. */
  readonly deleted: readonly { readonly clock: number; readonly length: number }[];
}

/**
 * Compares what comes under a clientID with what a document holds under it, clock by clock: where it stands, and what it
 * is. What one author wrote once is the same in every document for ever, however often it was split, merged and sent,
 * with two exceptions: what is deleted has lost its content, and what lies in a shared type that is deleted has lost its
 * place, too. (Of yjs 13.6: `Item.mergeWith`, `splitItem`, `Item.gc`, `Item.getMissing`.)
 *
 * @param from first clock to look at; the document holds everything up to `to`
 */
export function compareStructs(
  doc: Y.Doc,
  sent: readonly SentStruct[],
  from: number,
  to: number,
): StructComparison {
  const deleted: { clock: number; length: number }[] = [];
  for (const struct of sent) {
    const { client } = struct.id;
    const end = endOf(struct);
    const held = doc.store.clients.get(client) ?? [];
    const last = Math.min(end, to);
    let clock = Math.max(struct.id.clock, from);
    for (let at = clock < last ? Y.findIndexSS(held, clock) : held.length; clock < last; at++) {
      const own = held[at];
      if (own === undefined) break;
      const next = Math.min(endOf(own), last);
      const differsAt = difference(struct, own, clock, next);
      if (differsAt !== undefined) return { differsAt, deleted };
      // Yjs throws at a struct of which it has the beginning as GC; nobody but its author could have made it longer.
      if (own instanceof Y.GC && struct instanceof Y.Item && end > to && next === to)
        return { differsAt: clock, deleted };
      if (isDeleted(struct) && !own.deleted) deleted.push({ clock, length: next - clock });
      clock = next;
    }
  }
  return { differsAt: undefined, deleted };
}

/** The first clock from `from` to before `to`, all of which are in both, at which they are not the same. */
function difference(sent: SentStruct, own: HeldStruct, from: number, to: number): number | undefined {
  if (sent instanceof Y.Skip || own instanceof Y.GC) return undefined;
  // What lies in no type that can be deleted keeps its place for ever.
  if (sent instanceof Y.GC) return parentOf(own)._item === null ? from : undefined;
  if (!isSamePlace(sent, own, from)) return from;
  if (isDeleted(sent) || own.content instanceof Y.ContentDeleted) return undefined;
  const offset = from - sent.id.clock;
  const same = sameUnits(sent.content, offset, own.content, from - own.id.clock, to - from);
  return same === to - from ? undefined : from + same;
}

function isSamePlace(sent: Y.Item, own: Y.Item, clock: number): boolean {
  const origin = originAt(sent, clock);
  if (!Y.compareIDs(origin, originAt(own, clock))) return false;
  if (!Y.compareIDs(sent.rightOrigin, own.rightOrigin)) return false;
  // The parent is that of the neighbours, and travels only where there are none.
  if (origin !== null || sent.rightOrigin !== null) return true;
  const parent = parentOf(own);
  // The name of a root, or the item of a type.
  const named: unknown = sent.parent;
  const isSameParent =
    parent._item === null
      ? named === Y.findRootTypeKey(parent)
      : named instanceof Y.ID && Y.compareIDs(named, parent._item.id);
  return isSameParent && sent.parentSub === own.parentSub;
}

function originAt({ id, origin }: Y.Item, clock: number): Y.ID | null {
  return clock > id.clock ? Y.createID(id.client, clock - 1) : origin;
}

function parentOf({ parent }: Y.Item): Y.AbstractType<unknown> {
  if (parent instanceof Y.AbstractType) return parent;
  throw new TypeError('an item of a document has no parent');
}

/** How many of the next `length` clocks hold the same. */
function sameUnits(sent: Content, from: number, own: Content, ownFrom: number, length: number): number {
  if (sent instanceof Y.ContentString && own instanceof Y.ContentString) {
    for (let n = 0; n < length; n++)
      if (!isSameUnit(sent.str.charCodeAt(from + n), own.str.charCodeAt(ownFrom + n))) return n;
    return length;
  }
  if (sent.getRef() !== own.getRef()) return 0;
  if (sent instanceof Y.ContentAny || sent instanceof Y.ContentJSON) {
    const values = own.getContent();
    for (let n = 0; n < length; n++)
      if (!isSameBytes(bytesOf(sent.arr[from + n]), bytesOf(values[ownFrom + n]))) return n;
    return length;
  }
  // All others are one clock long.
  return isSameBytes(contentBytes(sent), contentBytes(own)) ? length : 0;
}

/** Yjs writes U+FFFD for each half of a surrogate pair that it cuts, and UTF-8 for one that stands alone. */
function isSameUnit(one: number, other: number): boolean {
  return (
    one === other ||
    (one === REPLACEMENT && isSurrogate(other)) ||
    (other === REPLACEMENT && isSurrogate(one))
  );
}

const REPLACEMENT = 0xfffd;

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function bytesOf(value: Parameters<typeof encoding.writeAny>[1]): Uint8Array {
  return encoding.encode((encoder) => encoding.writeAny(encoder, value));
}

function contentBytes(content: Content): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  content.write(encoder, 0);
  return encoder.toUint8Array();
}

function isDeleted(struct: SentStruct): boolean {
  return struct instanceof Y.GC || (struct instanceof Y.Item && struct.content instanceof Y.ContentDeleted);
}

function endOf({ id, length }: Y.AbstractStruct): number {
  return id.clock + length;
}
