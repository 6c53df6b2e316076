import type { Bus, BusChannel, NodesBus } from './bus.js';
import { nodeId } from './node-id.js';

const CHANNEL: BusChannel = {
  publish(): void {},
  close(): void {},
};

/**
 * The bus of a node that reaches no other. If the store is one that others may use too, it is a bus that is away for
 * good: what they write is looked for in the store.
 */
export class LocalBus implements Bus, NodesBus {
  readonly node: string;
  readonly hasOthers = false;
  readonly others: readonly string[] = [];
  readonly alone: boolean;
  readonly connected: boolean;

  constructor({ sharedStore, nodeName = '' }: { readonly sharedStore: boolean; readonly nodeName?: string }) {
    this.node = nodeId(nodeName);
    this.alone = !sharedStore;
    this.connected = !sharedStore;
  }

  async open(): Promise<BusChannel> {
    return CHANNEL;
  }

  watch(): void {}

  listen(): void {}

  tell(): void {}

  async close(): Promise<void> {}
}
