import { varUintLength, writeVarUint } from '../../../shared/var-uint.js';
import { Broadcast } from '../../documents/broadcast.js';
import {
  decodeStates,
  encodeStates,
  NO_STATE,
  type PresenceState,
} from '../../documents/presence-message.js';

/** Clients say again what they were told of others; more than a full document's worth is nobody's. */
export const MAX_SAID_STATES = 10_000;
/** Clocks go on by so many in a millisecond: of two updates in one, that of what has changed is the newer. */
const PER_MS = 2;

/** Where the state of one client is among the others. */
interface Place {
  readonly from: number;
  readonly to: number;
  /** With which its owner shows it; `undefined` if he shows it no more. */
  readonly clock: number | undefined;
}

/**
 * An awareness update whose clocks are the time, where they are not higher. y-protocols takes a state only with a higher clock
 * than it had, and forgets who has said nothing for 30 s; but clients of our own say nothing while nothing changes, and a
 * client that comes back knows the old clocks still. (Their own clocks stay below 2^31, long before our time.)
 *
 * A client must not get its own state like that: it would take it for newer than what it shows by now.
 */
export class RaisedAwareness {
  readonly all: Broadcast;
  private readonly states: Uint8Array;
  private readonly places = new Map<number, Place>();

  /**
   * @param now in milliseconds since the Unix epoch
   * @param isChange it tells what has changed, and not how things stand
   * @throws CoscribeError `awareness-refused`
   */
  constructor(update: Uint8Array, now: number, isChange: boolean) {
    const least = now * PER_MS + (isChange ? 1 : 0);
    const encoded: Uint8Array[] = [];
    let at = 0;
    for (const { clientId, clock, json } of decodeStates(update, MAX_SAID_STATES)) {
      // Without the number of states, which is one.
      const bytes = encodeStates([{ clientId, clock: Math.max(clock, least), json }]).subarray(1);
      encoded.push(bytes);
      const place = { from: at, to: at + bytes.length, clock: json === NO_STATE ? undefined : clock };
      this.places.set(clientId, place);
      at += bytes.length;
    }
    this.states = Buffer.concat(encoded);
    this.all = new Broadcast(counted(encoded.length, this.states));
  }

  /** Whether it shows the client with a higher clock than this. */
  showsLater(clientId: number, than: number): boolean {
    const clock = this.places.get(clientId)?.clock;
    return clock !== undefined && clock > than;
  }

  /** What is sent to this client; `undefined` if there is nothing but its own state. */
  without(clientId: number): Broadcast | undefined {
    const place = this.places.get(clientId);
    if (place === undefined) return this.all;
    if (this.places.size === 1) return undefined;
    const { states, places } = this;
    const others = [states.subarray(0, place.from), states.subarray(place.to)];
    return new Broadcast(counted(places.size - 1, ...others));
  }
}

function counted(count: number, ...states: readonly Uint8Array[]): Uint8Array {
  const length = varUintLength(count);
  const bytes = new Uint8Array(states.reduce((sum, part) => sum + part.length, length));
  let at = writeVarUint(bytes, 0, count);
  for (const part of states) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What an update shows of one client, if it is of that one only, as what a client first says of itself. */
export function soleShown(update: Uint8Array): PresenceState | undefined {
  try {
    const [first] = decodeStates(update, 1);
    return first?.json === NO_STATE ? undefined : first;
  } catch {
    return undefined;
  }
}
