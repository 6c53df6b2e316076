import type { Quantiles } from './histogram.js';
import type { Checked, Problem } from './messages.js';

/** All that a run has found out, as `--json` prints it and the page shows it. Times in milliseconds, sizes in bytes. */
export interface LoadResult {
  /** Of this form of the result. */
  readonly format: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** Every option with its value, as they were in force; without secrets. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    readonly memory: number;
    readonly node: string;
  };
  readonly targets: readonly string[];
  /**
   * `failed`: the verdict or an objective of `--slo` says no, or everybody was refused for good, and `reason` says so. `interrupted`: it was ended before its time, `target-lost`: the
   * servers were gone for good; then these are the figures so far.
   */
  readonly outcome: 'passed' | 'failed' | 'interrupted' | 'target-lost';
  /** Why it ended before its time, in a sentence. */
  readonly reason?: string;
  /** The verdict, sentence by sentence; `undefined` where it could not be looked at. */
  readonly verdict: {
    readonly equal: boolean | undefined;
    readonly ackedKept: boolean | undefined;
    readonly nothingForeign: boolean | undefined;
    readonly problems: readonly Problem[];
    readonly checked: Checked;
  };
  /** The objectives of `--slo`, each with what was found; milliseconds, or a share (0 to 1) for errors. */
  readonly objectives: readonly ObjectiveResult[];
  /** Sentences to read beside the figures: what they can't say, and whether the generators themselves were late. */
  readonly notes: readonly string[];
  /** Over the time that is measured: after everybody has arrived and the warm-up. But `joinMs` is about the whole run. */
  readonly total: Figures;
  /** Seconds that each point of `series` is about; more than one for long runs, so that they stay in bounds. */
  readonly pointSeconds: number;
  readonly series: readonly Second[];
  readonly phases: readonly PhaseRecord[];
  /** Steps of a search for the limit, in the order in which they were tried. */
  readonly steps: readonly Step[];
  /**
   * Where the objective breaks, most probably; most typists up to there at which it held, fewest from there on at which it did
   * not. Without `complete` the search was ended before that was known, and this is how it stood. Absent where not one level
   * was measured.
   */
  readonly limit?: {
    readonly objective: string;
    readonly complete: boolean;
    readonly typists: number;
    readonly held: number;
    readonly broke: number | null;
  };
  readonly faults: readonly FaultRecord[];
  readonly nodes: readonly NodeSeries[];
  /** The processes of the load generator itself: those that play clients, and the one that looks after all. */
  readonly generators: readonly ProcessSeries[];
  /** The figures, or the limit that was found, are those of the load generator or its machine rather than those of the servers. */
  readonly limitedByGenerator: boolean;
  readonly errors: Readonly<Record<string, number>>;
  /** How often clients were told by a server that it is about to stop: those that were in, and those that came. */
  readonly goodbyes: number;
}

export interface Figures {
  readonly seconds: number;
  /** Connected, and typing, on average; `settings` has how many were asked for. */
  readonly clients: number;
  readonly typists: number;
  readonly typed: number;
  readonly acked: number;
  readonly delivered: number;
  readonly typedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly joins: number;
  readonly reconnects: number;
  readonly ackMs: Quantiles;
  readonly shownMs: Quantiles;
  readonly joinMs: Quantiles;
  /** Points of the curve of each: share (0 to 1) and milliseconds. */
  readonly curves: Readonly<Record<'ack' | 'shown' | 'join', readonly (readonly [number, number])[]>>;
  /** Milliseconds that the generators themselves were late at most. */
  readonly generatorLagMs: number;
  /**
   * Share of the time, 0 to 1, in which the event loop of a generator process was so late that its figures are its own: of
   * the process that was late most often.
   */
  readonly generatorLate: number;
  /** What the generator process that worked hardest used on average: share of one core. */
  readonly generatorCpu: number;
}

/** What a run goes through, in this order. */
export type PhaseName = 'arrive' | 'warm-up' | 'measure' | 'settle' | 'check';

/** `from` and `until` in seconds since the beginning. */
export interface PhaseRecord {
  readonly name: PhaseName;
  readonly from: number;
  readonly until: number;
}

export interface ObjectiveResult {
  /** `p99<250ms` */
  readonly objective: string;
  readonly held: boolean;
  /** `null`: slower than anything that came, or nothing came. */
  readonly found: number | null;
}

/** A point of a run: one second, or `pointSeconds` of them, with what there was per second on average. */
export interface Second {
  /** End of it, in seconds since the beginning. */
  readonly at: number;
  readonly joined: number;
  readonly typing: number;
  readonly offline: number;
  readonly typed: number;
  readonly acked: number;
  readonly delivered: number;
  readonly unacked: number;
  readonly ackP50: number | null;
  readonly ackP99: number | null;
  readonly shownP50: number | null;
  readonly shownP99: number | null;
  readonly errors: number;
  readonly reconnects: number;
  readonly goodbyes: number;
}

export interface Step {
  readonly typists: number;
  readonly held: boolean;
  readonly figures: Figures;
}

export type FaultKind = 'kill' | 'stop' | 'redis' | 'store' | 'cut';

/** How often a fault is to happen, on average. */
export interface FaultRate {
  readonly kind: FaultKind;
  readonly perMinute: number;
}

/** Something that was done to the servers. `at` and `until` in seconds since the beginning. */
export interface FaultRecord {
  readonly kind: FaultKind;
  /** What was hit: `node 2`, `Redis`. */
  readonly what: string;
  readonly at: number;
  readonly until?: number;
}

/** One process over time. */
export interface ProcessSeries {
  readonly name: string;
  readonly samples: readonly NodeSample[];
}

/** One node over time, as its `/metrics` and, for one that the tool has started, its process tell. */
export interface NodeSeries extends ProcessSeries {
  readonly url: string;
  readonly version?: string;
}

export interface NodeSample {
  /** Seconds since the beginning. */
  readonly at: number;
  /** `false`: it did not answer. */
  readonly up: boolean;
  /** Share of one core. */
  readonly cpu?: number;
  readonly rss?: number;
  readonly lagMs?: number;
  readonly sessions?: number;
  readonly editsPerSecond?: number;
}
