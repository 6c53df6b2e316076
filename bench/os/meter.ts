import { cpuBetween, readCore, readCpu } from './usage.js';

/** The cores that server and generator are pinned to. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/** What was used between two moments. Shares are of one core, 0 to 1. */
export interface Usage {
  readonly wallMs: number;
  readonly serverNs: number;
  readonly serverShare: number;
  readonly generatorShare: number;
  /** What everybody else has taken of their cores; `undefined` if they are not pinned. */
  readonly others?: { readonly server: number; readonly generator: number };
}

/** Measures from its making on what the server's process and this one use. */
export class Meter {
  private readonly begun: ReturnType<Meter['reading']>;

  /** @throws Error if there is no such process */
  constructor(
    private readonly serverPid: number,
    private readonly cores?: Cores,
  ) {
    this.begun = this.reading();
  }

  /** What was used until now. @throws Error if the process is gone */
  read(): Usage {
    const { begun } = this;
    const now = this.reading();
    const wallMs = now.at - begun.at;
    const wallNs = wallMs * 1e6;
    const serverNs = cpuBetween(begun.server, now.server);
    const generatorNs = cpuBetween(begun.generator, now.generator);
    const usage = {
      wallMs,
      serverNs,
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
      server: readCpu(this.serverPid),
      generator: readCpu('self'),
      busy: cores && { server: readCore(cores.server), generator: readCore(cores.generator) },
    };
  }
}
