import { type Awareness, applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { ownUpdate } from './presence-people.js';

/** What a client does with awareness; `PresenceSync` is Coscribe's. */
export interface PresenceClient {
  joined(everybody: Uint8Array): void;
  received(update: Uint8Array): void;
  left(): void;
}

/**
 * What y-websocket's provider does: it comes back with the clock it had, keeps the clocks of the others, and says again
 * whatever it is told of itself.
 */
export class StockClient implements PresenceClient {
  private online = false;

  constructor(
    private readonly awareness: Awareness,
    private readonly send: (update: Uint8Array) => void,
  ) {
    awareness.on('update', ({ added, updated, removed }: Record<string, number[]>) => {
      if (this.online && [added, updated, removed].flat().includes(awareness.clientID)) this.sendOwn();
    });
  }

  joined(everybody: Uint8Array): void {
    this.online = true;
    if (everybody.length > 0) this.received(everybody);
    if (this.awareness.getLocalState() !== null) this.sendOwn();
  }

  received(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, this);
  }

  left(): void {
    this.online = false;
    const others = [...this.awareness.states.keys()].filter(
      (clientId) => clientId !== this.awareness.clientID,
    );
    removeAwarenessStates(this.awareness, others, this);
  }

  private sendOwn(): void {
    this.send(ownUpdate(this.awareness));
  }
}
