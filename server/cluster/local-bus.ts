import { randomBytes } from 'node:crypto';
import type { Bus, BusChannel } from './bus.js';

const CHANNEL: BusChannel = {
  publish(): void {},
  close(): void {},
};

/**
 * The bus of a node that reaches no other. If the store is one that others may use too, it is a bus that is away for
 * good: what they write is looked for in the store.
 */
export class LocalBus implements Bus {
  readonly node = randomBytes(9).toString('base64url');
  readonly hasOthers = false;
  readonly alone: boolean;
  readonly connected: boolean;

  constructor({ sharedStore }: { readonly sharedStore: boolean }) {
    this.alone = !sharedStore;
    this.connected = !sharedStore;
  }

  async open(): Promise<BusChannel> {
    return CHANNEL;
  }

  watch(): void {}

  async close(): Promise<void> {}
}
