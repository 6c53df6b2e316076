import { CoscribeError } from './errors.js';
import { type Place, place, placeDepth } from './place-runs.js';
import type { UpdateKind } from './protocol.js';
import { Kind, NONE, UpdateReader } from './update-format.js';

/** The structs of one client in an update. */
export interface Section {
  readonly client: number;
  /** First clock. */
  readonly from: number;
  /** Clock after the last. */
  readonly to: number;
  /** Position of the first struct. */
  readonly start: number;
}

/**
 * Reads the structs of an update, up to its delete set, and calls `visit` at each.
 *
 * @throws CoscribeError `invalid-update`; `update-refused` if the clients do not descend, as Yjs writes them: of a client
 *   that comes twice `Y.applyUpdate` forgets the first part, and `Y.mergeUpdates` loses structs where the order is another
 */
export function readSections(
  reader: UpdateReader,
  onSection: (reader: UpdateReader) => void,
  onStruct: (reader: UpdateReader) => void,
): Map<number, Section> {
  const sections = new Map<number, Section>();
  let previous = Number.POSITIVE_INFINITY;
  while (reader.nextSection()) {
    const { client, clock: from, pos: start } = reader;
    if (client >= previous) throw new CoscribeError('update-refused', 'the clients do not descend');
    previous = client;
    onSection(reader);
    while (reader.nextStruct()) onStruct(reader);
    sections.set(client, { client, from, to: reader.clock + reader.length, start });
  }
  return sections;
}

/** Which clocks an update holds structs of, per client. @throws CoscribeError as `readSections` */
export function sectionsOf(update: Uint8Array): Iterable<Section> {
  const ignore = (): void => {};
  return readSections(new UpdateReader(update), ignore, ignore).values();
}

/** `live` if there is nothing in an update but what this client made. @throws CoscribeError as `readSections` */
export function updateKind(update: Uint8Array, clientId: number): UpdateKind {
  for (const { client } of sectionsOf(update)) if (client !== clientId) return 'catch-up';
  return 'live';
}

/** How far the walk has come in a section, and up to where another section waits for it. */
interface Progress {
  readonly section: Section;
  pos: number;
  clock: number;
  /** The walk of this section is under way: it waits for another, or is the one that moves. */
  waiting: boolean;
  until: number;
}

/**
 * Calls `visit` at each struct of an update so that whatever a struct refers to comes before it: an order in which
 * Yjs can integrate all of them. Yjs needs origin, right origin and parent of other clients to be there, and takes
 * those of the same client for granted (`Item.getMissing` in yjs 13.6), where it throws if they are not.
 *
 * Takes time in proportion to the structs: each is read again at most once per thing it waits for.
 *
 * @param knownClock next clock of a client in the document that the update is for
 * @throws CoscribeError `missing-dependencies` if something is referred to that is nowhere; `update-refused` if
 *   structs wait for each other
 */
export function walkInOrder(
  update: Uint8Array,
  sections: ReadonlyMap<number, Section>,
  knownClock: (client: number) => number,
  visit: (reader: UpdateReader) => void,
): void {
  const all = new Map<number, Progress>();
  for (const section of sections.values()) {
    all.set(section.client, {
      section,
      pos: section.start,
      clock: section.from,
      waiting: false,
      until: section.to,
    });
  }
  const reader = new UpdateReader(update);

  const blocker = (own: Progress, client: number, clock: number): Progress | undefined => {
    if (client === NONE || clock < knownClock(client)) return undefined;
    const other = all.get(client);
    if (other === undefined || clock >= other.section.to) {
      throw new CoscribeError('missing-dependencies', `clock ${clock} of client ${client}`);
    }
    if (clock < other.clock) return undefined;
    if (other === own || other.waiting)
      throw new CoscribeError('update-refused', 'structs depend on each other');
    other.until = clock + 1;
    return other;
  };

  const stack: Progress[] = [];
  const enter = (progress: Progress): void => {
    progress.waiting = true;
    stack.push(progress);
  };
  for (const first of all.values()) {
    first.until = first.section.to;
    enter(first);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.clock >= top.until) {
        top.waiting = false;
        stack.pop();
        continue;
      }
      reader.structAt(top.pos, top.section.client, top.clock);
      const missing =
        blocker(top, reader.originClient, reader.originClock) ??
        blocker(top, reader.rightClient, reader.rightClock) ??
        blocker(top, reader.parentClient, reader.parentClock);
      if (missing === undefined) {
        top.clock += reader.length;
        top.pos = reader.pos;
        visit(reader);
      } else {
        enter(missing);
      }
    }
  }
}

/**
 * Where the struct at which the reader stands lies, from where that lies which it refers to: Yjs puts an item where
 * it says itself, else beside its origin, else beside its right origin.
 */
export function structPlace(reader: UpdateReader, placeOf: (client: number, clock: number) => Place): Place {
  if (reader.kind === Kind.gc) return 0;
  if (reader.originClient !== NONE) return placeOf(reader.originClient, reader.originClock);
  if (reader.rightClient !== NONE) return placeOf(reader.rightClient, reader.rightClock);
  if (reader.parentClient === NONE) return place(0, reader.namesKey);
  return place(placeDepth(placeOf(reader.parentClient, reader.parentClock)) + 1, reader.namesKey);
}
