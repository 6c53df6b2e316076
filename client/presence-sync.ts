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
  private online = false;
  private timer: Timer | undefined;
  private lastSentAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly awareness: Awareness,
    private readonly options: PresenceSyncOptions,
  ) {
    clearInterval(awareness._checkInterval);
    awareness.on('update', this.onUpdate);
  }

  /** Everybody's state, as the server has it now; whoever is not in it has left. */
  joined(everybody: Uint8Array): void {
    const present = new Set(everybody.length > 0 ? clientsIn(everybody) : []);
    this.online = true;
    this.forget(this.others().filter((clientId) => !present.has(clientId)));
    if (everybody.length > 0) applyAwarenessUpdate(this.awareness, everybody, this);
    // A state is taken only with a higher clock than the last one, of which the server may have told others.
    this.awareness.setLocalState(this.awareness.getLocalState());
  }

  received(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, this);
  }

  /** The connection is gone: nothing is known of the others any more. */
  left(): void {
    this.online = false;
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
    this.forget(this.others());
  }

  /** The document has taken another clientID; presence goes with it. */
  follow(clientId: number): void {
    const { awareness } = this;
    if (awareness.clientID === clientId) return;
    const state = awareness.getLocalState();
    awareness.states.delete(awareness.clientID);
    awareness.meta.delete(awareness.clientID);
    awareness.clientID = clientId;
    awareness.setLocalState(state);
  }

  destroy(): void {
    this.left();
    this.awareness.off('update', this.onUpdate);
  }

  private others(): number[] {
    return [...this.awareness.getStates().keys()].filter((clientId) => clientId !== this.awareness.clientID);
  }

  private forget(clientIds: number[]): void {
    removeAwarenessStates(this.awareness, clientIds, this);
    // With the clock remembered, the same state would not be taken again when its owner comes back into view.
    for (const clientId of clientIds) this.awareness.meta.delete(clientId);
  }

  private readonly onUpdate = ({ added, updated, removed }: AwarenessChange): void => {
    const own = this.awareness.clientID;
    if (this.online && [...added, ...updated, ...removed].includes(own)) this.sendSoon();
  };

  private sendSoon(): void {
    if (this.timer !== undefined) return;
    const { clock } = this.options;
    const wait = this.lastSentAt + SEND_EVERY_MS - clock.monotonic();
    if (wait <= 0) this.send();
    else this.timer = clock.schedule(wait, () => this.send());
  }

  private send(): void {
    this.timer = undefined;
    this.lastSentAt = this.options.clock.monotonic();
    this.options.send(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
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
