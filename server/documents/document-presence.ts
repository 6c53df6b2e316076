import type { Clock } from '../../shared/time.js';
import type { Broadcast } from './broadcast.js';
import type { BusLine } from './bus-line.js';
import type { PresenceRoom } from './presence-room.js';
import { type PresenceOwner, PresenceTable } from './presence-table.js';

interface DocumentPresenceOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly room: PresenceRoom;
  readonly line: BusLine;
  /** Sends to the sessions of this node. */
  send(update: Broadcast): void;
}

/** Who is in a document, on whichever node. Costs nothing as long as nobody shows himself. */
export class DocumentPresence {
  private table: PresenceTable | undefined;

  constructor(private readonly options: DocumentPresenceOptions) {
    options.line.publish({ kind: 'awareness-wanted' });
  }

  /** A session of this node shows itself. */
  receive(owner: PresenceOwner, update: Uint8Array): void {
    this.made().receive(owner, update);
  }

  /** Sessions of another node show themselves. */
  receiveFrom(node: string, update: Uint8Array): void {
    this.made().receiveFrom(node, update);
  }

  /** Whether somebody else than this session shows himself under the clientID, with at least this clock. */
  showsAnother(owner: PresenceOwner, clientId: number, clock: number): boolean {
    return this.table?.showsAnother(owner, clientId, clock) ?? false;
  }

  /** A session of this node is gone. */
  remove(owner: PresenceOwner): void {
    this.table?.remove(owner);
  }

  /** Another node is gone, and those who were on it. */
  removeNode(node: string): void {
    this.table?.removeNode(node);
  }

  /** Everybody's state as one awareness update; empty if nobody has one. */
  everybody(): Uint8Array {
    return this.table?.everybody() ?? new Uint8Array();
  }

  /** Tells the other nodes who is on this one. */
  tell(): void {
    const update = this.table?.own();
    if (update !== undefined && update.length > 0) this.options.line.publish({ kind: 'awareness', update });
  }

  /** Messages were lost on the way: tells, and asks, who is where. */
  exchange(): void {
    this.tell();
    this.table?.askedOthers();
    this.options.line.publish({ kind: 'awareness-wanted' });
  }

  stop(): void {
    this.table?.stop();
  }

  private made(): PresenceTable {
    const { clock, maxBytes, maxDepth, room, line, send } = this.options;
    this.table ??= new PresenceTable({
      clock,
      maxBytes,
      maxDepth,
      room,
      send,
      publish: (update) => line.publish({ kind: 'awareness', update }),
    });
    return this.table;
  }
}
