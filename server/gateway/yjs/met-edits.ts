import { type DeleteRanges, deletesOf } from '../../../shared/delete-ranges.js';
import { UpdateWriter } from '../../../shared/struct-writer.js';
import { Kind, NONE, UpdateReader } from '../../../shared/update-format.js';
import { readSections, type Section } from '../../../shared/update-order.js';

/** What somebody brings: structs of several clients. */
export class Brought<Owner> {
  readonly sections: ReadonlyMap<number, Section>;
  readonly deletes: DeleteRanges;
  /** And ranges that it deletes. */
  readonly structs: number;
  private readonly reader: UpdateReader;

  /** @throws CoscribeError `invalid-update`, `update-refused` */
  constructor(
    readonly owner: Owner,
    readonly update: Uint8Array,
  ) {
    let structs = 0;
    this.reader = new UpdateReader(update);
    this.sections = readSections(
      this.reader,
      () => {},
      () => structs++,
    );
    this.deletes = deletesOf([update]);
    for (const ranges of this.deletes.values()) structs += ranges.length;
    this.structs = structs;
  }

  /** Reads one struct of it; `UpdateReader.pos` is where the next one is. */
  structAt(pos: number, client: number, clock: number): UpdateReader {
    this.reader.structAt(pos, client, clock);
    return this.reader;
  }
}

/** A part of what was brought, in its owner's name. */
export interface Turn<Owner> {
  readonly owner: Owner;
  readonly update: Uint8Array;
}

/** How far the walk has come in the structs of one client. */
interface Progress<Owner> {
  readonly from: Brought<Owner>;
  readonly client: number;
  pos: number;
  clock: number;
  /** Nothing from here on can be had. */
  end: number;
  /** Up to where another one waits for it. */
  until: number;
  waiting: boolean;
}

/**
 * Puts edits that build on one another in an order in which each follows from those before it, and cuts them where the
 * owner changes. What builds on something that is not there is left out, with all that builds on it.
 *
 * Takes time in proportion to the structs, as `walkInOrder` does, of which this is the patient sister.
 *
 * @param sources where the structs of a client are taken from
 * @param wanted clients of which as much is taken as there is; of the others only what these build on
 * @param knownClock next clock of a client in the document
 */
export function turnsOf<Owner>(
  sources: ReadonlyMap<number, Brought<Owner>>,
  wanted: Iterable<number>,
  knownClock: (client: number) => number,
): Turn<Owner>[] {
  const all = new Map<number, Progress<Owner>>();
  for (const [client, from] of sources) {
    const section = from.sections.get(client);
    if (section === undefined || section.from !== knownClock(client)) continue;
    const { start: pos, from: clock, to: end } = section;
    all.set(client, { from, client, pos, clock, end, until: clock, waiting: false });
  }
  const turns = new Turns<Owner>();
  const stack: Progress<Owner>[] = [];
  const enter = (progress: Progress<Owner>, until: number): void => {
    progress.until = until;
    progress.waiting = true;
    stack.push(progress);
  };

  /** @returns whom it has to wait for; `nobody` if that is in vain; `undefined` if it is there */
  const blocker = (client: number, clock: number): Progress<Owner> | 'nobody' | undefined => {
    if (client === NONE || clock < knownClock(client)) return undefined;
    const other = all.get(client);
    if (other === undefined || clock >= other.end) return 'nobody';
    if (clock < other.clock) return undefined;
    if (other.waiting) return 'nobody';
    enter(other, clock + 1);
    return other;
  };

  for (const client of wanted) {
    const first = all.get(client);
    if (first === undefined || first.clock >= first.end) continue;
    enter(first, first.end);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.clock >= top.until) {
        top.waiting = false;
        stack.pop();
        continue;
      }
      const struct = top.from.structAt(top.pos, top.client, top.clock);
      const { originClient, originClock, rightClient, rightClock, parentClient, parentClock } = struct;
      const blocked =
        blocker(originClient, originClock) ??
        blocker(rightClient, rightClock) ??
        blocker(parentClient, parentClock);
      if (blocked === 'nobody') {
        top.end = top.clock;
        top.until = top.clock;
      } else if (blocked === undefined) {
        turns.add(top.from, struct);
        top.clock += struct.length;
        top.pos = struct.pos;
      }
    }
  }
  return turns.finish();
}

/** Gathers structs into updates of one owner each. */
class Turns<Owner> {
  private readonly done: Turn<Owner>[] = [];
  private owner: Owner | undefined;
  private writer = new UpdateWriter();

  add({ owner, deletes }: Brought<Owner>, struct: UpdateReader): void {
    if (owner !== this.owner) this.close();
    this.owner = owner;
    const { kind, client, clock, length } = struct;
    this.writer.add(struct);
    if (kind === Kind.gc || kind === Kind.deleted) return;
    // Nobody is to see meanwhile what is deleted in the end; of several values under a key the gate demands it.
    if (isDeleted(deletes, client, clock, length)) this.writer.addRange(client, clock, length);
  }

  finish(): Turn<Owner>[] {
    this.close();
    return this.done;
  }

  private close(): void {
    if (this.owner !== undefined && !this.writer.empty)
      this.done.push({ owner: this.owner, update: this.writer.encode() });
    this.writer = new UpdateWriter();
  }
}

/** Whether all of these clocks are deleted. */
function isDeleted(deletes: DeleteRanges, client: number, clock: number, length: number): boolean {
  const ranges = deletes.get(client) ?? [];
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.to ?? 0) < clock + length) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.from <= clock;
}
