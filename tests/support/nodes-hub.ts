import type { NodesBus } from '../../server/cluster/bus.js';

/** What nodes tell one another about themselves, in one process, with what happens on the way in the test's hands. */
export class NodesHub {
  readonly sent: { readonly from: string; readonly to: string | undefined; readonly text: string }[] = [];
  private readonly buses = new Map<string, HubNodesBus>();

  node(name: string): HubNodesBus {
    const bus = new HubNodesBus(name, this);
    this.buses.set(name, bus);
    return bus;
  }

  /** The node is gone without a word, and forgotten. */
  remove(name: string): void {
    this.buses.delete(name);
  }

  othersOf(name: string): string[] {
    return [...this.buses.keys()].filter((other) => other !== name);
  }

  pass(from: HubNodesBus, text: string, to: string | undefined): void {
    this.sent.push({ from: from.node, to, text });
    for (const [name, bus] of this.buses)
      if (bus !== from && (to === undefined || to === name)) bus.receive(text, from.node);
  }
}

export class HubNodesBus implements NodesBus {
  connected = true;
  /** It hears nothing, though it is there. */
  deaf = false;
  private listener: ((text: string, from: string) => void) | undefined;

  constructor(
    readonly node: string,
    private readonly hub: NodesHub,
  ) {}

  get others(): readonly string[] {
    return this.hub.othersOf(this.node);
  }

  listen(listener: (text: string, from: string) => void): void {
    this.listener = listener;
  }

  tell(text: string, to?: string): void {
    if (this.connected) this.hub.pass(this, text, to);
  }

  receive(text: string, from: string): void {
    if (this.connected && !this.deaf) this.listener?.(text, from);
  }
}
