import * as Y from 'yjs';
import { DEFAULT_TEXT } from '../../../shared/protocol.js';
import { NOTHING } from '../author/paragraph.js';
import { Runs } from '../author/runs.js';
import type { WrittenText } from '../text/written-text.js';
import { type DeletionSet, NONE_DELETED } from '../view/deletion-set.js';

/** In place of a clock: somebody else's. */
const ELSEWHERE = -2;

/** What a Y.Doc holds of one clientID. */
export interface CopyOf {
  /** Next clock. */
  clock: number;
  deleted: DeletionSet;
  /** Clocks of the characters that are there, in the order of the text. */
  readonly live: number[];
  /** Where all of them stand, the deleted ones too; `undefined` if the document does not know any more. */
  readonly places: Runs | undefined;
  /** The first clock at which it says something else than its author writes there. */
  strangeAt: number | undefined;
}

/** A document as a reader has it, taken apart. */
export interface Copy {
  readonly by: ReadonlyMap<number, CopyOf>;
  readonly characters: number;
  /** The same for two copies that show the same characters, of the same authors, in the same order. */
  readonly order: number;
  /** Something waits for what did not come. */
  readonly pending: boolean;
  /** Names of root types other than the text that hold something. */
  readonly otherRoots: readonly string[];
}

/** Takes a document apart. */
export function copyIn(doc: Y.Doc, text: WrittenText): Copy {
  const by = new Map<number, CopyOf>();
  const root = doc.getText(DEFAULT_TEXT);
  for (const [client, structs] of doc.store.clients) {
    let deleted = NONE_DELETED;
    for (const struct of structs) {
      if (struct.deleted || !(struct instanceof Y.Item))
        deleted = deleted.with(struct.id.clock, struct.length);
    }
    const clock = Y.getState(doc.store, client);
    by.set(client, { clock, deleted, live: [], places: placesOf(structs), strangeAt: undefined });
  }
  let order = 0x811c9dc5;
  let characters = 0;
  for (let item = root._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { client, clock } = item.id;
    const one = by.get(client);
    characters += item.length;
    for (let unit = clock; unit < clock + item.length; unit++) {
      order = Math.imul(order ^ client ^ unit, 0x01000193);
      order ^= order >>> 15;
      one?.live.push(unit);
    }
    const says = item.content instanceof Y.ContentString ? item.content.str : undefined;
    if (one !== undefined && says !== text.slice(client, clock, item.length)) one.strangeAt ??= clock;
  }
  const pending = doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
  const otherRoots = [...doc.share].flatMap(([name, type]) =>
    name !== DEFAULT_TEXT && (type._start !== null || type._map.size > 0) ? [name] : [],
  );
  return { by, characters, order: order >>> 0, pending, otherRoots };
}

/** Structs come in the order of their clocks. */
function placesOf(structs: readonly (Y.Item | Y.GC)[]): Runs | undefined {
  const runs = new Runs();
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) return undefined;
    const { id, origin, rightOrigin } = struct;
    // What stands beside somebody else's text is in no place at which its author could have put it.
    const clockAt = (beside: Y.ID | null): number =>
      beside === null ? NOTHING : beside.client === id.client ? beside.clock : ELSEWHERE;
    runs.add(id.clock, clockAt(origin), clockAt(rightOrigin));
  }
  return runs;
}
