import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { backoff, type Clock, type Random, type Timer } from '../../shared/time.js';
import type { DocumentStore } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import { inTurns } from './in-turns.js';

/** A row of the log, and who of this node's sessions sent it. */
export interface FollowedRow<Owner> {
  readonly update: Uint8Array;
  readonly owner: Owner | undefined;
}

/** The document whose log is followed. */
export interface LogFollowerHome<Row> {
  readonly id: DocumentId;
  readonly generation: string;
  /** Last `seq` that is here. */
  readonly head: number;
  /** Takes the row `head + 1`. */
  take(row: Row): void;
  /** The log as it is in the store does not continue what is here. */
  onLost(error: CoscribeError): void;
}

export interface LogFollowerServices {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Pick<Counters, 'count'>;
  /** Whether rows that are missing are probably on their way. */
  readonly expecting: () => boolean;
}

interface Run<Row> {
  readonly from: number;
  readonly rows: readonly Row[];
}

/** How long rows that are ahead wait for those before them to come over the bus, in milliseconds. */
const PATIENCE_MS = 30;
/** What may wait so. Beyond that it is read from the store again. */
const MAX_HELD_ROWS = 2_000;
const MAX_HELD_BYTES = 1024 * 1024;
const ROWS_PER_READ = 500;
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * Puts committed rows in the order of the log, wherever they come from: this node's own commits, other nodes over the
 * bus, and the store for whatever the bus has lost. Rows that are ahead wait for a moment; then what is missing before
 * them is read from the store.
 */
export class LogFollower<Row extends { readonly update: Uint8Array }> {
  /** Rows ahead of the head, by their first `seq`. */
  private held: Run<Row>[] = [];
  private heldRows = 0;
  private heldBytes = 0;
  /** The log is known to be this long. */
  private known = 0;
  private timer: Timer | undefined;
  private reading: Promise<void> | undefined;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly home: LogFollowerHome<Row>,
    private readonly services: LogFollowerServices,
    /** A row that came out of the store. */
    private readonly fromStore: (update: Uint8Array) => Row,
  ) {}

  /** Whether there are rows in the log that are not here. */
  get behind(): boolean {
    return this.known > this.home.head;
  }

  /** Committed rows, anywhere in the log: known ones are passed over, those ahead wait. */
  offer(from: number, rows: readonly Row[]): void {
    this.known = Math.max(this.known, from + rows.length - 1);
    if (from > this.home.head + 1) {
      this.hold({ from, rows });
      this.readSoon(this.services.expecting() ? PATIENCE_MS : 0);
      return;
    }
    this.takeRun({ from, rows });
    this.release();
  }

  /** Takes what has waited for the rows that are here now. */
  release(): void {
    let first = this.held[0];
    while (first !== undefined && first.from <= this.home.head + 1) {
      this.held.shift();
      this.count(first, -1);
      this.takeRun(first);
      first = this.held[0];
    }
    if (!this.behind) this.stopTimer();
  }

  /** The store's log is this long. */
  heardOf(head: number): void {
    this.known = Math.max(this.known, head);
    if (this.behind) this.readSoon(this.services.expecting() ? PATIENCE_MS : 0);
  }

  /**
   * Fulfils once everything that the log is known to have is here.
   *
   * @throws CoscribeError `store-unavailable` and the like; `document-reloading` if nothing is followed any more
   */
  async catchUp(): Promise<void> {
    while (this.behind && !this.stopped) await this.read();
    // Whoever asks once more until everything is here would ask for ever.
    if (this.stopped) throw new CoscribeError('document-reloading', 'its log is not followed any more');
  }

  /** Reads nothing more. */
  stop(): void {
    this.stopped = true;
    this.held = [];
    this.stopTimer();
  }

  private hold(run: Run<Row>): void {
    this.count(run, 1);
    if (this.heldRows > MAX_HELD_ROWS || this.heldBytes > MAX_HELD_BYTES) {
      this.held = [];
      this.heldRows = 0;
      this.heldBytes = 0;
      return;
    }
    const at = this.held.findIndex(({ from }) => from > run.from);
    this.held.splice(at < 0 ? this.held.length : at, 0, run);
  }

  private count({ rows }: Run<Row>, sign: 1 | -1): void {
    this.heldRows += sign * rows.length;
    for (const { update } of rows) this.heldBytes += sign * update.length;
  }

  private takeRun({ from, rows }: Run<Row>): void {
    for (let at = this.home.head + 1 - from; at < rows.length && !this.stopped; at++) {
      const row = rows[at];
      if (row !== undefined) this.home.take(row);
    }
  }

  private readSoon(wait: number): void {
    if (this.stopped || this.reading !== undefined || this.timer !== undefined) return;
    this.timer = this.services.clock.schedule(wait, () => {
      this.timer = undefined;
      // Whoever waits for it hears of an error; it is tried again in any case.
      this.read().catch(() => {});
    });
  }

  private stopTimer(): void {
    if (this.timer !== undefined) this.services.clock.cancel(this.timer);
    this.timer = undefined;
  }

  /** One reading at a time; everybody who needs rows meanwhile waits for it. */
  private read(): Promise<void> {
    this.stopTimer();
    this.reading ??= this.readMissing().finally(() => {
      this.reading = undefined;
      if (this.behind) this.readSoon(this.failures > 0 ? this.pause() : 0);
    });
    return this.reading;
  }

  private pause(): number {
    return backoff(this.failures - 1, RETRY_BASE_MS, RETRY_MAX_MS, this.services.random);
  }

  private async readMissing(): Promise<void> {
    const { home, services } = this;
    try {
      while (this.behind && !this.stopped) {
        const after = home.head;
        const until = Math.min(this.known, (this.held[0]?.from ?? Number.POSITIVE_INFINITY) - 1);
        const limit = Math.min(ROWS_PER_READ, until - after);
        services.counters.count('bus-gap');
        const rows = await services.store.readLog(home.id, after, limit, home.generation);
        if (rows.length === 0) throw new CoscribeError('internal', `the log ends before ${this.known}`);
        await inTurns(rows, services.clock, ({ seq, update }) =>
          this.takeRun({ from: seq, rows: [this.fromStore(update)] }),
        );
        this.release();
      }
      this.failures = 0;
    } catch (thrown) {
      const error = asLoss(toCoscribeError(thrown), home.head);
      if (error.code === 'store-unavailable') this.failures++;
      // Trimmed, reset or damaged: only a fresh load can go on from there.
      else if (!this.stopped) home.onLost(error);
      throw error;
    }
  }
}

/** Nobody has made a mistake if a node was away until others had trimmed the log; its clients come back at once. */
function asLoss(error: CoscribeError, head: number): CoscribeError {
  if (error.code !== 'internal') return error;
  return new CoscribeError('document-reloading', `its log cannot be read on from ${head}`, { cause: error });
}
