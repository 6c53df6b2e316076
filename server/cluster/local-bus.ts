import type { Bus, BusChannel } from './bus.js';

const CHANNEL: BusChannel = {
  publish(): void {},
  close(): void {},
};

/** The bus of a node that is the only one. */
export class LocalBus implements Bus {
  readonly node = 'only';
  readonly alone = true;
  readonly connected = true;

  async open(): Promise<BusChannel> {
    return CHANNEL;
  }

  watch(): void {}

  async close(): Promise<void> {}
}
