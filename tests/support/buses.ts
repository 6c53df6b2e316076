import type { BusMessage } from '../../server/cluster/bus.js';
import { type OpenRedisBusOptions, openRedisBus } from '../../server/cluster/open-redis-bus.js';
import type { RedisBus } from '../../server/cluster/redis-bus.js';
import { UNCOUNTED } from '../../server/telemetry/counters.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { collectLog, type LogEntry } from './collect-log.js';
import { quickClock } from './quick-clock.js';
import { until } from './until.js';

/** How much faster than real time the clock of buses under test goes. */
export const BUS_TIME = 2;

export interface Heard {
  readonly message: BusMessage;
  readonly from: string;
}

/** A bus, with what it has told. */
export class BusUnderTest {
  readonly bus: RedisBus;
  /** What `connected` was called with. */
  readonly connected: boolean[] = [];
  readonly gone: string[] = [];
  private readonly log: ReturnType<typeof collectLog>;

  constructor(bus: RedisBus, log: ReturnType<typeof collectLog>) {
    this.bus = bus;
    this.log = log;
    bus.watch({
      connected: (connected) => this.connected.push(connected),
      gone: (node) => this.gone.push(node),
    });
  }

  logged(level: LogEntry['level']): string[] {
    return this.log.entries.filter((entry) => entry.level === level).map(({ message }) => message);
  }

  /** Why Redis was away, each time. */
  get reasons(): string {
    return JSON.stringify(
      this.log.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields),
    );
  }

  /** Opens a channel and keeps what it hears. */
  async open(id: DocumentId) {
    const heard: Heard[] = [];
    const channel = await this.bus.open(id, (message, from) => heard.push({ message, from }));
    return { heard, channel };
  }

  /** Fulfils when the bus has been away and is back, at least `times` times by now. */
  async isBack(times = 1): Promise<void> {
    await until(
      () => this.bus.connected && this.connected.length >= 2 * times,
      'the bus is away and comes back',
    );
  }
}

const open: RedisBus[] = [];

export async function openBus(
  url: string,
  options: Partial<OpenRedisBusOptions> = {},
): Promise<BusUnderTest> {
  const log = collectLog();
  const clock = quickClock(BUS_TIME);
  // More than a real start needs, in quick time.
  const bus = await openRedisBus({
    ...{
      url,
      clock,
      random: Math.random,
      log,
      counters: UNCOUNTED,
      startWithinMs: 5_000 * BUS_TIME,
    },
    ...options,
  });
  open.push(bus);
  return new BusUnderTest(bus, log);
}

/** Closes what tests have opened. */
export async function closeBuses(): Promise<void> {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
}

export function documentNumber(number: number): DocumentId {
  return parseDocumentId(`team/document-${number}`);
}

/** A message that can be told from others. */
export function numbered(number: number): BusMessage {
  return { kind: 'updates', generation: 'g', frame: Uint8Array.of(number >> 16, number >> 8, number) };
}

/** The number of a `numbered` message, -1 for everything else. */
export function numberOf(heard: Heard | undefined): number {
  if (heard?.message.kind !== 'updates') return -1;
  const [high = 0, middle = 0, low = 0] = heard.message.frame;
  return (high << 16) | (middle << 8) | low;
}
