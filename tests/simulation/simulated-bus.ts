import type { Bus, BusChannel, BusEvents, BusListener, BusMessage } from '../../server/cluster/bus.js';
import type { NodeMessage } from '../../server/cluster/bus-message.js';
import { BusNodes } from '../../server/cluster/bus-nodes.js';
import type { DocumentId } from '../../shared/ids.js';
import { delivered } from './messages.js';
import type { ProcessClock } from './timeline.js';
import type { World } from './world.js';

/** How long it may take until a connection to the bus that brings nothing more is noticed, in milliseconds. */
const AWAY_NOTICED_WITHIN = 3_500;
/** One message of so many takes much longer than the others. */
const LATE = 0.03;
const LATE_TIMES = 10;

/** What travels: of a document, or of the nodes themselves. */
type Message = BusMessage | NodeMessage;

/** What carries messages between the nodes: loses, delays and repeats them, and may cut nodes off from one another. */
export class BusNetwork {
  readonly #buses = new Set<SimulatedBus>();
  /** Pairs of node names that do not hear one another, and nobody is told. */
  readonly #parted = new Set<string>();

  constructor(private readonly world: World) {}

  /** Channels that somebody has open. */
  get openChannels(): number {
    let count = 0;
    for (const bus of this.#buses) count += bus.openChannels;
    return count;
  }

  connect(host: string, node: string, clock: ProcessClock): SimulatedBus {
    const bus = new SimulatedBus(this.world, this, host, node, clock);
    this.#buses.add(bus);
    return bus;
  }

  remove(bus: SimulatedBus): void {
    this.#buses.delete(bus);
  }

  /** The connections of some hosts to the bus bring nothing, for so long. */
  cutOff(hosts: readonly string[], duration: number): void {
    for (const bus of this.#buses) if (hosts.includes(bus.host)) bus.cutOff(duration);
  }

  part(a: string, b: string): void {
    this.#parted.add(pair(a, b));
  }

  join(a: string, b: string): void {
    this.#parted.delete(pair(a, b));
  }

  /** Nothing is broken any more. What was lost without anybody's notice has to be found out. */
  heal(): void {
    this.#parted.clear();
    for (const bus of this.#buses) if (!bus.through) bus.comeBack();
  }

  carry(from: SimulatedBus, id: DocumentId | undefined, message: Message): void {
    if (!from.through) return;
    for (const to of this.#buses) {
      if (to === from || this.#parted.has(pair(from.host, to.host)) || this.#isLost(message)) continue;
      this.#deliver(from, to, id, message);
      if (this.world.dice.chance(this.world.profile.busRepeats)) this.#deliver(from, to, id, message);
    }
  }

  #deliver(from: SimulatedBus, to: SimulatedBus, id: DocumentId | undefined, message: Message): void {
    const { dice, profile, timeline } = this.world;
    let delay = dice.random() * profile.busLatency;
    if (profile.busInOrder) delay = to.after(from, delay);
    else if (dice.chance(LATE)) delay *= LATE_TIMES;
    const copy = delivered(message);
    timeline.after(delay, () => to.arrive(from.node, id, copy));
  }

  #isLost(message: Message): boolean {
    const { world } = this;
    if (!world.dice.chance(world.profile.busLoss)) return false;
    // Whatever the store knows may be lost for ever; who is there is known by the nodes alone.
    return world.breaking || message.kind === 'updates' || message.kind === 'snapshot';
  }
}

function pair(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** How much longer than a message a subscription takes on its way through a busy Redis. */
const BUSY_TIMES = 20;

interface Subscription {
  readonly listener: BusListener;
  active: boolean;
}

/** The bus as one life of a node sees it. */
export class SimulatedBus implements Bus {
  readonly alone = false;
  readonly hasOthers = true;
  connected = true;
  /** Whether anything gets through; the node may not know that nothing does. */
  through = true;
  readonly #channels = new Map<DocumentId, Set<Subscription>>();
  readonly #nodes: BusNodes;
  readonly #lastFrom = new Map<SimulatedBus, number>();
  #events: BusEvents | undefined;
  #cuts = 0;

  constructor(
    private readonly world: World,
    private readonly network: BusNetwork,
    readonly host: string,
    readonly node: string,
    private readonly clock: ProcessClock,
  ) {
    this.#nodes = new BusNodes({
      clock,
      announce: () => network.carry(this, undefined, { kind: 'node-here' }),
      connected: () => this.connected,
      gone: (other) => {
        world.trace.note(`${node} takes ${other} for dead`);
        this.#events?.gone(other);
      },
      // As the real bus does.
      stoodStill: () => {
        if (this.connected) this.#tell(false, true);
      },
    });
  }

  get openChannels(): number {
    return this.#channels.size;
  }

  watch(events: BusEvents): void {
    this.#events = events;
  }

  async open(id: DocumentId, listener: BusListener): Promise<BusChannel> {
    const { dice, profile, confirmsSubscriptions } = this.world;
    const subscription: Subscription = { listener, active: false };
    const subscriptions = this.#channels.get(id) ?? new Set();
    this.#channels.set(id, subscriptions.add(subscription));
    // Where nobody waits for it, it is a busy Redis that makes the difference.
    const there = dice.random() * profile.busLatency * (confirmsSubscriptions ? 1 : BUSY_TIMES);
    const back = dice.random() * profile.busLatency;
    const confirmed = new Promise<void>((resolve) => {
      if (!this.connected) resolve();
      this.world.timeline.after(there, () => {
        subscription.active = true;
        this.world.timeline.after(back, () => this.clock.arrive(resolve));
      });
    });
    if (confirmsSubscriptions) await confirmed;
    return {
      publish: (message) => {
        if (this.connected) this.network.carry(this, id, message);
      },
      close: () => {
        subscriptions.delete(subscription);
        if (subscriptions.size === 0 && this.#channels.get(id) === subscriptions) this.#channels.delete(id);
      },
    };
  }

  async close(): Promise<void> {
    this.#nodes.close();
    if (this.connected) this.network.carry(this, undefined, { kind: 'node-goodbye' });
    this.network.remove(this);
  }

  /** When a message of the other one arrives that must not overtake those before it, in milliseconds from now. */
  after(from: SimulatedBus, delay: number): number {
    const { now } = this.world.timeline;
    const at = Math.max(now + delay, this.#lastFrom.get(from) ?? 0);
    this.#lastFrom.set(from, at);
    return at - now;
  }

  arrive(from: string, id: DocumentId | undefined, message: Message): void {
    if (!this.through) return;
    this.clock.arrive(() => this.#receive(from, id, message));
  }

  /** Nothing gets through for so long; the node notices it after a while, at the latest when it is over. */
  cutOff(duration: number): void {
    const { timeline, dice } = this.world;
    const cut = ++this.#cuts;
    this.through = false;
    timeline.after(Math.min(duration, dice.random() * AWAY_NOTICED_WITHIN), () => {
      if (cut === this.#cuts && !this.through) this.#setConnected(false);
    });
    timeline.after(duration, () => {
      if (cut === this.#cuts) this.comeBack();
    });
  }

  /** The connection is made anew. */
  comeBack(): void {
    this.through = true;
    this.#setConnected(false);
    this.#setConnected(true);
  }

  #setConnected(connected: boolean): void {
    this.clock.arrive(() => {
      if (this.connected === connected) return;
      this.connected = connected;
      if (connected) {
        this.#nodes.forgive();
        this.network.carry(this, undefined, { kind: 'node-here' });
      }
      this.#tell(connected);
    });
  }

  #tell(...states: readonly boolean[]): void {
    for (const connected of states) {
      this.world.trace.note(`the bus of ${this.node} is ${connected ? 'there' : 'away'}`);
      this.#events?.connected(connected);
    }
  }

  #receive(from: string, id: DocumentId | undefined, message: Message): void {
    if (message.kind === 'node-goodbye') {
      this.#nodes.left(from);
      return;
    }
    this.#nodes.heard(from);
    if (message.kind === 'node-here' || message.kind === 'node-tells' || id === undefined) return;
    const subscriptions = [...(this.#channels.get(id) ?? [])];
    for (const { active, listener } of subscriptions) if (active) listener(message, from);
  }
}
