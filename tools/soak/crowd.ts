import { CoscribeProvider } from '../../client/provider.js';
import type { Dice } from '../dice.js';
import { Relay } from '../services/relay.js';
import { Ledger } from './ledger.js';
import type { Stage } from './stage.js';
import { type Pace, Typist, USUAL_PACE } from './typist.js';

/** Somebody with a document open. */
export interface Member {
  /** How this client reaches the server, for messages. */
  readonly name: string;
  readonly document: string;
  readonly provider: CoscribeProvider;
  /** Nobody for those who only read. */
  readonly typist: Typist | undefined;
  /** The client's network, if it can be disturbed. */
  readonly line: Relay | undefined;
}

export interface CrowdOptions {
  readonly stage: Stage;
  readonly dice: Dice;
  readonly documents: number;
  readonly pace?: Pace;
  /**
   * So many clients in each document, all through the proxy, one of whom types. If left out: on every node a typist who is
   * connected to it directly, one who comes through the proxy, one who comes through it by polling, and a reader.
   */
  readonly perDocument?: number;
}

/** Clients are told apart by their number, in all crowds of a process: connections are shared by address. */
let clients = 0;

/** An address of its own for each client, so that each has a connection of its own. */
export function addressFor(url: string): string {
  return `${url}/?client=${++clients}`;
}

/** Real clients in this process, which have documents of their own open. */
export class Crowd {
  readonly members: Member[] = [];
  readonly ledgers = new Map<string, Ledger>();
  /** What no client may ever meet in these faults: refusals for good, copies that went wrong. */
  readonly mishaps: string[] = [];
  private readonly byDocument = new Map<string, Member[]>();
  private relays: Relay[] = [];
  private typists = 0;

  private constructor(private readonly options: CrowdOptions) {}

  static async gather(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options);
    const name = options.dice.between(0, 2 ** 31).toString(36);
    for (let number = 1; number <= options.documents; number++) {
      const document = `soak/${name}-${number}`;
      crowd.ledgers.set(document, new Ledger());
      crowd.byDocument.set(document, []);
      if (options.perDocument === undefined) await crowd.fill(document);
      else crowd.fillWith(document, options.perDocument);
    }
    return crowd;
  }

  get documents(): readonly string[] {
    return [...this.ledgers.keys()];
  }

  of(document: string): readonly Member[] {
    return this.byDocument.get(document) ?? [];
  }

  ledger(document: string): Ledger {
    const ledger = this.ledgers.get(document);
    if (ledger === undefined) throw new RangeError(`nobody has ${document} open`);
    return ledger;
  }

  /** Edits that were made and confirmed. */
  get acked(): number {
    return this.members.reduce((sum, { typist }) => sum + (typist?.acked ?? 0), 0);
  }

  type(): void {
    for (const { typist } of this.members) typist?.start();
  }

  pause(): void {
    for (const { typist } of this.members) typist?.pause();
  }

  /** Takes down who of those that come through the proxy is not synced all the time. @returns what ends that */
  watchGlitches(): () => void {
    const ends = this.members
      .filter(({ line }) => line !== undefined)
      .map(({ name, document, provider }) => {
        const look = (): void => {
          if (!provider.synced) this.mishaps.push(`${document}, ${name}: was ${provider.status}`);
        };
        provider.on('change', look);
        return () => provider.off('change', look);
      });
    return () => {
      for (const end of ends) end();
    };
  }

  async leave(): Promise<void> {
    this.pause();
    for (const { provider } of this.members) provider.destroy();
    await Promise.all(this.relays.map((relay) => relay.close()));
  }

  private async fill(document: string): Promise<void> {
    const { stage, dice } = this.options;
    for (const [index, node] of stage.nodes.entries()) {
      this.add({ name: `typist on node ${index + 1}`, document, url: addressFor(node.url) });
    }
    const port = Number(new URL(stage.proxy.url).port);
    for (const upgrades of [true, false]) {
      const line = await Relay.open({ port, upgrades });
      this.relays.push(line);
      const name = `typist through the proxy${upgrades ? '' : ', polling'}`;
      this.add({ name, document, url: line.url, line });
    }
    this.add({ name: 'reader', document, url: addressFor(dice.pick(stage.nodes).url), reads: true });
  }

  private fillWith(document: string, count: number): void {
    const { url } = this.options.stage.proxy;
    for (let number = 1; number <= count; number++) {
      const reads = number > 1;
      this.add({ name: reads ? `reader ${number}` : 'typist', document, url: addressFor(url), reads });
    }
  }

  private add(who: {
    readonly name: string;
    readonly document: string;
    readonly url: string;
    readonly line?: Relay;
    readonly reads?: boolean;
  }): void {
    const { name, document, url, line, reads = false } = who;
    const { dice, pace = USUAL_PACE } = this.options;
    const presence = { name, color: '#336699' };
    const provider = new CoscribeProvider({ url, document, presence });
    const typist = reads ? undefined : new Typist(provider, ++this.typists, dice, pace);
    if (typist) this.ledger(document).add(typist);
    provider.on('rejected', ({ message }) => this.mishaps.push(`${name}: an edit was refused: ${message}`));
    provider.on('diverged', (check) =>
      this.mishaps.push(`${name}: its copy is wrong at ${check?.seq ?? 'its own clocks'}`),
    );
    const member = { name, document, provider, typist, line };
    this.members.push(member);
    this.byDocument.get(document)?.push(member);
  }
}
