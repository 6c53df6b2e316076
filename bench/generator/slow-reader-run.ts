import { readTcpEnd } from '../os/tcp.js';
import { readMemory } from '../os/usage.js';
import type { RunContext } from '../scenarios/scenario.js';
import { differs, textOf } from './convergence.js';
import { drain } from './drain.js';
import { replacement } from './edits.js';
import { Fleet, type Member } from './fleet.js';
import { freshText } from './fresh-text.js';
import { Progress, windowQuantiles } from './progress.js';
import { Schedule } from './schedule.js';
import { copied } from './text-check.js';
import { Typing } from './typing.js';
import { sleep } from './waiting.js';

export interface SlowReaderOptions {
  readonly clients: number;
  /** Of them. */
  readonly typists: number;
  /** Edits a second of each, and characters of an edit. */
  readonly rate: number;
  readonly length: number;
  /** How long everybody reads, before and while it is measured, and how long all but one. */
  readonly warmUpMs: number;
  readonly calmMs: number;
  readonly pausedMs: number;
}

/** What one client that reads nothing does to the others. Times in milliseconds, memory in bytes. */
export type SlowReaderFigures = Awaited<ReturnType<SlowReaderRun['run']>>;

const DOCUMENT = 'slow';
const LEAD_MS = 100;
const LOOK_EVERY_MS = 200;
/** How long the slow client may take for what it missed, once it reads again. */
const RECOVERY_MS = 10_000;
const FRESH_PATIENCE_MS = 5_000;

/** Many type, and one client, which does not, stops reading. */
export class SlowReaderRun {
  private readonly fleet: Fleet;
  private readonly slow: number;
  /** What the slow client got, and one that reads. */
  private readonly streams: { slow: Uint8Array[]; other: Uint8Array[] } = { slow: [], other: [] };
  private progress: Progress | undefined;
  /** How often the slow client was let in. */
  private joins = 0;
  /** All that was typed. */
  private readonly sent: Uint8Array[] = [];

  constructor(
    private readonly context: RunContext,
    private readonly options: SlowReaderOptions,
  ) {
    this.slow = options.clients - 1;
    const keep = (number: number, updates: readonly Uint8Array[]): void => {
      if (number === this.slow) this.streams.slow.push(...updates);
      else if (number === this.slow - 1) this.streams.other.push(...updates);
    };
    this.fleet = new Fleet({
      addresses: context.process.addresses,
      protocol: context.server.protocol,
      events: {
        joined: ({ number }, content) => {
          if (number === this.slow) this.joins++;
          keep(number, content.map(copied));
        },
        updates: ({ number }, { updates, runs }) => {
          keep(number, updates);
          if (number !== this.slow) this.see(number, runs);
        },
      },
    });
  }

  /** @throws Error if clients do not get in, or the server ends */
  async run() {
    try {
      return await this.measure();
    } finally {
      await this.fleet.close();
    }
  }

  private async measure() {
    const { process: server, random } = this.context;
    const { clients, typists, rate, length, warmUpMs, calmMs, pausedMs } = this.options;
    const members = await this.fleet.open(
      Array.from({ length: clients }, (_, number) => ({ number, document: DOCUMENT })),
    );
    const startsAt = performance.now() + LEAD_MS;
    const calm = { from: startsAt + warmUpMs, to: startsAt + warmUpMs + calmMs };
    const paused = { from: calm.to, to: calm.to + pausedMs };
    const schedule = new Schedule({
      typists: members.slice(0, typists).map(({ number }) => number),
      rate,
      startsAt,
      random,
    });
    const progress = new Progress({
      clients,
      due: (sender, index) => schedule.due(sender, index),
      // All but the one that types and the slow one.
      receiversOf: () => clients - 2,
      windows: [calm, paused],
    });
    this.progress = progress;
    const typing = new Typing({
      schedule,
      endsAt: paused.to,
      activity: () => this.fleet.activity,
      send: (number, index) => {
        const member = members[number];
        if (member?.state !== 'joined') return;
        progress.noteSent(number, index);
        const update = replacement(member.clientId, index, length);
        this.sent.push(update);
        member.sendUpdate(update, index);
      },
    });
    const typed = typing.run();
    const slow = members[this.slow];
    if (slow === undefined) throw new Error('the slow client is not there');
    await sleep(paused.from - performance.now());
    const before = readMemory(server.pid).resident;
    slow.socket.pause();
    const watched = await this.watchPause(slow, paused);
    await typed;
    const drained = await drain(progress, server);
    const joinsBefore = this.joins;
    slow.socket.resume();
    const recovery = await this.recover(slow);
    const [calmFigures, pausedFigures] = progress.windows.map(windowQuantiles);
    return {
      clients,
      typists,
      sentToEach: this.sent.reduce((sum, update) => sum + update.length, 0),
      latencyCalmMs: calmFigures ?? null,
      latencyPausedMs: pausedFigures ?? null,
      missing: progress.missing,
      drained,
      residentBefore: before,
      ...watched,
      residentAfter: readMemory(server.pid).resident,
      resynced: this.joins > joinsBefore,
      ...recovery,
      failures: Object.fromEntries(this.fleet.failures),
    };
  }

  private see(number: number, runs: readonly number[]): void {
    const now = performance.now();
    for (let at = 0; at < runs.length; at += 3) {
      const end = (runs[at + 1] ?? 0) + (runs[at + 2] ?? 0);
      this.progress?.noteSeen(number, runs[at] ?? -1, Math.floor(end / this.options.length), now);
    }
  }

  /** Looks at the server and at its end of the slow connection while nobody reads there. */
  private async watchPause(slow: Member, { from, to }: { readonly from: number; readonly to: number }) {
    const { process: server } = this.context;
    const ports = [server.address.port, slow.socket.localPort] as const;
    let residentPeak = 0;
    let kernelPeak = 0;
    let closedAfterMs: number | null = null;
    while (performance.now() < to) {
      await sleep(LOOK_EVERY_MS);
      residentPeak = Math.max(residentPeak, readMemory(server.pid).resident);
      const end = readTcpEnd(...ports);
      kernelPeak = Math.max(kernelPeak, end?.unsent ?? 0);
      if (end?.established !== true) closedAfterMs ??= performance.now() - from;
    }
    return { residentPeak, kernelPeak, closedAfterMs };
  }

  /** How the slow client gets the text, now that it reads again. */
  private async recover(slow: Member) {
    const expected = textOf(this.sent).text;
    const { slow: updates, other } = this.streams;
    const startedAt = performance.now();
    let looked = -1;
    let wrong: string | undefined = 'it got nothing';
    while (wrong !== undefined && slow.state === 'joined' && performance.now() - startedAt < RECOVERY_MS) {
      const before = updates.length;
      await sleep(LOOK_EVERY_MS);
      // A look takes long: only when nothing more comes.
      if (updates.length !== before || updates.length === looked) continue;
      looked = updates.length;
      wrong = differs({ name: 'the slow client', updates }, expected);
    }
    const recoveredMs = wrong === undefined ? performance.now() - startedAt : null;
    return {
      recoveredMs,
      stayed: slow.state === 'joined',
      slowText: wrong ?? null,
      afterReconnect: recoveredMs === null ? await this.reconnect(expected) : null,
      othersText: differs({ name: 'another client', updates: other }, expected) ?? null,
    };
  }

  /** Whether the text is there when the client connects again, with nothing. */
  private async reconnect(expected: string): Promise<boolean> {
    const { server } = this.context;
    if (server.protocol.relay === true) return false;
    const seat = { number: this.options.clients, document: DOCUMENT };
    return (await freshText(this.context, seat, expected, FRESH_PATIENCE_MS)) === expected;
  }
}
