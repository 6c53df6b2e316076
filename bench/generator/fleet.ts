import type { Conversation, ConversationEvents, OpenRequest, Protocol } from '../../load/wire/protocol.js';
import { type Address, WebSocketClient } from '../../load/wire/websocket-client.js';
import { FIRST_CLIENT_ID, oneCharacter } from './edits.js';
import { type SeenMessage, SeenMessages } from './seen-messages.js';

export type Known = NonNullable<OpenRequest['known']>;
export type Place = Omit<Known, 'stateVector'>;

/** Where a client sits. Its clientID is `FIRST_CLIENT_ID` and its number, which is its own within the fleet. */
export interface Seat {
  readonly number: number;
  readonly document: string;
  /** Which of several nodes it connects to, counted from 0; the first if absent. */
  readonly node?: number;
  readonly known?: Known;
  /** See `OpenRequest`. */
  readonly catchUp?: true;
}

export interface FleetEvents {
  /** The server has let a client in. */
  joined?(member: Member, content: readonly Uint8Array[], place: Place | undefined): void;
  updates?(member: Member, seen: SeenMessage): void;
  acked?(member: Member, tag: number): void;
  awareness?(member: Member, update: Buffer): void;
  /** A client that was let in is not in any longer, without `close` having been called. */
  lost?(member: Member, reason: string): void;
}

export interface FleetOptions {
  /** Of each node; of one that is the only one, its. */
  readonly addresses: readonly Address[];
  readonly protocol: Protocol;
  readonly events: FleetEvents;
}

export interface Pace {
  /** Clients that are begun in a second at most. */
  readonly perSecond: number;
  /** Clients that are under way at once at most. */
  readonly atOnce: number;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
}

export const DEFAULT_PACE: Pace = { perSecond: 1_000, atOnce: 50, timeoutMs: 90_000 };
const LOOK_EVERY_MS = 4;

/** Clients of one server, all in this process. */
export class Fleet {
  readonly members: Member[] = [];
  /** Clients that are in. */
  joined = 0;
  /** Why clients could not get in or were put out again, with how many. */
  readonly failures = new Map<string, number>();
  /** Reads and messages so far: a fleet at which this stands still has nothing to do. */
  activity = 0;
  readonly seen = new SeenMessages();
  private closing = false;

  constructor(readonly options: FleetOptions) {}

  /** Begins to connect one client. */
  start(seat: Seat): Member {
    const member = new Member(this, seat);
    this.members.push(member);
    return member;
  }

  /**
   * Opens a client for every seat, at a bounded pace. Fulfils when all of them are in.
   *
   * @throws Error with how many are in and what happened, if one fails or the time is up
   */
  async open(seats: readonly Seat[], pace: Pace = DEFAULT_PACE): Promise<Member[]> {
    const begun: Member[] = [];
    const startedAt = performance.now();
    for (;;) {
      const passed = performance.now() - startedAt;
      const isIn = begun.reduce((sum, { state }) => sum + (state === 'joined' ? 1 : 0), 0);
      if (isIn === seats.length) return begun;
      const failed = begun.find(({ state }) => state === 'gone');
      if (failed !== undefined || passed > pace.timeoutMs) {
        const why = failed?.reason ?? `nothing more within ${pace.timeoutMs / 1000} s`;
        throw new Error(`${isIn} of ${seats.length} clients got in: ${why}`);
      }
      const allowed = Math.min(seats.length, 1 + (passed / 1000) * pace.perSecond, isIn + pace.atOnce);
      for (const seat of seats.slice(begun.length, Math.floor(allowed))) begun.push(this.start(seat));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.closing = true;
    for (const member of this.members) member.close();
    await Promise.all(this.members.map(({ closed }) => closed));
  }

  /** For members: one of them is not in any longer. */
  noteLost(member: Member, reason: string, wasIn: boolean): void {
    if (wasIn) this.joined--;
    if (this.closing) return;
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
    if (wasIn) this.options.events.lost?.(member, reason);
  }
}

/** One client of one document. */
export class Member implements ConversationEvents {
  readonly number: number;
  readonly clientId: number;
  readonly document: string;
  state: 'opening' | 'joined' | 'gone' = 'opening';
  /** Why it is gone. */
  reason = '';
  /** Fulfils when the connection is gone. */
  readonly closed: Promise<void>;
  readonly socket: WebSocketClient;
  private readonly request: OpenRequest;
  private conversation: Conversation | undefined;
  private last: SeenMessage | undefined;
  private finish: () => void = () => {};

  constructor(
    private readonly fleet: Fleet,
    seat: Seat,
  ) {
    const { number, node = 0, ...request } = seat;
    this.number = number;
    this.clientId = FIRST_CLIENT_ID + number;
    this.document = seat.document;
    this.request = { ...request, clientId: this.clientId };
    this.closed = new Promise((resolve) => {
      this.finish = resolve;
    });
    const { addresses, protocol } = fleet.options;
    const address = addresses[node];
    if (address === undefined) throw new Error(`there is no node ${node}`);
    this.socket = new WebSocketClient(address, protocol.path(this.request), {
      open: () => this.opened(),
      text: (message) => this.text(message),
      binary: (message) => this.binary(message),
      closed: (reason) => {
        this.gone(reason);
        this.finish();
      },
    });
  }

  /** Types the character with this clock; its acknowledgement carries the clock as its tag. */
  type(clock: number): void {
    this.sendUpdate(oneCharacter(this.clientId, clock), clock);
  }

  sendUpdate(update: Uint8Array, tag: number): void {
    if (this.state === 'joined') this.conversation?.sendUpdate(update, tag);
  }

  sendAwareness(update: Uint8Array): void {
    if (this.state === 'joined') this.conversation?.sendAwareness(update);
  }

  close(): void {
    if (this.state !== 'gone') this.gone('closed by the generator');
    this.socket.close();
  }

  joined(content: readonly Uint8Array[], place?: Place): void {
    if (this.state === 'opening') {
      this.state = 'joined';
      this.fleet.joined++;
    }
    this.fleet.options.events.joined?.(this, content, place);
  }

  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    this.last = this.fleet.seen.see(message, this.last, decode);
    this.fleet.options.events.updates?.(this, this.last);
  }

  acked(tag: number): void {
    this.fleet.options.events.acked?.(this, tag);
  }

  awareness(update: Buffer): void {
    this.fleet.options.events.awareness?.(this, update);
  }

  failed(reason: string): void {
    this.gone(reason);
    this.socket.close();
  }

  private opened(): void {
    this.fleet.activity++;
    try {
      this.conversation = this.fleet.options.protocol.begin(this.socket, this.request, this);
    } catch (error) {
      this.failed(String(error));
    }
  }

  private text(message: Buffer): void {
    this.fleet.activity++;
    try {
      this.conversation?.text(message);
    } catch (error) {
      this.failed(String(error));
    }
  }

  private binary(message: Buffer): void {
    this.fleet.activity++;
    try {
      this.conversation?.binary(message);
    } catch (error) {
      this.failed(String(error));
    }
  }

  private gone(reason: string): void {
    if (this.state === 'gone') return;
    const wasIn = this.state === 'joined';
    this.state = 'gone';
    this.reason = reason;
    this.fleet.noteLost(this, reason, wasIn);
  }
}
