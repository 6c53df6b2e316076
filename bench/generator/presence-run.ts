import { cpuBetween, readCpu } from '../os/usage.js';
import type { RunContext } from '../scenarios/scenario.js';
import { caretUpdate, SeenCarets } from './carets.js';
import { drain } from './drain.js';
import { Fleet } from './fleet.js';
import { Progress, windowQuantiles } from './progress.js';
import { Schedule } from './schedule.js';
import { Typing } from './typing.js';
import { judge } from './verdict.js';
import { sleep } from './waiting.js';

export interface PresenceOptions {
  readonly clients: number;
  /** How often each caret moves in a second. */
  readonly rate: number;
}

/** What moving carets cost. Times in milliseconds. */
export type PresenceFigures = Awaited<ReturnType<typeof measurePresence>>;

const DOCUMENT = 'presence';
const LEAD_MS = 100;
/** Nothing is written to disk and nothing is merged: what is warm after this stays so. */
const MAX_WARM_UP_MS = 5_000;

/** @throws Error if clients do not get in */
export async function measurePresence(context: RunContext, { clients, rate }: PresenceOptions) {
  const { process: server, choices, random } = context;
  const carets = new SeenCarets();
  let progress: Progress | undefined;
  const fleet = new Fleet({
    addresses: server.addresses,
    protocol: context.server.protocol,
    events: {
      awareness: ({ number }, update) => {
        const now = performance.now();
        const seen = carets.see(update);
        for (let at = 0; at < seen.length; at += 2) {
          progress?.noteSeen(number, seen[at] ?? -1, seen[at + 1] ?? 0, now);
        }
      },
    },
  });
  try {
    const members = await fleet.open(
      Array.from({ length: clients }, (_, number) => ({ number, document: DOCUMENT })),
    );
    const startsAt = performance.now() + LEAD_MS;
    const from = startsAt + Math.min(choices.warmUpMs, MAX_WARM_UP_MS);
    const window = { from, to: from + choices.measureMs };
    const schedule = new Schedule({ typists: members.map(({ number }) => number), rate, startsAt, random });
    const seen = new Progress({
      clients,
      due: (sender, index) => schedule.due(sender, index),
      receiversOf: () => clients - 1,
      windows: [window],
    });
    progress = seen;
    const typing = new Typing({
      schedule,
      endsAt: window.to,
      activity: () => fleet.activity,
      send: (number, index) => {
        const member = members[number];
        if (member?.state !== 'joined') return;
        seen.noteSent(number, index);
        // A first state has the clock 1.
        member.sendAwareness(caretUpdate(member.clientId, index + 1));
      },
    });
    const reading = () => ({
      at: performance.now(),
      server: readCpu(server.pid),
      generator: readCpu('self'),
      spunMs: typing.spunMs,
      delivered: seen.delivered,
      bytes: members.reduce((sum, { socket }) => sum + socket.bytesRead, 0),
    });
    const moved = typing.run();
    await sleep(window.from - performance.now());
    const start = reading();
    await sleep(window.to - performance.now());
    const end = reading();
    await moved;
    const drained = await drain(seen, server);
    const wallMs = end.at - start.at;
    const serverShare = cpuBetween(start.server, end.server) / 1e6 / wallMs;
    const generatorMs = cpuBetween(start.generator, end.generator) / 1e6 - (end.spunMs - start.spunMs);
    const generatorShare = Math.max(0, generatorMs) / wallMs;
    const [figures] = seen.windows;
    return {
      clients,
      expectedPerSecond: (1000 * (figures?.expected ?? 0)) / choices.measureMs,
      deliveredPerSecond: (1000 * (end.delivered - start.delivered)) / wallMs,
      latencyMs: figures === undefined ? null : windowQuantiles(figures),
      bytesPerClientSecond: (1000 * (end.bytes - start.bytes)) / wallMs / clients,
      missing: seen.missing,
      drained,
      failures: Object.fromEntries(fleet.failures),
      serverShare,
      generatorShare,
      ...judge({ serverShare, generatorShare, slipP99: null }),
    };
  } finally {
    await fleet.close();
  }
}
