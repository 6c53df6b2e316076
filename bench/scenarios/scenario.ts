import type { Random } from '../../shared/time.js';
import type { Cores } from '../os/meter.js';
import type { ServerCluster } from '../server-cluster.js';
import type { ServerProcess } from '../server-process.js';
import type { ServerUnderTest } from '../servers.js';

/** What the person who runs the benchmark chose. */
export interface Choices {
  readonly typists: readonly number[];
  readonly documents: readonly number[];
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly seed: number;
  /** File of a recorded session, for the scenarios that need a long text; absent: one that is made up. */
  readonly trace?: string;
}

/** What a case gets to work with. The server listens already, with an empty data folder. */
export interface RunContext {
  readonly server: ServerUnderTest;
  /** May be killed and started again; whoever runs the case ends it and removes its data. */
  readonly process: ServerProcess;
  /** All nodes with what they share, if the server runs as several; `process` is the first of them. */
  readonly cluster?: ServerCluster;
  readonly choices: Choices;
  readonly random: Random;
  /** Absent if nobody is pinned. */
  readonly cores?: Cores;
}

/** Whatever a case has found out, by name; goes into the JSON as it is. */
export type Figures = Readonly<Record<string, unknown>>;

export interface Outcome {
  readonly figures: Figures;
  /** What a reader of the table must know to understand the row. */
  readonly notes: readonly string[];
  /** The server is so far from keeping up that the scenario's harder cases would only take time. */
  readonly hopeless?: boolean;
}

export interface Case {
  /** What the table calls it: `200 typists`. */
  readonly label: string;
  /** @throws Error if the server does not do its part; the row then says so */
  run(context: RunContext): Promise<Outcome>;
}

/** A column of a scenario's table. */
export interface Column {
  readonly title: string;
  /** The cell; empty if there is nothing to say. */
  of(figures: Figures): string;
}

/** One question to all servers. One file each in this folder; scenarios/all.ts lists them. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What happens, in a sentence or two for the report. */
  readonly about: string;
  readonly columns: readonly Column[];
  /** The same scenario in several sizes, the easiest first. */
  cases(choices: Choices): readonly Case[];
  /** `true` if it is for servers that run as several nodes, and for nobody else. */
  readonly severalNodes?: true;
  /** Whether it can be asked of this server; absent: of every one. */
  suits?(server: ServerUnderTest): boolean;
}

/** Whether a scenario is asked of a server. */
export function isAsked(scenario: Scenario, server: ServerUnderTest): boolean {
  const severalNodes = server.services !== undefined;
  return severalNodes === (scenario.severalNodes ?? false) && scenario.suits?.(server) !== false;
}

/** @throws Error if the server runs alone */
export function clusterOf({ cluster, server }: RunContext): ServerCluster {
  if (cluster === undefined) throw new Error(`${server.name} does not run as several nodes`);
  return cluster;
}
