import type { Clock } from '../../shared/time.js';

/** Something that runs in a process of its own and can be started again. */
export interface Part {
  readonly name: string;
  running(): boolean;
  /** @throws Error if it does not start */
  start(): Promise<void>;
}

export interface SupervisorOptions {
  readonly parts: readonly Part[];
  readonly clock: Clock;
  /** Whether what ended is started again. */
  readonly restart: boolean;
}

const FIRST_BREAK_MS = 500;
const LONGEST_BREAK_MS = 30_000;
/** Whatever ran so long begins again with the first break. */
const STEADY_MS = 60_000;

interface Watched {
  readonly part: Part;
  /** When it was started last. */
  since: number;
  breakMs: number;
  /** When it is started again; `undefined` while it runs. */
  againAt: number | undefined;
  starting: boolean;
}

/** Notices what has ended, and starts it again after a break that grows from half a second to half a minute. */
export class Supervisor {
  private readonly records: ReadonlyMap<string, Watched>;
  private readonly clock: Clock;
  private readonly restart: boolean;
  private stopped = false;
  /** The starts that are under way. */
  private readonly starts = new Set<Promise<void>>();

  constructor({ parts, clock, restart }: SupervisorOptions) {
    this.clock = clock;
    this.restart = restart;
    const since = clock.monotonic();
    this.records = new Map(
      parts.map((part) => [
        part.name,
        { part, since, breakMs: FIRST_BREAK_MS, againAt: undefined, starting: false },
      ]),
    );
  }

  /** Looks at everything once. */
  look(): void {
    if (this.stopped) return;
    const now = this.clock.monotonic();
    for (const record of this.records.values()) {
      if (record.starting || record.part.running()) continue;
      if (record.againAt === undefined) this.ended(record, now);
      else if (this.restart && now >= record.againAt) this.begin(record);
    }
  }

  /** What is wrong with a part, in words; `undefined` if it runs. */
  trouble(name: string): string | undefined {
    const record = this.records.get(name);
    if (record === undefined || (!record.starting && record.part.running())) return undefined;
    if (record.starting) return 'starting again';
    if (!this.restart || record.againAt === undefined) return 'ended';
    const seconds = Math.max(0, (record.againAt - this.clock.monotonic()) / 1000);
    return `ended, again in ${Math.ceil(seconds)} s`;
  }

  /** Starts nothing more. Fulfils when nothing is being started. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.starts);
  }

  private ended(record: Watched, now: number): void {
    if (now - record.since >= STEADY_MS) record.breakMs = FIRST_BREAK_MS;
    record.againAt = now + record.breakMs;
    record.breakMs = Math.min(2 * record.breakMs, LONGEST_BREAK_MS);
  }

  private begin(record: Watched): void {
    record.starting = true;
    const start = record.part
      .start()
      // Why is in what the part wrote; it is tried again.
      .catch(() => {})
      .then(() => {
        record.starting = false;
        record.againAt = undefined;
        record.since = this.clock.monotonic();
        this.starts.delete(start);
      });
    this.starts.add(start);
  }
}
