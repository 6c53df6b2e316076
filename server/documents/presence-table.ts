import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { Clock, Timer } from '../../shared/time.js';
import { Broadcast } from './broadcast.js';
import { PresenceEntries, type PresenceOwner } from './presence-entries.js';
import {
  encodeNodeMessage,
  encodeStates,
  MAX_STATES,
  type PresenceState,
  readNodeMessage,
  readOwnState,
} from './presence-message.js';
import { PresencePeers } from './presence-peers.js';
import type { PresenceRoom } from './presence-room.js';

/** How long awareness gathers before it goes out as one message, in milliseconds: 20 frames a second look smooth. */
const TICK_MS = 50;
/** A node that is asked who is there and says nothing for so long, in milliseconds, does not have the document open. */
const ANSWER_WITHIN_MS = 5_000;

export type { PresenceOwner };

interface PresenceTableOptions {
  readonly clock: Clock;
  /** Of one client's awareness update. */
  readonly maxBytes: number;
  /** How deep objects and arrays may lie in one another in a state. */
  readonly maxDepth: number;
  /** For large states. */
  readonly room: PresenceRoom;
  /** Sends to the sessions of this node. */
  send(update: Broadcast): void;
  /** Sends to the other nodes what their tables take with `receiveFrom`. Not there on a node that is alone. */
  publish?(update: Uint8Array): void;
}

/**
 * The awareness states of one document's sessions, on this node and on others, by Yjs clientID. The message format is
 * that of y-protocols' awareness, so that every Yjs client understands it.
 *
 * Of what a client sends only the newest is looked at, once per tick: a flood costs its sender a slot and nobody
 * else anything.
 */
export class PresenceTable {
  private readonly entries: PresenceEntries;
  /** What the next tick looks at; nothing in a document in which nobody moves. */
  private received: Map<PresenceOwner, Uint8Array> | undefined;
  private timer: Timer | undefined;
  private peers: PresencePeers | undefined;
  private answersDue: Timer | undefined;
  /** Of the last message to the other nodes. */
  private number = 0;

  constructor(private readonly options: PresenceTableOptions) {
    const { clock, room } = options;
    this.entries = new PresenceEntries(() => clock.monotonic(), room);
  }

  /** Takes an awareness update from a client; it is checked at the next tick. */
  receive(owner: PresenceOwner, update: Uint8Array): void {
    if (update.length > this.options.maxBytes) {
      owner.refuse(
        new CoscribeError('awareness-refused', `${update.length} bytes, at most ${this.options.maxBytes}`),
      );
      return;
    }
    this.received ??= new Map();
    this.received.set(owner, update);
    this.tickSoon();
  }

  /** Forgets a client that left, and tells the others, unless it is on another node by now. */
  remove(owner: PresenceOwner): void {
    this.received?.delete(owner);
    this.entries.leave(owner.clientId);
    this.tickIfChanged();
  }

  /** Takes what another node says of its sessions. Never throws: what is malformed is ignored as a whole. */
  receiveFrom(node: string, update: Uint8Array): void {
    const message = readNodeMessage(update, this.options);
    if (message === undefined) return;
    const { states, whole, number } = message;
    this.peers ??= new PresencePeers(() => this.options.clock.monotonic());
    if (!this.peers.hear(node, number, whole)) return;
    for (const state of states) this.entries.showFrom(node, number, state);
    if (whole) this.entries.keepOnly(node, number, new Set(states.map(({ clientId }) => clientId)));
    this.tickIfChanged();
  }

  /** The node is gone, and its sessions with it. */
  removeNode(node: string): void {
    this.peers?.gone(node);
    this.entries.dropNode(node);
    this.tickIfChanged();
  }

  /** The other nodes have been asked who is there: from those that don't answer nobody is. */
  askedOthers(): void {
    const { clock } = this.options;
    if (this.answersDue !== undefined) clock.cancel(this.answersDue);
    this.answersDue = undefined;
    if (this.entries.nodes().size === 0) return;
    this.peers?.asked();
    this.answersDue = clock.schedule(ANSWER_WITHIN_MS, () => {
      this.answersDue = undefined;
      for (const node of this.entries.nodes()) {
        if (this.peers?.isSilent(node) ?? true) this.removeNode(node);
      }
    });
  }

  /** Everybody's state as one awareness update; empty if nobody has one. */
  everybody(): Uint8Array {
    const states = this.entries.everybody();
    return states.length === 0 ? new Uint8Array() : encodeStates(states);
  }

  /**
   * All states of this node's sessions, for the other nodes: whoever is not in it has left. Empty if the others have
   * never been told of anybody and there is nobody to tell of.
   */
  own(): Uint8Array {
    const states = this.entries.own();
    return states.length === 0 && this.number === 0 ? new Uint8Array() : this.encodeForNodes(states, true);
  }

  /** Whether somebody else than this session, on whichever node, shows himself under the clientID, with at least this clock. */
  showsAnother(owner: PresenceOwner, clientId: number, clock: number): boolean {
    return this.entries.showsAnother(owner, clientId, clock);
  }

  /** Whether another node's session shows itself under this clientID. */
  isElsewhere(clientId: number): boolean {
    return this.entries.isElsewhere(clientId);
  }

  /** Ends the timers, and tells the other nodes that nobody is here; for a document that is put away. */
  stop(): void {
    const { clock, publish } = this.options;
    if (this.timer !== undefined) clock.cancel(this.timer);
    if (this.answersDue !== undefined) clock.cancel(this.answersDue);
    this.timer = undefined;
    this.answersDue = undefined;
    if (publish !== undefined && this.number > 0) publish(this.encodeForNodes([], true));
    this.entries.stop();
  }

  private tickIfChanged(): void {
    if (this.entries.hasChanges) this.tickSoon();
  }

  private tickSoon(): void {
    this.timer ??= this.options.clock.schedule(TICK_MS, () => this.tick());
  }

  private tick(): void {
    this.timer = undefined;
    const { received } = this;
    this.received = undefined;
    for (const [owner, update] of received ?? []) {
      try {
        this.entries.show(owner, readOwnState(owner, update, this.options));
      } catch (error) {
        owner.refuse(toCoscribeError(error));
      }
    }
    const { all, own } = this.entries.takeChanges();
    if (all.length === 0) return;
    this.publishChanges(own);
    this.options.send(new Broadcast(encodeStates(all)));
  }

  private publishChanges(own: readonly PresenceState[]): void {
    const { publish } = this.options;
    if (publish === undefined || own.length === 0) return;
    if (this.number === 0 && own.length <= MAX_STATES) {
      // The first message says all: what an earlier table of this document said here does not count any more.
      publish(this.encodeForNodes(this.entries.own(), true));
      return;
    }
    for (let from = 0; from < own.length; from += MAX_STATES) {
      publish(this.encodeForNodes(own.slice(from, from + MAX_STATES), false));
    }
  }

  private encodeForNodes(states: readonly PresenceState[], whole: boolean): Uint8Array {
    // Begins at the time of day, and never catches up with it: another table of this document, after it was put
    // away and loaded again, goes on from a higher number.
    this.number = this.number === 0 ? this.options.clock.wall() : this.number + 1;
    return encodeNodeMessage({ states, whole, number: this.number });
  }
}
