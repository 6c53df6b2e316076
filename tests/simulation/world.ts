import * as Y from 'yjs';
import type { DocumentServices } from '../../server/documents/services.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { seededRandom } from '../support/seeds.js';
import { Dice } from './dice.js';
import { Disk } from './disk.js';
import { BREAK, NOTICES_WITHIN } from './faults.js';
import { Ledger } from './ledger.js';
import { checkOutcome } from './outcome.js';
import { chooseProfile, type Fault, type Profile } from './profile.js';
import type { Witness } from './server-socket.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedServer } from './simulated-server.js';
import type { StoreWeather } from './store-layer.js';
import { Timeline } from './timeline.js';
import { Trace } from './trace.js';
import { BLIND, DiskWitness } from './witness.js';

/** How long everything may take to be well again once nothing breaks any more, in milliseconds. */
const HEALS_WITHIN = 180_000;
/** What is known to be saved is with everybody after this. */
const ARRIVES_WITHIN = 5_000;

export interface WorldOptions {
  /** The order of commit, answer and broadcast; the real one by default. */
  readonly createLog?: DocumentServices['createLog'];
  /** `false`: only the outcome is looked at, not whether each message was true when it was sent. */
  readonly watched?: boolean;
}

/** One simulation: clients, a server, a disk and a network in one process, and chance from one seed. */
export class World {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly profile: Profile;
  readonly disk = new Disk();
  readonly weather: StoreWeather = { outage: false };
  readonly server: SimulatedServer;
  readonly witness: Witness;
  readonly clients: SimulatedClient[] = [];
  readonly documents: readonly DocumentId[];
  readonly #ledgers = new Map<DocumentId, Ledger>();
  #named = 0;
  #breaking = true;
  /** An error in a callback has nobody above it who would pass it on. */
  #failure: unknown;

  constructor(seed: number, options: WorldOptions = {}) {
    this.dice = new Dice(seededRandom(seed));
    this.profile = chooseProfile(this.dice);
    this.timeline = new Timeline(this.profile.turnLasts);
    this.trace = new Trace(this.timeline);
    this.documents = Array.from({ length: this.profile.documents }, (_, n) => parseDocumentId(`sim/doc${n}`));
    this.witness =
      options.watched === false ? BLIND : new DiskWitness(this.disk, (error) => this.fail(error));
    this.server = new SimulatedServer(this, options.createLog);
  }

  /** @throws Error if a promise is broken */
  async run(): Promise<void> {
    const { timeline, profile } = this;
    this.trace.note(JSON.stringify(profile));
    this.server.start();
    for (let n = 0; n < profile.clients; n++) this.addClient(true);
    this.#breakSoon();
    await this.#until(profile.duration);
    this.#heal();
    await this.#settle('after the last fault');
    const late = this.addClient(false, this.documents);
    await this.#settle('with a late client');
    // Whoever lost the very last frame finds out with the next one.
    for (const desk of late.desks) desk.insert(0, '.');
    await this.#settle('after one more edit');
    await this.#until(timeline.now + NOTICES_WITHIN);
    await checkOutcome(this);
    for (const client of this.clients) client.close();
    await this.#until(timeline.now + 60_000, () => this.server.openCount === 0);
    if (this.server.openCount > 0) throw new Error('a document without sessions was not put away');
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
  addClient(works = true, documents: readonly DocumentId[] = this.#someDocuments()): SimulatedClient {
    const { dice } = this;
    const name = `client ${++this.#named}`;
    this.trace.note(`${name} comes`);
    const client = new SimulatedClient(this, name, documents, (id, doc) => {
      if (!works) return;
      if (dice.chance(0.1)) doc.getText(DEFAULT_TEXT).insert(0, 'brought along ');
      if (dice.chance(0.05)) Y.applyUpdate(doc, this.#foreignText(id));
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
    const honest = code !== 'bad-request' && (code !== 'internal' || this.profile.ambiguous);
    if (!honest) this.fail(new Error(`${name} met the error ${code}`));
  }

  serverError(error: unknown, message: string): void {
    const known = this.witness === BLIND || this.profile.ambiguous || message.startsWith('cannot save');
    if (!known) this.fail(new Error(`server: ${message}`, { cause: error }));
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

  #heal(): void {
    this.trace.note('nothing breaks any more');
    this.#breaking = false;
    this.weather.outage = false;
    this.server.start();
    for (const { desks } of this.clients) for (const { provider } of desks) provider.connect();
  }

  async #settle(when: string): Promise<void> {
    const settled = () => this.clients.every(({ desks }) => desks.every((desk) => desk.settled));
    const healed = await this.#until(this.timeline.now + HEALS_WITHIN, settled);
    if (!healed) {
      const stuck = this.clients.flatMap(({ desks }) => desks.filter((desk) => !desk.settled));
      const states = stuck.map(
        ({ name, id, provider }) =>
          `${name} in ${id} is ${provider.status}, ${provider.unsavedChanges} unsaved`,
      );
      throw new Error(`stuck ${when}: ${states.join('; ')}`);
    }
    await this.#until(this.timeline.now + ARRIVES_WITHIN);
  }

  async #until(time: number, done: () => boolean = () => false): Promise<boolean> {
    const reached = await this.timeline.run(time, () => this.#failure !== undefined || done());
    if (this.#failure !== undefined) throw this.#failure;
    return reached;
  }
}
