import * as Y from 'yjs';
import type { Fault } from './profile.js';
import type { SimulatedClient } from './simulated-client.js';
import type { SimulatedServer } from './simulated-server.js';
import type { World } from './world.js';

/** The longest that an end takes to notice a dead connection: ping interval and time-out of Socket.IO. */
export const NOTICES_WITHIN = 30_000;

/** What may wait in a connection: enough to drop awareness, updates, and everything. */
const QUEUES = [300_000, 2_000_000, 5_000_000].map((bytes) => new Uint8Array(bytes));

/** Mostly a single node. */
function oneOrAll({ dice, nodes }: World): readonly SimulatedServer[] {
  return dice.chance(0.25) ? nodes : [dice.pick(nodes)];
}

type Breaks = (world: World, victim: SimulatedClient) => void;

/** What each kind of fault does when its time has come. `lost-frame` happens on the way and has no time. */
export const BREAK: Record<Exclude<Fault, 'lost-frame'>, Breaks> = {
  cut({ dice, profile }, { line }) {
    line.wire?.cut({
      clientNoticesAfter: dice.random() * profile.latency,
      serverNoticesAfter: dice.random() * profile.latency,
      upArrives: dice.chance(0.5),
      downArrives: dice.chance(0.5),
    });
  },

  /** One end notices long before the other, so that the client comes back while its old connection is still there. */
  'half-open'({ dice, profile }, { line }) {
    const clientFirst = dice.chance(0.7);
    const soon = dice.random() * profile.latency;
    const late = dice.spread(50, NOTICES_WITHIN);
    line.wire?.stall(dice.spread(1, 5_000));
    line.wire?.cut({
      clientNoticesAfter: clientFirst ? soon : late,
      serverNoticesAfter: clientFirst ? late : soon,
      upArrives: dice.chance(0.5),
      downArrives: dice.chance(0.5),
    });
  },

  stall({ dice }, { line }) {
    line.wire?.stall(dice.spread(100, 20_000));
  },

  /** The client takes messages so slowly that the server has to drop some. */
  congestion({ dice, timeline }, { line: { wire } }) {
    if (wire === undefined) return;
    wire.congestion = dice.pick(QUEUES);
    timeline.after(dice.spread(200, 20_000), () => {
      wire.congestion = new Uint8Array();
    });
  },

  crash(world) {
    const { dice, timeline } = world;
    for (const node of oneOrAll(world)) {
      node.crash();
      timeline.after(dice.spread(10, 8_000), () => node.start());
    }
  },

  'graceful-stop'(world) {
    const { dice, timeline } = world;
    for (const node of oneOrAll(world)) {
      node.stop();
      timeline.after(dice.spread(100, 5_000), () => node.start());
      timeline.after(dice.spread(30_000, 40_000), () => node.start());
    }
  },

  /** One node after the other is stopped and started again. */
  'rolling-restart'(world) {
    const { dice, timeline, nodes } = world;
    let at = 0;
    for (const node of nodes) {
      timeline.after(at, () => {
        if (world.breaking) node.stop();
      });
      at += dice.spread(100, 6_000);
      timeline.after(at, () => node.start());
      timeline.after(at + dice.spread(30_000, 40_000), () => node.start());
    }
  },

  /** A process stands still for a while: SIGSTOP, or a machine that swaps. */
  freeze(world) {
    const { dice } = world;
    for (const node of oneOrAll(world)) node.freeze(dice.spread(100, 30_000));
  },

  outage(world) {
    const { dice, timeline, weather, nodes } = world;
    const bad = nodes.length > 1 && dice.chance(0.5) ? dice.pick(nodes).weather : weather;
    bad.outage = true;
    timeline.after(dice.spread(50, 10_000), () => {
      bad.outage = false;
    });
  },

  /** The bus cannot be reached, from one node or from anywhere. */
  'bus-away'(world) {
    const { dice, bus } = world;
    const hosts = oneOrAll(world).map(({ name }) => name);
    bus.cutOff(hosts, dice.spread(100, 20_000));
  },

  /** Two nodes do not hear each other, and think that all is well. */
  partition({ dice, timeline, bus, nodes }) {
    const [a, b] = [dice.pick(nodes).name, dice.pick(nodes).name];
    bus.part(a, b);
    timeline.after(dice.spread(100, 20_000), () => bus.join(a, b));
  },

  vanish(world, victim) {
    if (world.clients.length < 2) return;
    world.trace.note(`${victim.name} vanishes`);
    victim.vanish(world.dice.spread(1, NOTICES_WITHIN));
    world.clients.splice(world.clients.indexOf(victim), 1);
    world.timeline.after(world.dice.spread(1, 5_000), () => world.addClient());
  },

  /** A page is loaded again, with the copies that it had kept. */
  reload(world, victim) {
    const { dice, timeline, clients, trace } = world;
    if (clients.length < 2) return;
    trace.note(`${victim.name} loads its page again`);
    const copies = new Map(victim.desks.map(({ id, doc }) => [id, Y.encodeStateAsUpdate(doc)]));
    victim.vanish(dice.spread(1, NOTICES_WITHIN));
    clients.splice(clients.indexOf(victim), 1);
    const person = victim.person === undefined ? {} : { person: victim.person };
    timeline.after(dice.spread(1, 1_000), () => world.addClient({ copies, ...person }));
  },

  'go-away'({ dice, timeline }, { desks, line }) {
    const { provider } = dice.pick(desks);
    provider.disconnect();
    timeline.after(dice.spread(10, 20_000), () => {
      if (!line.dead) provider.connect();
    });
  },

  /** The document is put away, and perhaps opened again while that is under way. */
  'everybody-leaves'({ dice, timeline, clients }) {
    const back = dice.spread(1, 3_000);
    for (const { desks, line } of clients) {
      for (const { provider } of desks) provider.disconnect();
      timeline.after(back + dice.random() * 100, () => {
        if (!line.dead) for (const { provider } of desks) provider.connect();
      });
    }
  },

  newcomer(world) {
    if (world.clients.length < 6) world.addClient();
  },

  /** Somebody's whole copy reaches somebody else past the server, as over another tab's storage. */
  'carry-over'({ dice, clients, trace }, from) {
    const to = dice.pick(clients);
    if (to === from) return;
    for (const { id, doc } of from.desks) {
      const desk = to.desks.find((other) => other.id === id && !other.isClosed);
      if (desk !== undefined) Y.applyUpdate(desk.doc, Y.encodeStateAsUpdate(doc), 'carried over');
    }
    trace.note(`${to.name} gets the copy of ${from.name}`);
  },
};
