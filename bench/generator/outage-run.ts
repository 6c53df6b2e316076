import { clusterOf, type RunContext } from '../scenarios/scenario.js';
import type { ServerCluster } from '../server-cluster.js';
import { Fleet, type Seat } from './fleet.js';
import { windowQuantiles } from './progress.js';
import { Recorder } from './recorder.js';
import { Schedule } from './schedule.js';
import { copied, TextCheck } from './text-check.js';
import { Typing } from './typing.js';
import { sleep } from './waiting.js';

export interface OutageOptions {
  /** All of them type. */
  readonly seats: readonly Seat[];
  /** Edits a second of each. */
  readonly rate: number;
  /** Durations in milliseconds: typing before Redis is killed, until it is started again, and how much longer (or, below 0, shorter) they type. */
  readonly beforeMs: number;
  readonly outageMs: number;
  readonly goOnMs: number;
  /** How long after Redis is back everything may take until it has come. */
  readonly patienceMs: number;
}

/** What people noticed of a Redis that was away. Times in milliseconds. */
export type OutageFigures = Awaited<ReturnType<OutageRun['run']>>;

const LOOK_EVERY_MS = 20;
const START_IN_MS = 100;

/** People at several nodes type into one document while Redis is killed and comes back. */
export class OutageRun {
  private readonly cluster: ServerCluster;
  private readonly typists: readonly number[];
  private readonly check: TextCheck;
  private readonly fleet: Fleet;
  private recorder: Recorder | undefined;

  constructor(
    private readonly context: RunContext,
    private readonly options: OutageOptions,
  ) {
    const { protocol } = context.server;
    this.cluster = clusterOf(context);
    const { addresses } = this.cluster;
    this.typists = options.seats.map(({ number }) => number);
    const { seats } = options;
    this.check = new TextCheck({ addresses, protocol, seats, typists: this.typists, checked: this.typists });
    this.fleet = new Fleet({
      addresses,
      protocol,
      events: {
        joined: ({ number }, content) => this.check.take(number, content.map(copied)),
        updates: ({ number }, { runs, updates }) => {
          this.recorder?.noteReceived(number, runs, performance.now());
          this.check.take(number, updates);
        },
        acked: ({ number }, tag) => this.recorder?.noteAcked(number, tag, performance.now()),
      },
    });
  }

  /** @throws Error if clients do not get in */
  async run() {
    try {
      return await this.measure();
    } finally {
      await this.fleet.close();
    }
  }

  private async measure() {
    const { options, cluster, typists } = this;
    const { seats, rate, beforeMs, outageMs, goOnMs, patienceMs } = options;
    const members = await this.fleet.open(seats);
    const startsAt = performance.now() + START_IN_MS;
    const awayAt = startsAt + beforeMs;
    const window = { from: awayAt, to: awayAt + outageMs };
    const schedule = new Schedule({ typists, rate, startsAt, random: this.context.random });
    const recorder = new Recorder({ seats, typists, schedule, window, sampleEvery: 1 });
    this.recorder = recorder;
    const typing = new Typing({
      schedule,
      endsAt: window.to + goOnMs,
      activity: () => this.fleet.activity,
      send: (typist, clock, due, now) => {
        const member = members[typist];
        if (member?.state !== 'joined') return;
        recorder.noteSent(typist, clock, due, now);
        member.type(clock);
      },
    });
    const typed = typing.run();
    try {
      await sleep(awayAt - performance.now());
      await cluster.killRedis();
      await sleep(window.to - performance.now());
      await cluster.startRedis();
    } catch (error) {
      typing.stop();
      throw error;
    }
    const backAt = performance.now();
    const came = this.missedHasCome(recorder, backAt + patienceMs);
    await typed;
    const caughtUpAt = await came;
    await this.everythingHasCome(recorder, backAt + patienceMs);

    const problems = await this.check.problems((typist) => recorder.typedBy(typist));
    const ended = cluster.nodes.filter(({ running }) => !running);
    const { protocol } = this.context.server;
    const { sentInWindow, acksInWindow } = recorder;
    return {
      typists: typists.length,
      outageMs,
      farMs: windowQuantiles(recorder.far),
      nearMs: windowQuantiles(recorder.near),
      ackMs: protocol.acknowledges ? recorder.ackLatency.quantiles(acksInWindow / sentInWindow) : null,
      sent: recorder.sent,
      acks: recorder.acks,
      expected: recorder.expected,
      /** Of what was typed meanwhile, from when Redis answered again; `null`: not in time. */
      caughtUpMs: caughtUpAt === undefined ? null : Math.max(0, caughtUpAt - backAt),
      /** Deliveries that had not come in time. */
      undelivered: recorder.missing,
      duplicates: recorder.duplicates,
      outOfTurn: recorder.outOfTurn,
      foreign: recorder.foreign,
      connected: this.fleet.joined,
      failures: Object.fromEntries(this.fleet.failures),
      nodesEnded: ended.map((node) => node.lastWords()),
      converged: problems.length === 0,
      problems,
    };
  }

  private async missedHasCome(recorder: Recorder, until: number): Promise<number | undefined> {
    while (performance.now() < until) {
      if (recorder.deliveredInWindow === recorder.expectedInWindow) return performance.now();
      await sleep(LOOK_EVERY_MS);
    }
    return undefined;
  }

  private async everythingHasCome(recorder: Recorder, until: number): Promise<void> {
    while (recorder.missing > 0 && performance.now() < until) await sleep(LOOK_EVERY_MS);
  }
}
