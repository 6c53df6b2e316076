import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { parsePresence } from '../../shared/presence.js';
import type { Clock, Timer } from '../../shared/time.js';
import { Broadcast } from './broadcast.js';

/** How long awareness gathers before it goes out as one message, in milliseconds: 20 frames a second look smooth. */
const TICK_MS = 50;
const MAX_DEPTH = 4;
const MAX_CLOCK = 2 ** 31 - 1;

interface Entry {
  readonly clock: number;
  /** The state as JSON; `null` as a word once the client has none. */
  readonly json: string;
}

/** Who sent an awareness update, and whom to tell if it is refused. */
export interface PresenceOwner {
  readonly clientId: number;
  refuse(error: CoscribeError): void;
}

interface PresenceTableOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  send(update: Broadcast): void;
}

/**
 * The awareness states of one document's sessions, by Yjs clientID. The message format is that of y-protocols'
 * awareness (count, then clientID, clock and JSON each), so that every Yjs client understands it.
 *
 * Of what a client sends only the newest is looked at, once per tick: a flood costs its sender a slot and nobody
 * else anything.
 */
export class PresenceTable {
  private readonly entries = new Map<number, Entry>();
  /** What the next tick looks at; nothing in a document in which nobody moves. */
  private received: Map<PresenceOwner, Uint8Array> | undefined;
  private changed: Set<number> | undefined;
  private timer: Timer | undefined;

  constructor(private readonly options: PresenceTableOptions) {}

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

  /** Forgets a client that left, and tells the others. */
  remove(owner: PresenceOwner): void {
    this.received?.delete(owner);
    const entry = this.entries.get(owner.clientId);
    if (entry === undefined) return;
    // The clock stays: y-protocols takes `null` at the same clock for "left", and the next state needs a higher one.
    this.entries.set(owner.clientId, { clock: entry.clock, json: 'null' });
    this.markChanged(owner.clientId);
    this.tickSoon();
  }

  /** Everybody's state as one awareness update; empty if nobody has one. */
  everybody(): Uint8Array {
    const present = [...this.entries].filter(([, { json }]) => json !== 'null').map(([clientId]) => clientId);
    return present.length === 0 ? new Uint8Array() : this.encode(present);
  }

  /** Stops the tick under way; for a document that is put away. */
  stop(): void {
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
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
        this.admit(owner.clientId, update);
      } catch (error) {
        owner.refuse(toCoscribeError(error));
      }
    }
    const { changed } = this;
    if (changed === undefined) return;
    this.changed = undefined;
    const bytes = this.encode([...changed]);
    for (const clientId of changed) {
      if (this.entries.get(clientId)?.json === 'null') this.entries.delete(clientId);
    }
    this.options.send(new Broadcast(bytes));
  }

  private admit(clientId: number, update: Uint8Array): void {
    const { clock, json } = readOwnState(clientId, update);
    const known = this.entries.get(clientId);
    if (known !== undefined && clock <= known.clock && !(clock === known.clock && json === 'null')) return;
    if (known === undefined && json === 'null') return;
    this.entries.set(clientId, { clock, json });
    this.markChanged(clientId);
  }

  private markChanged(clientId: number): void {
    this.changed ??= new Set();
    this.changed.add(clientId);
  }

  private encode(clientIds: readonly number[]): Uint8Array {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, clientIds.length);
    for (const clientId of clientIds) {
      const { clock, json } = this.entries.get(clientId) ?? { clock: 0, json: 'null' };
      encoding.writeVarUint(encoder, clientId);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, json);
    }
    return encoding.toUint8Array(encoder);
  }
}

function readOwnState(clientId: number, update: Uint8Array): Entry {
  let count: number;
  let named: number;
  let clock: number;
  let text: string;
  try {
    const decoder = decoding.createDecoder(update);
    count = decoding.readVarUint(decoder);
    named = decoding.readVarUint(decoder);
    clock = decoding.readVarUint(decoder);
    text = decoding.readVarString(decoder);
    if (decoding.hasContent(decoder)) count = Number.NaN;
  } catch (cause) {
    throw new CoscribeError('awareness-refused', 'the bytes are no awareness update', { cause });
  }
  if (count !== 1 || named !== clientId)
    throw new CoscribeError('awareness-refused', 'it speaks for somebody else');
  if (clock > MAX_CLOCK) throw new CoscribeError('awareness-refused', `clock ${clock}`);
  return { clock, json: cleanState(clientId, text) };
}

/** The state as it is shown to others: bounded in depth, and with a name and a colour that can do no harm. */
function cleanState(clientId: number, text: string): string {
  // Depth is counted on the text: parsing 16 KB of brackets already overflows some stacks further on.
  if (depthOf(text) > MAX_DEPTH)
    throw new CoscribeError('awareness-refused', `nested deeper than ${MAX_DEPTH}`);
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw new CoscribeError('awareness-refused', 'the state is no JSON', { cause });
  }
  if (state === null) return 'null';
  if (typeof state !== 'object' || Array.isArray(state)) {
    throw new CoscribeError('awareness-refused', 'the state is no object');
  }
  // A state without a user is an integrator's own affair; whoever shows a name shows a clean one.
  if (!('user' in state)) return JSON.stringify(state);
  const { user } = state;
  const others = typeof user === 'object' && user !== null ? user : {};
  return JSON.stringify({ ...state, user: { ...others, ...parsePresence(state, clientId)?.user } });
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
}
