import type { ProtocolName, TypingPlan } from '../plan.js';
import type { FaultRate } from '../result.js';

/** What drives what, for how long, and what is written at the end. Plain data: it is sent to another process. */
export interface LoadOptions {
  readonly servers: ServersOption;
  readonly protocol: ProtocolName;
  readonly workspace: string;
  readonly docs: number;
  readonly clients: number;
  readonly typists: number;
  readonly typing: TypingPlan;
  readonly churnPerSecond: number;
  readonly offline: { readonly perMinute: number; readonly forMs: number };
  readonly presencePerSecond: number;
  readonly arrivalsPerSecond: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly find?: FindOption;
  /** Objectives as `readObjective` takes them. */
  readonly slo: readonly string[];
  readonly chaos: readonly FaultRate[];
  readonly settleTimeoutMs: number;
  readonly lostAfterMs: number;
  readonly processes: number;
  readonly token?: string;
  readonly seed: number;
  /** File; absent: no report. */
  readonly report?: string;
  /** File, or `-` for standard output. */
  readonly json?: string;
}

export type ServersOption =
  /** They are there already. */
  | { readonly kind: 'urls'; readonly urls: readonly string[] }
  /** To be started: one node with a store of its own, or nodes that share PostgreSQL and Redis. */
  | {
      readonly kind: 'own';
      readonly nodes: number;
      readonly cluster: boolean;
      readonly proxy: boolean;
      readonly command?: string;
    };

export interface FindOption {
  /** As `readObjective` takes it. */
  readonly objective: string;
  readonly from: number;
  readonly step: number;
  readonly levelMs: number;
}
