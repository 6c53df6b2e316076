import { Dice } from '../../dice.js';
import { type AssaultCounts, assault, type Role } from './assault.js';
import { FuzzServer } from './fuzz-server.js';
import { checkUsable, Neighbours } from './neighbours.js';
import type { Cost } from './probe.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly messages: number;
  readonly signal?: AbortSignal;
  /** So many messages are measured, looked at, and, if they took too long, repeated together; 5,000 unless given. */
  readonly perPart?: number;
  /** Called after each part. */
  onPart?(report: FuzzReport): void;
  /** What the server gets in its environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface FuzzReport extends AssaultCounts {
  readonly seed: number;
  readonly seconds: number;
  /** Edits of honest people in the same document, confirmed meanwhile. */
  readonly honestEdits: number;
  /** Longest turn of the server's event loop in milliseconds of processor time: of each part, its cheapest attempt. */
  readonly longestTurnMs: number;
  /** Parts that took a turn above the bound in an attempt, but not in each. */
  readonly repeated: number;
  /** What the server's main thread has kept in memory since it was warm, in MiB. */
  readonly grownMb: number;
  readonly residentMb: number;
  readonly problems: readonly string[];
}

const PER_PART = 5_000;
/** What nobody may cost the others. */
const MAX_TURN_MS = 50;
const MAX_GROWTH_MB = 32;
/** What costs too much costs it each time; a first run compiles code, and any may meet a collection of garbage. */
const ATTEMPTS = 3;
/** Code is compiled and caches are filled by then. */
const WARM_AFTER_PARTS = 3;
const MOST_TOLD = 20;
const NO_COST: Cost = { turnMs: 0, heapMb: 0, residentMb: 0 };
/** Attackers in a document of their own, which they may change, and in that of honest people, which they may only read. */
const OWNERS = 6;
const VIEWERS = 2;

/** Fuzzes a server of its own until so many messages are read or something is wrong. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const server = new FuzzServer(options.env);
  try {
    await server.start();
    return await new FuzzRun(server, options).run();
  } finally {
    await server.remove();
  }
}

class FuzzRun {
  private readonly began = performance.now();
  private readonly counts = { messages: 0, connections: 0, requests: 0 };
  private readonly problems: string[] = [];
  private longestTurnMs = 0;
  private repeated = 0;
  private parts = 0;
  private warmMb = 0;
  private keptMb = 0;
  private neighbours: Neighbours | undefined;

  constructor(
    private readonly server: FuzzServer,
    private readonly options: FuzzOptions,
  ) {}

  async run(): Promise<FuzzReport> {
    const { server, options } = this;
    const honest = await server.create();
    const viewer = await server.viewer(honest);
    const neighbours = new Neighbours(server.node.url, honest, new Dice(options.seed));
    this.neighbours = neighbours;
    try {
      await neighbours.start();
      while (this.goesOn) {
        await this.part(options.seed + this.parts++, viewer);
        options.onPart?.(this.report);
      }
      if (this.problems.length === 0) this.problems.push(...(await neighbours.check()));
      if (this.problems.length === 0) await this.reopen(neighbours);
    } finally {
      neighbours.leave();
    }
    return this.report;
  }

  private get goesOn(): boolean {
    const { messages, requests } = this.counts;
    const stopped = this.options.signal?.aborted === true || this.problems.length > 0;
    return !stopped && messages + requests < this.options.messages;
  }

  private async part(seed: number, viewer: Role): Promise<void> {
    let cheapest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < ATTEMPTS && cheapest > MAX_TURN_MS; attempt++) {
      if (attempt > 0) this.repeated++;
      const { turnMs } = await this.attempt(seed, viewer);
      cheapest = Math.min(cheapest, turnMs);
      if (this.problems.length > 0) return;
    }
    this.longestTurnMs = Math.max(this.longestTurnMs, cheapest);
    if (cheapest > MAX_TURN_MS) this.complain(seed, [`a turn of ${Math.round(cheapest)} ms`]);
    await this.weigh(seed);
  }

  private async attempt(seed: number, viewer: Role): Promise<Cost> {
    const { server, counts } = this;
    const { measuring, port } = server;
    const { perPart: messages = PER_PART } = this.options;
    const owner = await server.create();
    const roles = [
      ...Array.from({ length: OWNERS }, () => owner),
      ...Array.from({ length: VIEWERS }, () => viewer),
    ];
    await measuring.start();
    const part = await assault({ port, seed, roles, messages });
    const cost = server.node.running ? await measuring.stop() : NO_COST;
    counts.messages += part.messages;
    counts.connections += part.connections;
    counts.requests += part.requests;
    if (part.messages + part.requests < messages) this.complain(seed, ['nobody is let in any more']);
    this.complain(seed, [...server.complaints(), ...(this.neighbours?.mishaps.splice(0) ?? [])]);
    if (this.problems.length === 0) this.complain(seed, await checkUsable(server.node.url, owner));
    return cost;
  }

  /** Garbage aside, nothing may be left of what is over. */
  private async weigh(seed: number): Promise<void> {
    this.keptMb = await this.server.measuring.keptMb();
    if (this.parts <= WARM_AFTER_PARTS) this.warmMb = this.keptMb;
    const grown = this.keptMb - this.warmMb;
    if (grown > MAX_GROWTH_MB) this.complain(seed, [`${Math.round(grown)} MiB are kept`]);
  }

  /** What was confirmed is there, and can be worked on, when the server has been stopped and started again. */
  private async reopen(neighbours: Neighbours): Promise<void> {
    const { server } = this;
    neighbours.expectInterruption();
    const { code } = await server.node.stop();
    if (code !== 0) this.problems.push(`the server ended with ${code}`);
    await server.start();
    neighbours.goOn();
    await neighbours.waitForMore();
    this.problems.push(...(await neighbours.check()), ...server.complaints());
  }

  private complain(seed: number, problems: readonly string[]): void {
    this.problems.push(
      ...problems.slice(0, MOST_TOLD).map((problem) => `part with seed ${seed}: ${problem}`),
    );
  }

  private get report(): FuzzReport {
    return {
      ...this.counts,
      seed: this.options.seed,
      seconds: (performance.now() - this.began) / 1000,
      honestEdits: this.neighbours?.acked ?? 0,
      longestTurnMs: this.longestTurnMs,
      repeated: this.repeated,
      grownMb: this.keptMb - this.warmMb,
      residentMb: this.server.residentMb,
      problems: this.problems,
    };
  }
}

/** The report in a line. */
export function fuzzLine(report: FuzzReport): string {
  const { messages, requests, connections, seconds, honestEdits, longestTurnMs, grownMb, residentMb } =
    report;
  const count = messages + requests;
  return [
    `${count} messages read, ${requests} of them requests, over ${connections} connections`,
    `${Math.round(count / seconds)} a second`,
    `${honestEdits} honest edits`,
    `longest turn ${longestTurnMs.toFixed(1)} ms, ${report.repeated} parts repeated`,
    `${grownMb.toFixed(1)} MiB kept, ${Math.round(residentMb)} MiB resident`,
  ].join('; ');
}
