import { type Awareness, applyAwarenessUpdate } from 'y-protocols/awareness';
import { PresenceSync } from '../../client/presence-sync.js';
import { PresenceRoom } from '../../server/documents/presence-room.js';
import { PresenceTable } from '../../server/documents/presence-table.js';
import type { Random } from '../../shared/time.js';
import { ManualClock } from './manual-clock.js';
import { awarenessOf, MAX_AWARENESS_BYTES, PresenceSession, type State } from './presence-people.js';
import { between } from './random.js';
import { type PresenceClient, StockClient } from './stock-client.js';

const NODES = 3;
const PEOPLE = 6;
const LATEST_MS = 400;
const NOTICED_MS = { least: 1_000, most: 4_000 };
const HALF_OPEN_MS = 6_000;

interface Node {
  readonly name: string;
  readonly table: PresenceTable;
  /** What each session's client does with what it is sent. */
  readonly audience: Map<PresenceSession, (update: Uint8Array) => void>;
  alive: boolean;
}

interface Person {
  readonly awareness: Awareness;
  readonly sync: PresenceClient;
  at: { readonly node: Node; readonly session: PresenceSession } | undefined;
  /** What the person means to show. */
  state: State | null;
}

/**
 * One document on three nodes, whose bus loses, delays, repeats and swaps messages, and people (each a real client's
 * `Awareness`) who change what they show, come, go and move, while nodes die or are taken for dead.
 */
export class PresenceWorld {
  private readonly clock = new ManualClock();
  private readonly nodes: Node[] = [];
  private readonly people: Person[] = [];
  private named = 0;
  private lossless = false;

  /** @param stock the people's clients are not Coscribe's */
  constructor(
    private readonly random: Random,
    private readonly stock = false,
  ) {
    for (let n = 0; n < NODES; n++) this.nodes.push(this.startNode());
    for (let n = 0; n < PEOPLE; n++) this.people.push(this.newPerson(1 + n));
  }

  /** Lets something happen. */
  step(): void {
    const person = this.pick(this.people);
    const dice = this.random();
    if (dice < 0.55) this.change(person);
    else if (dice < 0.8) this.move(person);
    else if (dice < 0.88) this.goOffline(person);
    else if (dice < 0.92) this.kill(this.pick(this.nodes));
    else if (dice < 0.95) this.takeForDead(this.pick(this.nodes), this.pick(this.nodes));
    else this.exchange();
    this.clock.advance(between(this.random, 0, 300));
  }

  /** Lets everything arrive that is under way, and the nodes tell one another who is there. */
  heal(): void {
    this.clock.advance(HALF_OPEN_MS + NOTICED_MS.most);
    this.lossless = true;
    this.exchange();
    this.clock.advance(1_000);
  }

  /** Everybody says again what he shows, as stock clients do every 15 s. */
  renew(): void {
    for (const { at, awareness } of this.people) {
      if (at !== undefined) awareness.setLocalState(awareness.getLocalState());
    }
    this.clock.advance(1_000);
  }

  /** What is wrong: what a node, or somebody's client, has of somebody that is not what that person shows. */
  get mistakes(): string[] {
    const shown = new Map<number, string>();
    for (const { awareness, at, state } of this.people) {
      if (at !== undefined && state !== null) shown.set(awareness.clientID, JSON.stringify(state));
    }
    const views: [string, ReadonlyMap<number, unknown>][] = [];
    for (const { awareness, at } of this.people) {
      if (at !== undefined) views.push([`client ${awareness.clientID}`, awareness.states]);
    }
    for (const { name, table } of this.nodes) {
      const joiner = awarenessOf(null);
      const everybody = table.everybody();
      if (everybody.length > 0) applyAwarenessUpdate(joiner, everybody, 'server');
      views.push([name, joiner.states]);
    }
    return views.flatMap(([viewer, states]) => differences(viewer, shown, states));
  }

  /** Whether anything is still going on by itself. */
  get pending(): number {
    return this.clock.pending;
  }

  private startNode(): Node {
    const name = `node ${this.named++}`;
    const node: Node = {
      name,
      audience: new Map(),
      alive: true,
      table: new PresenceTable({
        clock: this.clock,
        maxBytes: MAX_AWARENESS_BYTES,
        maxDepth: 4,
        room: new PresenceRoom(),
        send: ({ bytes }) => {
          for (const receive of node.audience.values()) receive(bytes);
        },
        publish: (update) => {
          for (const other of this.nodes) if (other !== node && node.alive) this.carry(node, other, update);
        },
      }),
    };
    return node;
  }

  private newPerson(clientId: number): Person {
    const awareness = awarenessOf(null, clientId);
    const { clock } = this;
    const send = (update: Uint8Array) => {
      if (person.at?.node.alive) person.at.node.table.receive(person.at.session, update);
    };
    const sync = this.stock ? new StockClient(awareness, send) : new PresenceSync(awareness, { clock, send });
    const person: Person = { awareness, sync, at: undefined, state: null };
    this.show(person, { at: 0 });
    return person;
  }

  private change(person: Person): void {
    this.show(person, this.random() < 0.1 ? null : { at: Math.floor(this.random() * 1e6) });
  }

  private show(person: Person, state: State | null): void {
    person.state = state;
    person.awareness.setLocalState(state);
  }

  /** To any node, its own too; the old connection is closed, or noticed to be dead only later. */
  private move(person: Person): void {
    this.goOffline(person);
    if (this.random() < 0.2) this.change(person);
    const node = this.pick(this.nodes);
    const session = new PresenceSession(person.awareness.clientID);
    person.at = { node, session };
    node.audience.set(session, (update) => {
      if (person.at?.session === session) person.sync.received(update);
    });
    person.sync.joined(node.table.everybody());
  }

  private goOffline(person: Person): void {
    const { at } = person;
    if (at === undefined) return;
    person.at = undefined;
    person.sync.left();
    const end = () => {
      at.node.audience.delete(at.session);
      // As `Clients.release`: a session whose place another one has taken tells nobody that it has ended.
      const replaced = [...at.node.audience.keys()].some(({ clientId }) => clientId === at.session.clientId);
      if (at.node.alive && !replaced) at.node.table.remove(at.session);
    };
    if (this.random() < 0.5) end();
    else this.later(between(this.random, 0, HALF_OPEN_MS), end);
  }

  private kill(node: Node): void {
    node.alive = false;
    node.audience.clear();
    this.nodes[this.nodes.indexOf(node)] = this.startNode();
    for (const person of this.people) if (person.at?.node === node) this.goOffline(person);
    for (const other of this.nodes) {
      this.later(between(this.random, NOTICED_MS.least, NOTICED_MS.most), () =>
        other.table.removeNode(node.name),
      );
    }
  }

  private takeForDead(node: Node, by: Node): void {
    if (node !== by) by.table.removeNode(node.name);
  }

  private exchange(): void {
    for (const node of this.nodes) {
      const update = node.table.own();
      for (const other of this.nodes) {
        if (other !== node && update.length > 0) this.carry(node, other, update);
      }
    }
  }

  private carry(from: Node, to: Node, update: Uint8Array): void {
    if (!this.lossless && this.random() < 0.3) return;
    const copies = this.random() < 0.1 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.later(between(this.random, 0, LATEST_MS), () => {
        if (to.alive) to.table.receiveFrom(from.name, update);
      });
    }
  }

  private later(ms: number, run: () => void): void {
    this.clock.schedule(ms, run);
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

function differences(
  viewer: string,
  shown: ReadonlyMap<number, string>,
  seen: ReadonlyMap<number, unknown>,
): string[] {
  const wrong: string[] = [];
  for (const clientId of new Set([...shown.keys(), ...seen.keys()])) {
    const is = shown.get(clientId);
    const state = seen.get(clientId);
    const has = state === undefined ? undefined : JSON.stringify(state);
    if (is !== has) wrong.push(`${viewer} has of ${clientId} ${has}, which shows ${is}`);
  }
  return wrong;
}
