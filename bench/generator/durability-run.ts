import { Durations } from '../../load/histogram.js';
import type { RunContext } from '../scenarios/scenario.js';
import { expectedText } from './convergence.js';
import { FIRST_CLIENT_ID } from './edits.js';
import { Fleet, type Member } from './fleet.js';
import { freshText } from './fresh-text.js';
import { sleep, until } from './waiting.js';

export interface DurabilityOptions {
  /** Edits on an idle server, and how far apart. */
  readonly edits: number;
  readonly intervalMs: number;
  /** Edits before each kill. */
  readonly burst: number;
  readonly kills: number;
}

/** What acknowledgements cost and are worth. Times in milliseconds. */
export type DurabilityFigures = Awaited<ReturnType<typeof measureDurability>>;

const TIMEOUT_MS = 15_000;
/** How long a fresh client's text may take to be whole before what is missing counts as lost. */
const LOST_AFTER_MS = 2_000;
const WRITER = 0;
const READER = 1;
const FRESH = 2;

/** @throws Error if clients do not get in, or nothing comes */
export async function measureDurability(context: RunContext, options: DurabilityOptions) {
  const { durable, acknowledges = null } = context.server;
  const calm = await typeCalmly(context, options);
  const told: number[] = [];
  const lost: number[] = [];
  for (let kill = 0; durable && kill < options.kills; kill++) {
    const outcome = await killAfterBurst(context, `burst-${kill}`, options.burst);
    told.push(outcome.told);
    lost.push(outcome.lost);
  }
  return { acknowledges, ...calm, told, lost: durable ? lost : null };
}

/** One edit after the other, with nothing else to do. */
async function typeCalmly(context: RunContext, { edits, intervalMs }: DurabilityOptions) {
  const pair = new Pair(context, 'calm');
  try {
    const writer = await pair.open();
    for (let clock = 0; clock < edits; clock++) {
      pair.sentAt.push(performance.now());
      writer.type(clock);
      await sleep(intervalMs);
    }
    await until(() => pair.shown === edits, 'the last edit', TIMEOUT_MS);
    const { acknowledges } = context.server.protocol;
    if (acknowledges) await until(() => pair.acked === edits, 'the last acknowledgement', TIMEOUT_MS);
    return {
      ackMs: acknowledges ? pair.ackMs.quantiles() : null,
      shownMs: pair.shownMs.quantiles(),
    };
  } finally {
    await pair.close();
  }
}

/** @returns how many edits the clients were told of, and how many of those are gone */
async function killAfterBurst(context: RunContext, document: string, burst: number) {
  const { server, process } = context;
  const pair = new Pair(context, document);
  let told = 0;
  try {
    const writer = await pair.open();
    for (let clock = 0; clock < burst; clock++) {
      pair.sentAt.push(performance.now());
      writer.type(clock);
    }
    const toldNow = (): number => (server.protocol.acknowledges ? pair.acked : pair.shown);
    await until(() => toldNow() === burst, 'what tells that the edits are taken', TIMEOUT_MS);
    told = toldNow();
    await process.kill();
  } finally {
    await pair.close();
  }
  await process.start();
  const expected = expectedText([{ clientId: FIRST_CLIENT_ID + WRITER, count: told }]);
  const text = await freshText(context, { number: FRESH, document }, expected, LOST_AFTER_MS);
  return { told, lost: Math.max(0, told - text.length) };
}

/** A client that types and one that reads, in one document. */
class Pair {
  /** By clock of the edit, by `performance.now()`. */
  readonly sentAt: number[] = [];
  readonly ackMs = new Durations();
  readonly shownMs = new Durations();
  acked = 0;
  shown = 0;
  private readonly fleet: Fleet;

  constructor(
    { server, process }: RunContext,
    private readonly document: string,
  ) {
    this.fleet = new Fleet({
      addresses: process.addresses,
      protocol: server.protocol,
      events: {
        acked: (_member, clock) => {
          this.acked++;
          this.ackMs.add(this.since(clock));
        },
        updates: ({ number }, { runs }) => {
          if (number === READER) this.show(runs);
        },
      },
    });
  }

  /** @returns the one that types. @throws Error if they do not get in */
  async open(): Promise<Member> {
    const { document } = this;
    const [writer] = await this.fleet.open([WRITER, READER].map((number) => ({ number, document })));
    if (writer === undefined) throw new Error('nobody got in');
    return writer;
  }

  close(): Promise<void> {
    return this.fleet.close();
  }

  private show(runs: readonly number[]): void {
    for (let at = 0; at < runs.length; at += 3) {
      // Those of one client come in order, so what is new is what lies beyond.
      const end = (runs[at + 1] ?? 0) + (runs[at + 2] ?? 0);
      for (; this.shown < end; this.shown++) this.shownMs.add(this.since(this.shown));
    }
  }

  private since(clock: number): number {
    return performance.now() - (this.sentAt[clock] ?? Number.NaN);
  }
}
