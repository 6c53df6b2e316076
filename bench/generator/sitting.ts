import { cpuBetween, readCpu, readMemory } from '../os/usage.js';
import type { RunContext } from '../scenarios/scenario.js';
import { Fleet, type Member, type Pace, type Seat } from './fleet.js';
import { Renewal } from './renewal.js';
import { sleep } from './waiting.js';

const LOOK_EVERY_MS = 50;

/** What a server took while clients did nothing but be there. */
export interface Quiet {
  /** In bytes, at the end. */
  readonly resident: number;
  /** Share of its core. */
  readonly serverShare: number;
}

export interface Entered {
  readonly joined: number;
  /** How long the entering took, in milliseconds. */
  readonly ms: number;
  /** Why it ended early. */
  readonly problem?: string;
}

/** Clients that come in and sit there, as stock clients of the server do. */
export class Sitting {
  private readonly fleet: Fleet;
  private readonly members: Member[] = [];
  private readonly renewal: Renewal;

  constructor(private readonly context: RunContext) {
    const { server, process } = context;
    this.fleet = new Fleet({ addresses: process.addresses, protocol: server.protocol, events: {} });
    this.renewal = new Renewal(server.protocol, this.members);
  }

  /** Clients that are in. */
  get joined(): number {
    return this.fleet.joined;
  }

  /** Why clients are not in, with how many. */
  get failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.fleet.failures);
  }

  /** Brings clients in at a bounded pace. If one fails the others that have begun stay. */
  async enter(seats: readonly Seat[], pace: Pace): Promise<Entered> {
    const startedAt = performance.now();
    const before = this.fleet.joined;
    const first = this.fleet.members.length;
    let problem: string | undefined;
    try {
      await this.fleet.open(seats, pace);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      await sleep(LOOK_EVERY_MS);
    }
    const ms = performance.now() - startedAt;
    this.members.push(...this.fleet.members.slice(first));
    return { joined: this.fleet.joined - before, ms, ...(problem === undefined ? {} : { problem }) };
  }

  /** Each of the clients that came last sends this update. */
  say(update: Uint8Array, count: number): void {
    for (const member of this.members.slice(-count)) member.sendUpdate(update, 0);
  }

  /** @throws Error if the server has ended */
  async quiet(ms: number): Promise<Quiet> {
    const { pid } = this.context.process;
    const before = readCpu(pid);
    const startedAt = performance.now();
    await sleep(ms);
    const used = cpuBetween(before, readCpu(pid)) / 1e6;
    return {
      resident: readMemory(pid).resident,
      serverShare: used / (performance.now() - startedAt),
    };
  }

  async leave(): Promise<void> {
    this.renewal.stop();
    await this.fleet.close();
  }
}
