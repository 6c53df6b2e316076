import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CoscribeError } from '../../shared/errors.js';
import type { JoinedUser } from '../../shared/protocol.js';
import { cleanUser } from './clean-user.js';
import { MAX_LARGE_BYTES, SMALL_STATE_BYTES } from './presence-room.js';

/** clientID, clock and length of one state, generously. */
const STATE_OVERHEAD = 32;
/** What follows the states in a message between nodes. */
const WHOLE = 1;
const CHANGES = 0;

/** Highest clock of a state. */
export const MAX_CLOCK = 2 ** 31 - 1;

/** Most states that one message between nodes may carry. */
export const MAX_STATES = 4_096;

/** The state of somebody who is not here. */
export const NO_STATE = 'null';

/** One client's awareness state, as y-protocols writes it. */
export interface PresenceState {
  readonly clientId: number;
  readonly clock: number;
  /** The state as JSON; `NO_STATE` once the client has none. */
  readonly json: string;
}

/** What one node tells the others of its own sessions. */
export interface NodeMessage {
  readonly states: readonly PresenceState[];
  /** These are all: whoever of the node's sessions is not among them has left. */
  readonly whole: boolean;
  /** Rises with every message of the node about the document; 0 if the message has none. */
  readonly number: number;
}

/** Who says something of himself. */
export interface StateOwner {
  readonly clientId: number;
  /** What others see of him whatever he says. */
  readonly shownAs?: JoinedUser | undefined;
}

/** Of one state: its JSON in bytes, and how deep objects and arrays may lie in one another in it. */
export interface StateBounds {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** The format of y-protocols' awareness: count, then clientID, clock and JSON each. */
export function encodeStates(states: readonly PresenceState[]): Uint8Array {
  const encoder = encoding.createEncoder();
  writeStates(encoder, states);
  return encoding.toUint8Array(encoder);
}

/**
 * An awareness update with two more numbers at its end, which y-protocols does not look at. Of more than `MAX_STATES`
 * only the first are in it, and they do not count as all.
 */
export function encodeNodeMessage({ states, whole, number }: NodeMessage): Uint8Array {
  const encoder = encoding.createEncoder();
  writeStates(encoder, states.length > MAX_STATES ? states.slice(0, MAX_STATES) : states);
  encoding.writeVarUint(encoder, whole && states.length <= MAX_STATES ? WHOLE : CHANGES);
  encoding.writeVarUint(encoder, number);
  return encoding.toUint8Array(encoder);
}

/** Reads an awareness update of at most so many states. @throws CoscribeError `awareness-refused` */
export function decodeStates(update: Uint8Array, most: number): PresenceState[] {
  try {
    return readStates(decoding.createDecoder(update), most);
  } catch (cause) {
    throw new CoscribeError('awareness-refused', 'the bytes are no awareness update', { cause });
  }
}

/**
 * Reads what a client says of itself.
 *
 * @throws CoscribeError `awareness-refused` for anything but one small state of this client
 */
export function readOwnState(
  { clientId, shownAs }: StateOwner,
  update: Uint8Array,
  bounds: StateBounds,
): PresenceState {
  const decoder = decoding.createDecoder(update);
  let states: PresenceState[];
  try {
    states = readStates(decoder, 1);
  } catch (cause) {
    throw new CoscribeError('awareness-refused', 'the bytes are no awareness update', { cause });
  }
  const [state] = states;
  if (state?.clientId !== clientId || decoding.hasContent(decoder)) {
    throw new CoscribeError('awareness-refused', 'it speaks for somebody else');
  }
  return checked(state, bounds, shownAs);
}

/** Reads what another node says. It may be of another version: `undefined` for anything that no client may say. */
export function readNodeMessage(update: Uint8Array, bounds: StateBounds): NodeMessage | undefined {
  const always = longestJson(Math.min(bounds.maxBytes, SMALL_STATE_BYTES)) + STATE_OVERHEAD;
  if (update.length > MAX_STATES * always + MAX_LARGE_BYTES) return undefined;
  try {
    const decoder = decoding.createDecoder(update);
    const states = readStates(decoder, MAX_STATES).map((state) => checked(state, bounds));
    if (!decoding.hasContent(decoder)) return { states, whole: false, number: 0 };
    const kind = decoding.readVarUint(decoder);
    const number = decoding.readVarUint(decoder);
    if (kind > WHOLE || decoding.hasContent(decoder)) return undefined;
    return { states, whole: kind === WHOLE, number };
  } catch {
    return undefined;
  }
}

function writeStates(encoder: encoding.Encoder, states: readonly PresenceState[]): void {
  encoding.writeVarUint(encoder, states.length);
  for (const { clientId, clock, json } of states) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, json);
  }
}

function readStates(decoder: decoding.Decoder, most: number): PresenceState[] {
  const count = decoding.readVarUint(decoder);
  if (count > most) throw new CoscribeError('awareness-refused', `${count} states`);
  const states: PresenceState[] = [];
  while (states.length < count) {
    const clientId = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    states.push({ clientId, clock, json: decoding.readVarString(decoder) });
  }
  return states;
}

/** JSON can grow when it is cleaned: `1e20` is written out. */
function longestJson(maxBytes: number): number {
  return 2 * maxBytes;
}

/** The state as it is shown to others. */
function checked(
  { clientId, clock, json }: PresenceState,
  { maxBytes, maxDepth }: StateBounds,
  shownAs?: JoinedUser,
): PresenceState {
  if (clock > MAX_CLOCK) throw new CoscribeError('awareness-refused', `clock ${clock}`);
  const clean = cleanState(clientId, json, maxDepth, shownAs);
  if (Buffer.byteLength(clean) > longestJson(maxBytes)) {
    throw new CoscribeError('awareness-refused', `the state takes more than ${longestJson(maxBytes)} bytes`);
  }
  return { clientId, clock, json: clean };
}

/** Bounded in depth, and with a name and a colour that can do no harm. */
function cleanState(clientId: number, text: string, maxDepth: number, shownAs?: JoinedUser): string {
  // Depth is counted on the text: parsing 16 KB of brackets already overflows some stacks further on.
  if (depthOf(text) > maxDepth) {
    throw new CoscribeError('awareness-refused', `nested deeper than ${maxDepth}`);
  }
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw new CoscribeError('awareness-refused', 'the state is no JSON', { cause });
  }
  if (state === null) return NO_STATE;
  if (typeof state !== 'object' || Array.isArray(state)) {
    throw new CoscribeError('awareness-refused', 'the state is no object');
  }
  // A state without a user is an integrator's own affair; whoever shows a name shows a clean one.
  if (!('user' in state) && shownAs === undefined) return JSON.stringify(state);
  const said = 'user' in state ? state.user : undefined;
  return JSON.stringify({ ...state, user: cleanUser(said, clientId, shownAs) });
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
