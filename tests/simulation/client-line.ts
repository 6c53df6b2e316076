import type { Connect } from '../../client/channel.js';
import { SimulatedChannel } from './simulated-channel.js';
import type { SimulatedServer } from './simulated-server.js';
import { Wire } from './wire.js';
import type { World } from './world.js';

/** A client's network: wires to nodes, which its documents share. */
export class ClientLine {
  /** Where a document begins. Documents that began earlier may still be on another one. */
  wire: Wire | undefined;
  readonly #wires = new Set<Wire>();
  /** The client's process is gone. */
  #dead = false;
  readonly #channels = new Set<SimulatedChannel>();

  /** @param node leads to this one, past the load balancer */
  constructor(
    readonly world: World,
    private readonly node?: SimulatedServer,
  ) {}

  /** Whether the client lacks something for the time being, as its connection is slow, or dead unbeknown to it. */
  get cutOff(): boolean {
    return [...this.#wires].some((wire) => wire.cutOff || wire.brings || wire.congestion.length > 0);
  }

  get dead(): boolean {
    return this.#dead;
  }

  readonly connect: Connect = (document, events) => {
    const channel = new SimulatedChannel(this, document, events);
    this.#channels.add(channel);
    return channel;
  };

  /** The wire that is there, or a new one. */
  openWire(): Wire {
    if (this.wire !== undefined) return this.wire;
    const wire = new Wire(this.world, this.node ?? this.world.balance());
    this.wire = wire;
    this.#wires.add(wire);
    wire.onClientNotices.push(() => {
      this.leave(wire);
      this.#wires.delete(wire);
    });
    return wire;
  }

  /** No other document begins over this wire. */
  leave(wire: Wire): void {
    if (this.wire === wire) this.wire = undefined;
  }

  /** Another document of this client got through. */
  announce(by: SimulatedChannel): void {
    for (const channel of this.#channels) if (channel !== by) channel.reachable();
  }

  /** Closes the wire properly if the last document has left it. */
  closeIfUnused(wire: Wire): void {
    if ([...this.#channels].some((channel) => channel.uses(wire))) return;
    this.leave(wire);
    this.#wires.delete(wire);
    const latency = this.world.profile.latency;
    wire.carry('up', () =>
      wire.cut({ clientNoticesAfter: 0, serverNoticesAfter: latency, upArrives: true, downArrives: false }),
    );
  }

  /** What the server could not hand to the network is on its way. */
  drain(): void {
    for (const wire of this.#wires) wire.congestion = new Uint8Array();
  }

  /** The process is gone without a word; the server notices some time. */
  kill(serverNoticesAfter: number): void {
    this.#dead = true;
    for (const wire of this.#wires)
      wire.cut({ clientNoticesAfter: 0, serverNoticesAfter, upArrives: true, downArrives: false });
  }

  destroyed(channel: SimulatedChannel): void {
    this.#channels.delete(channel);
  }
}
