import { deletesOf, withoutDeletes } from '../../../shared/delete-ranges.js';
import type { DocumentId } from '../../../shared/ids.js';
import { decodeStateVector } from '../../../shared/state-vector.js';
import { UpdateWriter } from '../../../shared/struct-writer.js';
import { UpdateReader } from '../../../shared/update-format.js';
import { readSections, sectionsOf } from '../../../shared/update-order.js';
import { type KnownClocks, knownBy, trimKnown } from '../../../shared/update-trim.js';
import type { Session } from '../../documents/session.js';
import type { Settle } from './large-updates.js';
import { Brought, type Turn, turnsOf } from './met-edits.js';
import { isNothing } from './sync-news.js';

/** What is kept of those who have not come together yet. */
export interface Room {
  readonly bytes: number;
  readonly structs: number;
}

/** To look through so many structs takes some 100 ms; in memory each of them takes some 50 bytes. */
const OF_DOCUMENT: Room = { bytes: 24 * 1024 * 1024, structs: 200_000 };
/** Of all documents. */
const OF_ALL: Room = { bytes: 96 * 1024 * 1024, structs: 800_000 };
/** So much is kept of each, whatever is kept of others, in bytes. */
const FREE_BYTES = 16 * 1024;

/** Somebody in a document, who may have met others past the server. */
export interface Member {
  readonly session: Session;
  /** Hands over what he wrote himself, or brings of people who are not here. */
  submit(update: Uint8Array, settle: Settle): void;
}

export interface Met {
  /** What can be taken now, each part in the name of whoever wrote it, in this order. */
  readonly turns: readonly Turn<Member>[];
  /** With these the document has all that was brought. */
  readonly isAll: boolean;
}

/**
 * Brings together those who have met past the server: two tabs of a browser, which talk to one another while the server is
 * away. Each builds on what the other has not saved yet, and each answers a state vector with the edits of both. But of
 * somebody who is here the document takes from himself only what he wrote: his next clocks must not be used up by a stranger.
 * So neither could be taken without the other, for ever.
 *
 *     one brings      A1 B1 A2          kept: A1 A2
 *     other brings    A1 B1 A2 B2       taken: A1 (of one) B1 (of other) A2 (of one) B2 (of other)
 *
 * What one brings of the other is only looked at for what it builds on; what is taken of him he brought himself. It is
 * replaced by what he brings next, and gone when he is.
 *
 * Of several who bring something, one was asked before all of what the others know of him was written, or nobody was: so with
 * each round at least one gets in.
 */
export class Meetings {
  /** What is kept in all of them. */
  readonly kept = { bytes: 0, structs: 0 };
  private readonly meetings = new Map<DocumentId, Meeting>();

  constructor(
    readonly ofDocument = OF_DOCUMENT,
    private readonly ofAll = OF_ALL,
  ) {}

  /** @throws CoscribeError `invalid-update`, `update-refused` */
  bring(member: Member, update: Uint8Array): Met {
    const { document } = member.session;
    const meeting = this.meetings.get(document) ?? new Meeting(this);
    const met = meeting.bring(member, update);
    if (meeting.isEmpty) this.meetings.delete(document);
    else this.meetings.set(document, meeting);
    return met;
  }

  /** Nothing is kept of somebody any more. */
  leave(member: Member): void {
    const { document } = member.session;
    const meeting = this.meetings.get(document);
    meeting?.leave(member);
    if (meeting?.isEmpty) this.meetings.delete(document);
  }

  /**
   * Makes room for more, so that nobody's document can fill it for the others: the one that keeps most lets go of what is
   * largest in it, as long as it keeps more than this one would.
   *
   * @returns whether there is room
   */
  hasRoomFor(more: Room, meeting: Meeting): boolean {
    const wanted = shareOf(added(meeting.size, more), this.ofDocument);
    while (!fits(added(this.kept, more), this.ofAll)) {
      let [fullest, most]: [Meeting | undefined, number] = [undefined, wanted];
      for (const other of this.meetings.values()) {
        const share = shareOf(other.size, this.ofDocument);
        if (other !== meeting && share > most) [fullest, most] = [other, share];
      }
      if (fullest === undefined) return false;
      fullest.letGo();
    }
    return true;
  }
}

function added(one: Room, other: Room): Room {
  return { bytes: one.bytes + other.bytes, structs: one.structs + other.structs };
}

function fits({ bytes, structs }: Room, room: Room): boolean {
  return bytes <= room.bytes && structs <= room.structs;
}

function shareOf({ bytes, structs }: Room, room: Room): number {
  return Math.max(bytes / room.bytes, structs / room.structs);
}

const byDocuments = new WeakMap<object, Meetings>();

/** The meetings in the documents of a node; these, if there were none. */
export function meetingsIn(documents: object, first = new Meetings()): Meetings {
  const meetings = byDocuments.get(documents) ?? first;
  byDocuments.set(documents, meetings);
  return meetings;
}

/** What the members of one document have brought and could not be taken yet: of each what he wrote himself. */
class Meeting {
  readonly size = { bytes: 0, structs: 0 };
  private readonly kept = new Map<Member, Brought<Member>>();

  constructor(private readonly all: Meetings) {}

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  bring(member: Member, update: Uint8Array): Met {
    this.leave(member);
    const { session } = member;
    const known = knownBy(decodeStateVector(session.stateVector()));
    const own = new Brought(member, trimKnown(update, known));
    const sources = new Map<number, Brought<Member>>();
    const wanted: number[] = [];
    for (const client of own.sections.keys()) {
      const isOthers = session.isOfAnother(client);
      const source = isOthers ? this.broughtBy(client, known) : own;
      if (source !== undefined) sources.set(client, source);
      if (!isOthers) wanted.push(client);
    }
    const turns = turnsOf(sources, wanted, (client) => known.clock(client));
    const taken = new Map<number, number>();
    for (const turn of turns) for (const { client, to } of sectionsOf(turn.update)) taken.set(client, to);
    const isAll = [...own.sections.values()].every(({ client, to }) => (taken.get(client) ?? 0) >= to);
    if (!isAll) {
      this.keep(new Brought(member, writtenBy(session.clientId, own.update)));
      return { turns, isAll };
    }
    const deleted = deletesOf(turns.map((turn) => turn.update));
    const rest = withoutDeletes(withoutStructs(own.update), deleted);
    return { turns: isNothing(rest) ? turns : [...turns, { owner: member, update: rest }], isAll };
  }

  leave(member: Member): void {
    const kept = this.kept.get(member);
    if (kept === undefined) return;
    this.kept.delete(member);
    this.count(-kept.update.length, -kept.structs);
  }

  /** Of the largest that is kept; whoever brought it will bring it again. */
  letGo(): void {
    let largest: Brought<Member> | undefined;
    for (const brought of this.kept.values())
      if (largest === undefined || brought.update.length > largest.update.length) largest = brought;
    if (largest !== undefined) this.leave(largest.owner);
  }

  private keep(brought: Brought<Member>): void {
    const { owner, update, structs } = brought;
    if (isNothing(update)) return;
    const { length: bytes } = update;
    const more = { bytes, structs };
    const hasRoom = fits(added(this.size, more), this.all.ofDocument) && this.all.hasRoomFor(more, this);
    if (!hasRoom && bytes > FREE_BYTES) return;
    this.kept.set(owner, brought);
    this.count(bytes, structs);
  }

  private count(bytes: number, structs: number): void {
    for (const size of [this.size, this.all.kept]) {
      size.bytes += bytes;
      size.structs += structs;
    }
  }

  /** What is kept of whoever writes under a clientID, without what the document has. */
  private broughtBy(client: number, known: KnownClocks): Brought<Member> | undefined {
    for (const [member, brought] of this.kept) {
      const { session } = member;
      if (session.clientId !== client || session.left) continue;
      const from = brought.sections.get(client)?.from ?? 0;
      return from >= known.clock(client) ? brought : new Brought(member, trimKnown(brought.update, known));
    }
    return undefined;
  }
}

/** Whether an update holds anything of somebody else who is in the document. @throws CoscribeError as `sectionsOf` */
export function isOfSeveral(session: Session, update: Uint8Array): boolean {
  for (const { client } of sectionsOf(update)) if (session.isOfAnother(client)) return true;
  return false;
}

/** What of an update was written under a clientID, with what of that is deleted. */
function writtenBy(client: number, update: Uint8Array): Uint8Array {
  return filtered(update, (one) => one === client);
}

function withoutStructs(update: Uint8Array): Uint8Array {
  return filtered(
    update,
    () => false,
    () => true,
  );
}

function filtered(
  update: Uint8Array,
  hasStructs: (client: number) => boolean,
  hasDeletes = hasStructs,
): Uint8Array {
  const reader = new UpdateReader(update);
  const writer = new UpdateWriter();
  readSections(
    reader,
    () => {},
    (struct) => {
      if (hasStructs(struct.client)) writer.add(struct);
    },
  );
  while (reader.nextDeletes())
    while (reader.nextRange())
      if (hasDeletes(reader.client)) writer.addRange(reader.client, reader.clock, reader.length);
  return writer.encode();
}
