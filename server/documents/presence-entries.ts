import { CoscribeError } from '../../shared/errors.js';
import type { JoinedUser } from '../../shared/protocol.js';
import { MAX_CLOCK, NO_STATE, type PresenceState } from './presence-message.js';
import { beyondSmall, LargeStates, type PresenceRoom } from './presence-room.js';

/** So many people of other nodes are known at most. */
const MAX_PRESENT = 4_096;
/** How long, and of how many, it is known that they have left: longer than a message is under way. In milliseconds. */
const DEPARTED_MS = 60_000;
const MAX_DEPARTED = 1_024;

/** Who sent an awareness update, and whom to tell if it is refused. */
export interface PresenceOwner {
  readonly clientId: number;
  /** What others see of it whatever it says itself. */
  readonly shownAs?: JoinedUser | undefined;
  refuse(error: CoscribeError): void;
}

/**
 * Another node that has said the same of a client, at the same clock: the client came back there, and that node had not heard
 * of the owner, as it was just started, or has just opened the document.
 */
interface Claim {
  readonly owner: string;
  readonly source: number;
  readonly json: string;
  readonly message: number;
}

interface Entry {
  /** The session that showed it, `undefined` once that has ended; or the name of the node whose session did. */
  readonly owner: PresenceOwner | string | undefined;
  /** The state's clock as its owner gave it. */
  readonly source: number;
  /**
   * The clock with which the sessions of this node see it; of an own entry, the other nodes too. It is the owner's, or
   * higher where the sessions would not take that: y-protocols takes a state with a higher clock only.
   */
  readonly shown: number;
  readonly json: string;
  /** Number of the node's message that last named it. */
  readonly message: number;
  /** The newest of those who say that the client is with them, too. */
  readonly claim?: Claim | undefined;
}

interface Departed extends Entry {
  readonly until: number;
}

/**
 * Who is in a document, on this node and on others, by Yjs clientID; and which of them have changed since that was last
 * asked. Each entry belongs to the session or the node that showed its newest state. The node that owns it is the only
 * one that can say that the client has left: another, on which the client was before, notices that only later. When the owner
 * has the client no more, whoever else has said that it is there owns the entry.
 */
export class PresenceEntries {
  private readonly present = new Map<number, Entry>();
  /** Oldest first. A state that comes late is known by it, and so is the clock that a returning client has to pass. */
  private departed: Map<number, Departed> | undefined;
  private changed: Set<number> | undefined;
  private readonly large: LargeStates;

  /** @param now monotonic, in milliseconds */
  constructor(
    private readonly now: () => number,
    room: PresenceRoom,
  ) {
    this.large = new LargeStates(room);
  }

  get hasChanges(): boolean {
    return this.changed !== undefined;
  }

  /**
   * A session of this node shows a state, or with `NO_STATE` none.
   *
   * @throws CoscribeError `awareness-refused` if there is no room for so large a one
   */
  show(owner: PresenceOwner, { clientId, clock, json }: PresenceState): void {
    const known = this.find(clientId);
    if (known !== undefined && !takesFromSession(known, owner, clock, json)) return;
    if (json === NO_STATE) {
      if (this.present.has(clientId) && known !== undefined) {
        this.depart(clientId, { ...known, owner, source: clock, shown: Math.max(clock, known.shown) });
      }
      return;
    }
    if (known !== undefined && !isElsewhere(known) && known.json === json && clock <= known.shown) {
      // The client has been shown its own state with the clock that it has here, and says it again.
      this.present.set(clientId, { ...known, owner, source: clock });
      return;
    }
    if (!this.take(clientId, { owner, source: clock, shown: clock, json, message: 0 }))
      throw new CoscribeError('awareness-refused', 'there is no room for so many large ones');
  }

  /** A session of this node has ended. Nothing happens if its client is on another node by now. */
  leave(clientId: number): void {
    const known = this.find(clientId);
    if (known === undefined || isElsewhere(known)) return;
    if (this.present.has(clientId)) this.handOver(clientId, { ...known, owner: undefined });
    else this.remember(clientId, { ...known, owner: undefined });
  }

  /** Another node's session shows a state, or none. */
  showFrom(node: string, message: number, { clientId, clock, json }: PresenceState): void {
    const known = this.find(clientId);
    const here = this.present.has(clientId);
    if (json === NO_STATE) {
      if (known === undefined) {
        this.remember(clientId, { owner: node, source: clock, shown: clock, json, message });
      } else if (known.owner === node && clock >= known.source) {
        const gone = { ...known, source: clock, shown: Math.max(clock, known.shown) };
        // At a higher clock the client says so itself.
        if (here && clock === known.source) this.handOver(clientId, gone);
        else if (here) this.depart(clientId, gone);
        else this.remember(clientId, gone);
      } else if (known.claim?.owner === node && clock >= known.claim.source) this.dropClaim(clientId, known);
      return;
    }
    if (known === undefined && this.present.size >= MAX_PRESENT) return;
    const rank = known === undefined ? -1 : rankOf(known);
    // Whoever left one node and is on another is there, although it did not raise its clock.
    const returned = !here && clock === rank && known?.owner !== node;
    if (clock > rank || returned) {
      this.take(clientId, { owner: node, source: clock, shown: clock, json, message });
    } else if (here && clock === rank && known !== undefined) {
      if (known.owner === node)
        this.present.set(clientId, { ...known, message: Math.max(message, known.message) });
      // What is kept for later has no room of its own.
      else if (json === known.json || beyondSmall(json) === 0)
        this.present.set(clientId, { ...known, claim: { owner: node, source: clock, json, message } });
    }
  }

  /** Of the node's sessions none is here but these, and those that it named in a later message. */
  keepOnly(node: string, message: number, clientIds: ReadonlySet<number>): void {
    for (const [clientId, entry] of this.present) {
      if (clientIds.has(clientId)) continue;
      const { owner, claim } = entry;
      if (owner === node && entry.message < message) this.handOver(clientId, entry);
      else if (claim?.owner === node && claim.message < message) this.dropClaim(clientId, entry);
    }
  }

  /** The node has not said that they left: if it was alive after all, the states that it had count as new. */
  dropNode(node: string): void {
    for (const [clientId, entry] of this.present) {
      if (entry.owner === node) this.handOver(clientId, { ...entry, source: entry.source - 1 });
      else if (entry.claim?.owner === node) this.dropClaim(clientId, entry);
    }
  }

  /** Names of the other nodes that have somebody here, or say so. */
  nodes(): Set<string> {
    const names = new Set<string>();
    for (const { owner, claim } of this.present.values()) {
      if (typeof owner === 'string') names.add(owner);
      if (claim !== undefined) names.add(claim.owner);
    }
    return names;
  }

  showsAnother(owner: PresenceOwner, clientId: number, clock: number): boolean {
    const entry = this.present.get(clientId);
    return entry !== undefined && entry.owner !== owner && entry.shown >= clock;
  }

  isElsewhere(clientId: number): boolean {
    const entry = this.present.get(clientId);
    return entry !== undefined && isElsewhere(entry);
  }

  everybody(): PresenceState[] {
    return [...this.present].map(stateOf);
  }

  /** Those of this node's sessions. */
  own(): PresenceState[] {
    return [...this.present].filter(([, entry]) => !isElsewhere(entry)).map(stateOf);
  }

  /** What has changed since the last call: all of it, and what of it is this node's own. */
  takeChanges(): { readonly all: PresenceState[]; readonly own: PresenceState[] } {
    const all: PresenceState[] = [];
    const own: PresenceState[] = [];
    for (const clientId of this.changed ?? []) {
      const entry = this.find(clientId);
      if (entry === undefined) continue;
      const state = stateOf([clientId, entry]);
      all.push(state);
      if (!isElsewhere(entry)) own.push(state);
    }
    this.changed = undefined;
    this.forgetDeparted();
    return { all, own };
  }

  /** The document is put away. */
  stop(): void {
    this.present.clear();
    this.large.clear();
  }

  private find(clientId: number): Entry | undefined {
    return this.present.get(clientId) ?? this.departed?.get(clientId);
  }

  /** @returns `false` if there is no room for so large a state */
  private take(clientId: number, entry: Entry): boolean {
    const known = this.find(clientId);
    const shown = known === undefined ? entry.shown : Math.max(entry.shown, known.shown + 1);
    // Other nodes would take nothing of a message with such a clock in it.
    if (shown > MAX_CLOCK) return true;
    if (!this.large.replace(known?.json ?? NO_STATE, entry.json)) return false;
    this.departed?.delete(clientId);
    this.present.set(clientId, { ...entry, shown });
    this.markChanged(clientId);
    return true;
  }

  /** The owner has the client no more. @param entry as it is when the client has left */
  private handOver(clientId: number, entry: Entry): void {
    const { claim, shown } = entry;
    if (claim === undefined) this.depart(clientId, entry);
    // Whoever sees it sees it already.
    else if (claim.json === entry.json) this.present.set(clientId, { ...claim, shown });
    else this.take(clientId, { ...claim, shown });
  }

  private dropClaim(clientId: number, entry: Entry): void {
    this.present.set(clientId, { ...entry, claim: undefined });
  }

  private depart(clientId: number, entry: Entry): void {
    this.large.replace(this.present.get(clientId)?.json ?? NO_STATE, NO_STATE);
    this.present.delete(clientId);
    this.remember(clientId, entry);
    this.markChanged(clientId);
  }

  private remember(clientId: number, entry: Entry): void {
    this.departed ??= new Map();
    this.departed.delete(clientId);
    this.departed.set(clientId, {
      ...entry,
      json: NO_STATE,
      claim: undefined,
      until: this.now() + DEPARTED_MS,
    });
    // Those that have still to be told are forgotten once they have been.
    if (this.changed === undefined) this.forgetDeparted();
  }

  private forgetDeparted(): void {
    const { departed } = this;
    if (departed === undefined) return;
    const now = this.now();
    for (const [clientId, { until }] of departed) {
      if (until > now && departed.size <= MAX_DEPARTED) break;
      departed.delete(clientId);
    }
    if (departed.size === 0) this.departed = undefined;
  }

  private markChanged(clientId: number): void {
    this.changed ??= new Set();
    this.changed.add(clientId);
  }
}

function isElsewhere({ owner }: Entry): boolean {
  return typeof owner === 'string';
}

/** The entry's clock as nodes know it. */
function rankOf(entry: Entry): number {
  return isElsewhere(entry) ? entry.source : entry.shown;
}

function stateOf([clientId, { shown, json }]: readonly [number, Entry]): PresenceState {
  return { clientId, clock: shown, json };
}

/** Whether what a session of this node says is news. */
function takesFromSession(known: Entry, session: PresenceOwner, clock: number, json: string): boolean {
  // The client came here with the clock it had there, or it is what a session says that it has left behind.
  if (isElsewhere(known)) return clock >= known.source;
  // A session that has not said anything yet knows better than the one before it, whatever its clock.
  if (known.owner !== session) return true;
  return clock > known.source || (clock === known.source && json === NO_STATE);
}
