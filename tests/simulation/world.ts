import * as Y from 'yjs';
import type { DocumentServices } from '../../server/documents/services.js';
import { CoscribeError } from '../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { seededRandom } from '../support/seeds.js';
import { changeAccessSoon, endChanges } from './access-changes.js';
import { chooseAccess } from './access-profile.js';
import { Dice } from './dice.js';
import { Directory } from './directory.js';
import { Disk } from './disk.js';
import { BREAK } from './faults.js';
import { Ledger } from './ledger.js';
import type { Person } from './person.js';
import { chooseProfile, type Fault, type Profile } from './profile.js';
import type { Witness } from './server-socket.js';
import { BusNetwork } from './simulated-bus.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedServer } from './simulated-server.js';
import { Timeline } from './timeline.js';
import { Trace } from './trace.js';
import { Weather } from './weather.js';
import { BLIND, DiskWitness } from './witness.js';

export interface WorldOptions {
  /** What kind of a world it is to be, where that is not left to chance. */
  readonly profile?: Partial<Profile>;
  /** `false`: a node works with a document before it is sure to hear of it. */
  readonly confirmsSubscriptions?: boolean;
  /** The order of commit, answer and broadcast; the real one by default. */
  readonly createLog?: DocumentServices['createLog'];
  /** `false`: only the outcome is looked at, not whether each message was true when it was sent. */
  readonly watched?: boolean;
}

/** Makes another seed of a seed. */
const ACCESS_SEED = 0x5eed_acce;

/** Somebody who opens the page. */
interface Newcomer {
  /** What the page had kept of its documents; a new page has nothing. */
  readonly copies?: ReadonlyMap<DocumentId, Uint8Array>;
  /** Connects to this one, past the load balancer. */
  readonly node?: SimulatedServer;
  /** `false`: has all documents open, and does nothing. */
  readonly works?: boolean;
  /** Who it is, if not somebody new. */
  readonly person?: Person;
}

/** One simulation: clients, nodes, a disk and networks in one process, and chance from one seed. */
export class World {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly profile: Profile;
  readonly disk = new Disk();
  readonly weather = new Weather(() => this.timeline.now);
  /** Who may do what; absent where nobody is asked. */
  readonly directory: Directory | undefined;
  readonly bus: BusNetwork;
  readonly nodes: readonly SimulatedServer[];
  readonly confirmsSubscriptions: boolean;
  readonly witness: Witness;
  readonly clients: SimulatedClient[] = [];
  readonly documents: readonly DocumentId[];
  readonly #ledgers = new Map<DocumentId, Ledger>();
  /** Nothing has broken for a while, so that nobody comes or goes without a reason. */
  calm = false;
  #named = 0;
  #breaking = true;
  /** An error in a callback has nobody above it who would pass it on. */
  #failure: unknown;

  constructor(seed: number, options: WorldOptions = {}) {
    this.dice = new Dice(seededRandom(seed));
    // With chance of its own: the other worlds are what they were before there was such a thing.
    const access = chooseAccess(new Dice(seededRandom(seed ^ ACCESS_SEED)));
    this.profile = { ...chooseProfile(this.dice), access, ...options.profile };
    this.timeline = new Timeline(this.profile.turnLasts);
    this.trace = new Trace(this.timeline);
    this.documents = Array.from({ length: this.profile.documents }, (_, n) => parseDocumentId(`sim/doc${n}`));
    this.witness =
      options.watched === false ? BLIND : new DiskWitness(this.disk, (error) => this.fail(error));
    if (this.profile.access !== undefined) this.directory = new Directory(this, this.profile.access);
    this.confirmsSubscriptions = options.confirmsSubscriptions ?? true;
    this.bus = new BusNetwork(this);
    this.nodes = Array.from(
      { length: this.profile.nodes },
      (_, n) => new SimulatedServer(this, `node ${n + 1}`, options.createLog),
    );
  }

  get breaking(): boolean {
    return this.#breaking;
  }

  /** Where the load balancer sends somebody who connects now; `undefined` if it knows of no node that is up. */
  balance(): SimulatedServer | undefined {
    const seemUp = this.nodes.filter(({ seemsUp }) => seemsUp);
    return seemUp.length === 0 ? undefined : this.dice.pick(seemUp);
  }

  /** Everything starts, people come and things break. */
  begin(): void {
    this.trace.note(JSON.stringify(this.profile));
    const { directory, disk, timeline } = this;
    if (directory !== undefined) {
      for (const id of this.documents) void disk.store.create(id, timeline.wall);
      changeAccessSoon(this, directory);
    }
    for (const node of this.nodes) node.start();
    for (let n = 0; n < this.profile.clients; n++) this.addClient();
    this.#breakSoon();
  }

  ledger(id: DocumentId): Ledger {
    let ledger = this.#ledgers.get(id);
    if (ledger === undefined) {
      ledger = new Ledger();
      this.#ledgers.set(id, ledger);
    }
    return ledger;
  }

  /** Somebody opens the page; some bring a text along that the server has not seen. */
  addClient({ copies, node, works = true, person }: Newcomer = {}): SimulatedClient {
    const { dice, directory } = this;
    const name = `client ${++this.#named}`;
    this.trace.note(`${name} comes`);
    const kept = copies && [...copies.keys()];
    const documents = kept ?? (works ? this.#someDocuments() : this.documents);
    const prefill = (id: DocumentId, doc: Y.Doc): void => {
      const copy = copies?.get(id);
      if (copy !== undefined) Y.applyUpdate(doc, copy);
      if (!works || copy !== undefined) return;
      if (dice.chance(0.1)) doc.getText(DEFAULT_TEXT).insert(0, 'brought along ');
      if (dice.chance(0.05)) Y.applyUpdate(doc, this.#foreignText(id));
    };
    const client = new SimulatedClient(this, name, documents, {
      prefill,
      ...(node && { node }),
      person: person ?? directory?.newPerson({ owner: !works }),
    });
    this.clients.push(client);
    if (works) this.#workSoon(client);
    return client;
  }

  /** Whether the network does this to a message. */
  loses(fault: Fault, probability: number): boolean {
    return this.#breaking && this.profile.faults.includes(fault) && this.dice.chance(probability);
  }

  clientError(name: string, code: string | undefined): void {
    if (this.witness === BLIND) return;
    const { ambiguous } = this.profile;
    const honest = code !== 'bad-request' && (code !== 'internal' || ambiguous || this.#mayAnswerLate);
    if (!honest) this.fail(new Error(`${name} met the error ${code}`));
  }

  /** After a standstill a directory's answer, and the end of the time for it, are there at once. */
  get #mayAnswerLate(): boolean {
    return this.directory !== undefined && this.profile.faults.includes('freeze');
  }

  serverError(error: unknown, message: string): void {
    const late = message === 'the authenticator failed' && this.#mayAnswerLate;
    const known =
      late || this.witness === BLIND || this.profile.ambiguous || message.startsWith('cannot save');
    // A node that was away for long finds that others have trimmed the log.
    const code = error instanceof CoscribeError ? error.code : undefined;
    if (this.profile.nodes > 1 && code === 'document-reloading') return;
    // It was deleted on another node.
    if (this.documents.some((id) => this.directory?.rights.everDeleted(id)) && code === 'generation-changed')
      return;
    if (!known) this.fail(new Error(`server: ${message}`, { cause: error }));
  }

  /** Somebody who is live is shown that others have left the document. */
  shownAsGone(id: DocumentId, viewer: string, clientIds: readonly number[]): void {
    if (!this.calm) return;
    for (const { desks } of this.clients)
      for (const { doc, name } of desks.filter((desk) => desk.id === id && desk.mayRead))
        if (clientIds.includes(doc.clientID))
          this.fail(new Error(`${viewer} is shown that ${name} has left ${id}`));
  }

  /** A promise is broken; the simulation ends with this. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  #someDocuments(): DocumentId[] {
    const { documents, dice } = this;
    return dice.chance(0.5) ? [...documents] : [dice.pick(documents)];
  }

  /** Content of somebody who is not there. */
  #foreignText(id: DocumentId): Uint8Array {
    const doc = new Y.Doc();
    doc.clientID = this.dice.whole(1, 2 ** 31);
    this.ledger(id).watch(doc);
    doc.getText(DEFAULT_TEXT).insert(0, 'from elsewhere ');
    return Y.encodeStateAsUpdate(doc);
  }

  #workSoon(client: SimulatedClient, left = this.profile.works): void {
    const { dice, timeline, profile } = this;
    if (left === 0) return;
    // In bursts, which together last about as long as things break.
    const pause = dice.chance(0.6)
      ? dice.spread(1, 60)
      : dice.spread(60, (10 * profile.duration) / profile.works);
    timeline.after(pause, () => {
      if (!this.#breaking || client.line.dead) return;
      dice.pick(client.desks).work();
      this.#workSoon(client, left - 1);
    });
  }

  #breakSoon(): void {
    const { dice, timeline, profile } = this;
    const kinds = profile.faults.filter((fault) => fault !== 'lost-frame');
    if (kinds.length === 0) return;
    timeline.after(dice.spread(profile.faultEvery / 4, profile.faultEvery * 2), () => {
      if (!this.#breaking) return;
      const kind = dice.pick(kinds);
      const victim = dice.pick(this.clients);
      this.trace.note(`fault: ${kind} (${victim.name})`);
      BREAK[kind](this, victim);
      this.#breakSoon();
    });
  }

  /** Nothing breaks from now on, and what is broken works again. */
  heal(): void {
    this.trace.note('nothing breaks any more');
    this.#breaking = false;
    this.weather.outage = false;
    if (this.directory !== undefined) endChanges(this, this.directory);
    this.bus.heal();
    for (const node of this.nodes) node.heal();
    for (const { line } of this.clients) line.drain();
    for (const { desks } of this.clients) for (const { provider } of desks) provider.connect();
  }

  /**
   * Lets time pass, up to the time `time` or until `done` says so.
   *
   * @returns whether `done` said so
   * @throws Error if a promise is broken
   */
  async until(time: number, done: () => boolean = () => false): Promise<boolean> {
    const reached = await this.timeline.run(time, () => this.#failure !== undefined || done());
    if (this.#failure !== undefined) throw this.#failure;
    return reached;
  }
}
