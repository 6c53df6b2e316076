import type { Bus, BusChannel, BusEvents, BusListener, BusMessage } from '../../server/cluster/bus.js';
import type { DocumentId } from '../../shared/ids.js';

/** Nodes' buses in one process, with what happens on the way in the test's hands. */
export class BusHub {
  readonly buses: HubBus[] = [];
  /** What was sent, newest last. */
  readonly sent: { readonly from: string; readonly message: BusMessage }[] = [];
  /** Decides what arrives; everything, at first. */
  arrives: (message: BusMessage, from: string, to: string) => boolean = () => true;

  node(name: string): HubBus {
    const bus = new HubBus(name, this);
    this.buses.push(bus);
    return bus;
  }
}

export class HubBus implements Bus {
  readonly alone = false;
  readonly hasOthers = true;
  connected = true;
  /** Held back while set: an `open` is under way. */
  opening: Promise<void> | undefined;
  private events: BusEvents | undefined;
  private readonly listeners = new Map<DocumentId, Set<BusListener>>();

  constructor(
    readonly node: string,
    private readonly hub: BusHub,
  ) {}

  get openChannels(): number {
    return this.listeners.size;
  }

  async open(id: DocumentId, listener: BusListener): Promise<BusChannel> {
    await this.opening;
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return {
      publish: (message) => this.publish(id, message),
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.listeners.delete(id);
      },
    };
  }

  watch(events: BusEvents): void {
    this.events = events;
  }

  async close(): Promise<void> {
    this.listeners.clear();
  }

  /** A message of another node arrives. */
  deliver(id: DocumentId, message: BusMessage, from: string): void {
    for (const listener of [...(this.listeners.get(id) ?? [])]) listener(message, from);
  }

  setConnected(connected: boolean): void {
    this.connected = connected;
    this.events?.connected(connected);
  }

  declareGone(node: string): void {
    this.events?.gone(node);
  }

  private publish(id: DocumentId, message: BusMessage): void {
    this.hub.sent.push({ from: this.node, message });
    if (!this.connected) return;
    for (const other of this.hub.buses) {
      if (other === this || !other.connected || !this.hub.arrives(message, this.node, other.node)) continue;
      other.deliver(id, message, this.node);
    }
  }
}
