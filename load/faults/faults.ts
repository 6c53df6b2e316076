import type { Clock } from '../../shared/time.js';
import type { FaultKind, FaultRate, FaultRecord } from '../result.js';
import type { OwnServers } from '../servers.js';
import { type Deed, deedOf } from './deeds.js';
import { type PlannedFault, planFaults } from './plan-faults.js';

export interface FaultsOptions {
  readonly rates: readonly FaultRate[];
  readonly servers: OwnServers;
  readonly seed: number;
  readonly clock: Clock;
  /** Seconds since the run began. */
  at(): number;
  /** Called whenever one begins and when it is over. */
  onFault(records: readonly FaultRecord[]): void;
}

/** Faults that happen, one after the other, until they are stopped. */
export interface Faults {
  /** All up to now, in their order; the last one may be under way. */
  readonly records: readonly FaultRecord[];
  /**
   * No more of them. One that is under way ends now; when this fulfils, everything runs again.
   *
   * @throws Error that says what did not come back, and why
   */
  stop(): Promise<void>;
}

/** Between two faults everybody may come back. */
const BREAK_MS = 1_000;
/** What does not come back is tried again. */
const TRIES = 3;
const TRY_AGAIN_MS = 1_000;

/** Why a kind of fault can't be done to what was started, as a sentence that says what to do; `undefined` if it can. */
export function unavailable(kind: FaultKind, servers: OwnServers | undefined): string | undefined {
  if (servers === undefined || servers.nodes.length === 0) {
    return `--chaos ${kind} breaks only what this command has started: leave the address out, or say how many nodes to start with --nodes.`;
  }
  if (kind === 'redis' && servers.redis === undefined) {
    return '--chaos redis needs a Redis that this command has started: use --nodes 2 or more.';
  }
  if (kind === 'store' && servers.postgres === undefined) {
    return '--chaos store needs a PostgreSQL that this command has started: use --nodes 2 or more. A single node keeps documents in a file of its own, which cannot be away.';
  }
  return undefined;
}

/** Begins to break things: one at a time, as planned by rates and seed; what comes too early waits for the one before. */
export function startFaults(options: FaultsOptions): Faults {
  const runner = new FaultRunner(options);
  return runner;
}

class FaultRunner implements Faults {
  readonly records: FaultRecord[] = [];
  /** Deeds that could not be made good, by their place in `records`. */
  private readonly broken = new Map<number, Deed>();
  private readonly running: Promise<void>;
  /** The node that was hit last. */
  private spared: string | undefined;
  private stopping = false;
  private wake: () => void = () => {};

  constructor(private readonly options: FaultsOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    for (const [place, deed] of this.broken) {
      try {
        await deed.heal();
        this.over(place);
      } catch (error) {
        throw new Error(`${deed.what} did not come back: ${messageOf(error)}`);
      }
    }
  }

  private async run(): Promise<void> {
    const { rates, seed, clock } = this.options;
    if (rates.length === 0) return;
    const began = clock.monotonic();
    let notBefore = began;
    for (const fault of planFaults(rates, seed)) {
      await this.wait(Math.max(began + fault.dueMs, notBefore) - clock.monotonic());
      if (this.stopping) return;
      await this.happen(fault);
      notBefore = clock.monotonic() + BREAK_MS;
    }
  }

  private async happen({ kind, seed }: PlannedFault): Promise<void> {
    const { servers, clock } = this.options;
    const deed = deedOf({
      kind,
      servers,
      seed,
      clock,
      ...(this.spared === undefined ? {} : { spared: this.spared }),
    });
    if (deed === undefined) return;
    if (kind !== 'redis' && kind !== 'store') this.spared = deed.what;
    const place = this.records.push({ kind, what: deed.what, at: this.options.at() }) - 1;
    this.tell();
    try {
      await deed.begin();
      await this.wait(deed.lastsMs);
    } catch {
      // Whatever it is now: what counts is that it comes back.
    }
    await this.heal(deed, place);
  }

  private async heal(deed: Deed, place: number): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        await deed.heal();
        this.over(place);
        return;
      } catch {
        this.broken.set(place, deed);
        if (tried === TRIES) return;
        await this.wait(TRY_AGAIN_MS);
      }
    }
  }

  private over(place: number): void {
    this.broken.delete(place);
    const record = this.records[place];
    if (record === undefined) return;
    this.records[place] = { ...record, until: this.options.at() };
    this.tell();
  }

  private tell(): void {
    this.options.onFault([...this.records]);
  }

  /** At once when it is stopped. */
  private wait(ms: number): Promise<void> {
    const { clock } = this.options;
    if (this.stopping || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = clock.schedule(ms, resolve);
      this.wake = () => {
        clock.cancel(timer);
        resolve();
      };
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
