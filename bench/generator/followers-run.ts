import { Durations } from '../../load/histogram.js';
import type { Address } from '../../load/wire/websocket-client.js';
import { Meter } from '../os/meter.js';
import type { RunContext } from '../scenarios/scenario.js';
import { drain } from './drain.js';
import { EventStreamClient } from './event-stream.js';
import { Fleet } from './fleet.js';
import { Schedule } from './schedule.js';
import { Typing } from './typing.js';
import { judge } from './verdict.js';
import { sleep } from './waiting.js';

export interface FollowersOptions {
  readonly followers: number;
  readonly typists: number;
  /** Edits a second of each typist. */
  readonly rate: number;
}

/** What following costs, and whoever types beside. Times in milliseconds. */
export type FollowersFigures = Awaited<ReturnType<typeof measureFollowers>>;

const DOCUMENT = 'followed';
const LEAD_MS = 100;
const SETTLE_MS = 1_000;
const OPENED_AT_ONCE = 100;
const OPEN_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 5;
/** Latencies are taken at so many of them, spread over all: a histogram takes time, too. */
const SAMPLED = 250;

/** An event, or several, at one follower: it has everything up to `seq` now. */
interface Arrival {
  readonly before: number;
  readonly seq: number;
  readonly at: number;
}

/** @throws Error if somebody does not get in */
export async function measureFollowers(context: RunContext, { followers, typists, rate }: FollowersOptions) {
  const { process: server, choices, random } = context;
  /** When each row of the log was due, in the log's order: as somebody hears it who types nothing. */
  const dueOf: number[] = [];
  const acks = new Durations();
  let schedule: Schedule | undefined;
  let typedCount = 0;
  let window = { from: Number.POSITIVE_INFINITY, to: 0 };
  const isMeasured = (due: number): boolean => due >= window.from && due < window.to;
  const fleet = new Fleet({
    addresses: server.addresses,
    protocol: context.server.protocol,
    events: {
      updates: ({ number }, { runs }) => {
        if (number !== typists) return;
        for (let at = 0; at < runs.length; at += 3)
          dueOf.push(schedule?.due(runs[at] ?? 0, runs[at + 1] ?? 0) ?? 0);
      },
      acked: ({ number }, clock) => {
        const due = schedule?.due(number, clock) ?? 0;
        if (isMeasured(due)) acks.add(performance.now() - due);
      },
    },
  });
  const audience = new Audience(followers);
  try {
    const seats = Array.from({ length: typists + 1 }, (_, number) => ({ number, document: DOCUMENT }));
    const members = await fleet.open(seats);
    await sleep(SETTLE_MS);
    const before = server.memory().resident;
    const openMs = await audience.open(server.address);
    await sleep(SETTLE_MS);
    const opened = server.memory().resident;

    const startsAt = performance.now() + LEAD_MS;
    const from = startsAt + choices.warmUpMs;
    window = { from, to: from + choices.measureMs };
    const typing = plan(startsAt, window.to);
    const typed = typing.run();
    await sleep(window.from - performance.now());
    const meter = new Meter(() => server.parts(), context.cores);
    const spun = typing.spunMs;
    const start = audience.events;
    await sleep(window.to - performance.now());
    const usage = meter.read();
    const events = audience.events - start;
    const spunShare = (typing.spunMs - spun) / usage.wallMs;
    await typed;
    const deliveries = {
      get delivered() {
        return audience.events + dueOf.length;
      },
      get missing() {
        return typedCount - dueOf.length + audience.behind(dueOf.length);
      },
    };
    const drained = await drain(deliveries, server);
    const { serverShare, others } = usage;
    const generatorShare = Math.max(0, usage.generatorShare - spunShare);
    const latency = new Durations();
    for (const { before: known, seq, at } of audience.arrivals)
      for (const due of dueOf.slice(known, seq)) if (isMeasured(due)) latency.add(at - due);
    return {
      followers,
      typists,
      opensPerSecond: followers === 0 ? null : (1000 * followers) / openMs,
      bytesEach: followers === 0 ? null : (opened - before) / followers,
      residentAfter: server.memory().resident,
      eventsPerSecond: followers === 0 ? null : (1000 * events) / usage.wallMs / followers,
      usPerEvent: events === 0 ? null : usage.serverNs / 1000 / events,
      latencyMs: followers === 0 ? null : latency.quantiles(drained === 'complete' ? 1 : 0),
      ackMs: acks.quantiles(),
      missing: audience.behind(dueOf.length),
      drained,
      failures: { ...Object.fromEntries(fleet.failures), ...audience.failures },
      serverShare,
      generatorShare,
      ...judge({ serverShare, generatorShare, slipP99: null, ...(others && { others }) }),
    };

    function plan(begin: number, end: number): Typing {
      const numbers = members.slice(0, typists).map(({ number }) => number);
      const planned = new Schedule({ typists: numbers, rate, startsAt: begin, random });
      schedule = planned;
      return new Typing({
        schedule: planned,
        endsAt: end,
        activity: () => fleet.activity + audience.events,
        send: (number, clock) => {
          typedCount++;
          members[number]?.type(clock);
        },
      });
    }
  } finally {
    audience.close();
    await fleet.close();
  }
}

/** All followers of a document. */
class Audience {
  /** Events that have come to all of them together, the snapshots included. */
  events = 0;
  /** At those whose latencies are taken. */
  readonly arrivals: Arrival[] = [];
  readonly failures: Record<string, number> = {};
  private readonly clients: EventStreamClient[] = [];
  private readonly seqs: Int32Array;
  private opened = 0;
  private closing = false;

  constructor(private readonly size: number) {
    this.seqs = new Int32Array(size);
  }

  /** How many events are missing at all of them together, at least. */
  behind(seq: number): number {
    return this.seqs.reduce((sum, has) => sum + (has < seq ? 1 : 0), 0);
  }

  /** @returns how long it took, in milliseconds. @throws Error if not everybody gets in */
  async open(address: Address): Promise<number> {
    const path = `/api/documents/default/${DOCUMENT}/events`;
    const every = Math.max(1, Math.floor(this.size / SAMPLED));
    const begun = performance.now();
    while (this.opened < this.size) {
      const allowed = Math.min(this.size, this.opened + OPENED_AT_ONCE);
      for (let number = this.clients.length; number < allowed; number++)
        this.clients.push(this.follow(address, path, number, number % every === 0));
      await sleep(LOOK_EVERY_MS);
      const [problem] = Object.keys(this.failures);
      if (problem !== undefined || performance.now() - begun > OPEN_TIMEOUT_MS)
        throw new Error(`${this.opened} of ${this.size} followers got in: ${problem ?? 'nothing more'}`);
    }
    return performance.now() - begun;
  }

  close(): void {
    this.closing = true;
    for (const client of this.clients) client.close();
  }

  private follow(address: Address, path: string, number: number, isSampled: boolean): EventStreamClient {
    return new EventStreamClient(address, path, {
      opened: () => {
        this.opened++;
      },
      reached: (seq, count) => {
        this.events += count;
        if (isSampled) this.arrivals.push({ before: this.seqs[number] ?? 0, seq, at: performance.now() });
        this.seqs[number] = seq;
      },
      closed: (reason) => {
        if (!this.closing) this.failures[reason] = (this.failures[reason] ?? 0) + 1;
      },
    });
  }
}
