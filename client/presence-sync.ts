import * as decoding from 'lib0/decoding';
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import type { Clock, Timer } from '../shared/time.js';

/** Own presence goes out this often at most, in milliseconds; the server passes it on at about this rate. */
const SEND_EVERY_MS = 50;
/** After a change to another server whoever was here before counts as here for so long, unless it says otherwise. */
const MAY_BE_HERE_MS = 3_000;

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

interface PresenceSyncOptions {
  readonly clock: Clock;
  /** Called only between `joined` and `left`. */
  send(update: Uint8Array): void;
}

/**
 * Carries awareness between a Yjs `Awareness` and the channel. The server knows who is connected, so the states here
 * neither expire nor have to be renewed: a page that is idle sends nothing.
 */
export class PresenceSync {
  readonly #awareness: Awareness;
  readonly #options: PresenceSyncOptions;
  #online = false;
  #timer: Timer | undefined;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  /** Of whom the server in use has said nothing yet. */
  #unheard = new Set<number>();
  #unheardTimer: Timer | undefined;

  constructor(awareness: Awareness, options: PresenceSyncOptions) {
    this.#awareness = awareness;
    this.#options = options;
    clearInterval(awareness._checkInterval);
    awareness.on('update', this.#onUpdate);
  }

  /** Everybody's state, as the server has it now; whoever is not in it has left. */
  joined(everybody: Uint8Array): void {
    this.#online = true;
    this.#compare(everybody);
    this.#forgetUnheard();
  }

  /** The same from another server, which may hear only later of those who are not with it. */
  moved(everybody: Uint8Array): void {
    this.#compare(everybody);
    this.#unheardTimer = this.#options.clock.schedule(MAY_BE_HERE_MS, () => this.#forgetUnheard());
  }

  received(update: Uint8Array): void {
    if (this.#unheard.size > 0) for (const clientId of clientsIn(update)) this.#unheard.delete(clientId);
    const awareness = this.#awareness;
    const own = awareness.getLocalState();
    const clock = awareness.meta.get(awareness.clientID)?.clock;
    applyAwarenessUpdate(awareness, update, this);
    // Somebody says that this client has left, or what an earlier provider of the same document said of itself.
    if (awareness.meta.get(awareness.clientID)?.clock !== clock) awareness.setLocalState(own);
  }

  /** The connection is gone: nothing is known of the others any more. */
  left(): void {
    this.#online = false;
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
    this.#unheard = new Set(this.#others());
    this.#forgetUnheard();
  }

  /** The document has taken another clientID; presence goes with it. */
  follow(clientId: number): void {
    const awareness = this.#awareness;
    if (awareness.clientID === clientId) return;
    const state = awareness.getLocalState();
    awareness.states.delete(awareness.clientID);
    awareness.meta.delete(awareness.clientID);
    awareness.clientID = clientId;
    awareness.setLocalState(state);
  }

  destroy(): void {
    this.left();
    this.#awareness.off('update', this.#onUpdate);
  }

  #others(): number[] {
    return [...this.#awareness.getStates().keys()].filter(
      (clientId) => clientId !== this.#awareness.clientID,
    );
  }

  #compare(everybody: Uint8Array): void {
    this.#stopForgetting();
    this.#unheard = new Set(this.#others());
    this.#forgetClocks();
    if (everybody.length > 0) this.received(everybody);
    // A state is taken only with a higher clock than the last one, of which the server may have told others.
    this.#awareness.setLocalState(this.#awareness.getLocalState());
  }

  /** Another server may show somebody with a lower clock than the one before: what it says counts all the same. */
  #forgetClocks(): void {
    const { clientID, meta, states } = this.#awareness;
    for (const [clientId, known] of [...meta]) {
      if (clientId === clientID) continue;
      if (states.has(clientId)) meta.set(clientId, { ...known, clock: 0 });
      else meta.delete(clientId);
    }
  }

  #stopForgetting(): void {
    if (this.#unheardTimer !== undefined) this.#options.clock.cancel(this.#unheardTimer);
    this.#unheardTimer = undefined;
  }

  #forgetUnheard(): void {
    this.#stopForgetting();
    const clientIds = [...this.#unheard];
    this.#unheard = new Set();
    const { states, meta } = this.#awareness;
    removeAwarenessStates(this.#awareness, clientIds, this);
    // With the clock remembered, the same state would not be taken again when its owner comes back into view. That
    // holds for those that left before, too: another server may show them with a lower clock.
    for (const clientId of [...meta.keys()]) {
      if (clientId !== this.#awareness.clientID && !states.has(clientId)) meta.delete(clientId);
    }
  }

  readonly #onUpdate = ({ added, updated, removed }: AwarenessChange, origin: unknown): void => {
    const own = this.#awareness.clientID;
    if (this.#online && origin !== this && [...added, ...updated, ...removed].includes(own)) this.#sendSoon();
  };

  #sendSoon(): void {
    if (this.#timer !== undefined) return;
    const { clock } = this.#options;
    const wait = this.#lastSentAt + SEND_EVERY_MS - clock.monotonic();
    if (wait <= 0) this.#send();
    else this.#timer = clock.schedule(wait, () => this.#send());
  }

  #send(): void {
    this.#timer = undefined;
    this.#lastSentAt = this.#options.clock.monotonic();
    this.#options.send(encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID]));
  }
}

/** clientIDs in an awareness update: count, then clientID, clock and JSON of each. */
function clientsIn(update: Uint8Array): number[] {
  const decoder = decoding.createDecoder(update);
  const clientIds: number[] = [];
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    clientIds.push(decoding.readVarUint(decoder));
    decoding.readVarUint(decoder);
    decoding.readVarString(decoder);
  }
  return clientIds;
}
