import { Meter } from '../os/meter.js';
import type { RunContext } from '../scenarios/scenario.js';
import type { UnderLoad } from '../under-load.js';
import { drain } from './drain.js';
import { Fleet, type Pace, type Seat } from './fleet.js';
import { windowQuantiles } from './progress.js';
import { Recorder } from './recorder.js';
import { Schedule } from './schedule.js';
import { copied, TextCheck } from './text-check.js';
import { Typing } from './typing.js';
import { judge } from './verdict.js';

export interface TypingRunOptions {
  readonly seats: readonly Seat[];
  /** Numbers of the seats that type. */
  readonly typists: readonly number[];
  /** Edits a second of each typist. */
  readonly rate: number;
  /** Numbers of the seats whose whole stream is kept and compared afterwards, as is a fresh client of the same document. */
  readonly checked: readonly number[];
  readonly pace?: Pace;
}

/** Latencies are taken of at most about so many deliveries a second: a histogram takes time, too. */
const MAX_SAMPLES_PER_SECOND = 250_000;
/** Between the last client's entry and the first character, in milliseconds: the server's memory comes to rest. */
const SETTLE_MS = 1_000;
const LOOK_EVERY_MS = 100;
/** A server whose queues have grown so large is stopped before the machine is out of memory, in bytes. */
const MAX_RESIDENT = 6 * 2 ** 30;
const MEGABYTE = 2 ** 20;
/** A server that is not waited for. */
const STOPPED = { running: false, cpuMs: () => 0 };

/** What typing into a server's documents found out. Times in milliseconds, memory in megabytes. */
export type TypingFigures = Awaited<ReturnType<TypingRun['run']>>;

/** Opens the fleet, types by schedule, and finds out what arrived, when, at what cost, and whether all texts are equal. */
export class TypingRun {
  private readonly server: UnderLoad;
  private readonly fleet: Fleet;
  private readonly check: TextCheck;
  private recorder: Recorder | undefined;
  private stopped: string | undefined;

  constructor(
    private readonly context: RunContext,
    private readonly options: TypingRunOptions,
  ) {
    const { protocol } = context.server;
    this.server = context.cluster ?? context.process;
    const { addresses } = this.server;
    this.check = new TextCheck({ ...options, protocol, addresses });
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

  /** @throws Error if clients do not get in, or the server ends */
  async run() {
    const { server } = this;
    try {
      return await this.measure();
    } catch (error) {
      await sleep(LOOK_EVERY_MS);
      throw server.running ? error : new Error(`the server died: ${server.lastWords()}`);
    } finally {
      await this.fleet.close();
    }
  }

  private async measure() {
    const { server } = this;
    const { seats, typists, pace } = this.options;
    const before = server.memory();
    const openedAt = performance.now();
    const members = await this.fleet.open(seats, pace);
    const openMs = performance.now() - openedAt;
    const byNumber = new Map(members.map((member) => [member.number, member]));
    await sleep(SETTLE_MS);
    const opened = server.memory();

    const { schedule, window, recorder } = this.plan();
    const typing = new Typing({
      schedule,
      endsAt: window.to,
      activity: () => this.fleet.activity,
      send: (typist, clock, due, now) => {
        const member = byNumber.get(typist);
        if (member?.state !== 'joined') return;
        recorder.noteSent(typist, clock, due, now);
        member.type(clock);
      },
    });
    const typed = typing.run();
    const { start, usage, end } = await this.watchWindow(window, typing).catch((error: unknown) => {
      typing.stop();
      throw error;
    });
    await typed;

    const drained = await drain(recorder, this.stopped === undefined ? server : STOPPED);
    const undelivered = recorder.missing;
    const afterwards = server.memory();
    const problems =
      drained === 'behind' ? undefined : await this.check.problems((typist) => recorder.typedBy(typist));
    const connected = this.fleet.joined;
    const failures = Object.fromEntries(this.fleet.failures);

    const { wallMs, serverNs, partsNs, serverShare, others } = usage;
    const spunShare = (end.spunMs - start.spunMs) / wallMs;
    const slip = recorder.slip.quantiles();
    const generatorShare = Math.max(0, usage.generatorShare - spunShare);
    const loads = { serverShare, generatorShare, slipP99: slip.p99, ...(others && { others }) };
    const { expectedInWindow, deliveredInWindow, sentInWindow, acksInWindow } = recorder;
    const deliveries = end.delivered - start.delivered;
    const arrived = expectedInWindow === 0 ? 1 : deliveredInWindow / expectedInWindow;
    return {
      clients: seats.length,
      typists: typists.length,
      documents: new Set(seats.map(({ document }) => document)).size,
      openMs,
      windowMs: wallMs,
      sentPerSecond: (sentInWindow / wallMs) * 1000,
      expectedPerSecond: (expectedInWindow / wallMs) * 1000,
      deliveredPerSecond: (deliveries / wallMs) * 1000,
      /** Share of what was typed in the window that has come by the end. */
      arrived,
      latencyMs: recorder.latency.quantiles(arrived),
      /** To clients at the typist's own node, and to those at other nodes; `null` if there were none. */
      nearMs: recorder.near.expected === 0 ? null : windowQuantiles(recorder.near),
      farMs: recorder.far.expected === 0 ? null : windowQuantiles(recorder.far),
      ackMs: this.context.server.protocol.acknowledges
        ? recorder.ackLatency.quantiles(sentInWindow === 0 ? 1 : acksInWindow / sentInWindow)
        : null,
      sent: recorder.sent,
      acks: recorder.acks,
      expected: recorder.expected,
      delivered: recorder.delivered,
      /** `null` if the server was still sending when the run gave up: nobody knows. */
      lost: drained === 'behind' ? null : undelivered,
      undelivered,
      drained,
      duplicates: recorder.duplicates,
      outOfTurn: recorder.outOfTurn,
      foreign: recorder.foreign,
      connected,
      failures,
      serverCpuShare: serverShare,
      serverUsPerDelivery: deliveries === 0 ? null : serverNs / 1000 / deliveries,
      /** Of each part: of the server, or of its nodes and of what they share. */
      partsUsPerDelivery: Object.fromEntries(
        Object.entries(partsNs).map(([part, ns]) => [part, deliveries === 0 ? null : ns / 1000 / deliveries]),
      ),
      rssMb: {
        before: before.resident / MEGABYTE,
        opened: opened.resident / MEGABYTE,
        end: afterwards.resident / MEGABYTE,
        peak: afterwards.peak / MEGABYTE,
      },
      generator: {
        cpuShare: generatorShare,
        spunShare,
        slipMs: slip,
        messagesPerSecond: ((end.activity - start.activity) / wallMs) * 1000,
        megabytesPerSecond: ((end.bytes - start.bytes) / MEGABYTE / wallMs) * 1000,
        messagesTakenApart: this.fleet.seen.decoded,
        latencyAtOneClientOf: recorder.sampleEvery,
      },
      ...judge(loads),
      /** `null` if it was not looked at, because the server was still behind. */
      converged: problems === undefined ? null : problems.length === 0,
      problems: problems ?? [],
      stopped: this.stopped ?? null,
    };
  }

  private plan() {
    const { choices, random } = this.context;
    const { seats, typists, rate } = this.options;
    const startsAt = performance.now() + LOOK_EVERY_MS;
    const from = startsAt + choices.warmUpMs;
    const window = { from, to: from + choices.measureMs };
    const schedule = new Schedule({ typists, rate, startsAt, random });
    const audience = new Map<string, number>();
    for (const { document } of seats) audience.set(document, (audience.get(document) ?? 0) + 1);
    const byNumber = new Map(seats.map((seat) => [seat.number, seat]));
    const others = typists.map((typist) => (audience.get(byNumber.get(typist)?.document ?? '') ?? 1) - 1);
    const deliveries = rate * others.reduce((sum, count) => sum + count, 0);
    const sampleEvery = Math.max(1, Math.ceil(deliveries / MAX_SAMPLES_PER_SECOND));
    const recorder = new Recorder({ seats, typists, schedule, window, sampleEvery });
    this.recorder = recorder;
    return { schedule, window, recorder };
  }

  private async watchWindow({ from, to }: { from: number; to: number }, typing: Typing) {
    await this.watch(from, typing);
    const start = this.reading(typing);
    const meter = new Meter(() => this.server.parts(), this.context.cores);
    await this.watch(to, typing);
    return { start, usage: meter.read(), end: this.reading(typing) };
  }

  /** Waits until then, and stops the typing if the server grows without bound. @throws Error if it is gone */
  private async watch(until: number, typing: Typing): Promise<void> {
    const { server } = this;
    for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
      await sleep(Math.min(left, LOOK_EVERY_MS));
      if (this.stopped === undefined && server.memory().resident > MAX_RESIDENT) {
        typing.stop();
        this.stopped = `the server had taken ${MAX_RESIDENT / 2 ** 30} GB of memory`;
      }
    }
  }

  private reading(typing: Typing) {
    return {
      spunMs: typing.spunMs,
      delivered: this.recorder?.delivered ?? 0,
      activity: this.fleet.activity,
      bytes: this.fleet.members.reduce((sum, { socket }) => sum + socket.bytesRead, 0),
    };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
