import type { Parts } from '../under-load.js';
import { type CpuReading, cpuBetween, readCore, readCpu } from './usage.js';

/** The cores that server and generator are pinned to. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/** What was used between two moments. Shares are of one core, 0 to 1. */
export interface Usage {
  readonly wallMs: number;
  /** Of all parts together, and of each. */
  readonly serverNs: number;
  readonly partsNs: Readonly<Record<string, number>>;
  readonly serverShare: number;
  readonly generatorShare: number;
  /** What everybody else has taken of their cores; `undefined` if they are not pinned. */
  readonly others?: { readonly server: number; readonly generator: number };
}

const NOTHING: CpuReading = { threads: new Map(), ticked: 0 };

/** Measures from its making on what the processes under load and this one use. */
export class Meter {
  private readonly begun: ReturnType<Meter['reading']>;

  /**
   * @param parts the processes as they are at the moment
   * @throws Error if one of them is not there
   */
  constructor(
    private readonly parts: () => Parts,
    private readonly cores?: Cores,
  ) {
    this.begun = this.reading();
  }

  /** What was used until now. @throws Error if a process is gone */
  read(): Usage {
    const { begun } = this;
    const now = this.reading();
    const wallMs = now.at - begun.at;
    const wallNs = wallMs * 1e6;
    const partsNs = Object.fromEntries(
      Object.entries(now.parts).map(([part, processes]) => [part, usedBetween(begun.parts[part], processes)]),
    );
    const serverNs = Object.values(partsNs).reduce((sum, ns) => sum + ns, 0);
    const generatorNs = cpuBetween(begun.generator, now.generator);
    const usage = {
      wallMs,
      serverNs,
      partsNs,
      serverShare: serverNs / wallNs,
      generatorShare: generatorNs / wallNs,
    };
    if (begun.busy === undefined || now.busy === undefined) return usage;
    const others = {
      server: Math.max(0, (now.busy.server - begun.busy.server - serverNs) / wallNs),
      generator: Math.max(0, (now.busy.generator - begun.busy.generator - generatorNs) / wallNs),
    };
    return { ...usage, others };
  }

  private reading() {
    const { cores } = this;
    return {
      at: performance.now(),
      parts: readParts(this.parts()),
      generator: readCpu('self'),
      busy: cores && { server: readCore(cores.server), generator: readCore(cores.generator) },
    };
  }
}

type Readings = ReadonlyMap<number, CpuReading>;

function readParts(parts: Parts): Readonly<Record<string, Readings>> {
  return Object.fromEntries(
    Object.entries(parts).map(([part, pids]) => [part, new Map(pids.map((pid) => [pid, readCpu(pid)]))]),
  );
}

/** Of the processes that are there at the end: PostgreSQL has a process for each connection. */
function usedBetween(before: Readings | undefined, after: Readings): number {
  let ns = 0;
  for (const [pid, reading] of after) ns += cpuBetween(before?.get(pid) ?? NOTHING, reading);
  return ns;
}
