import type { NodeReport } from '../../shared/admin.js';
import type { Clock } from '../../shared/time.js';
import type { NodeFigures } from '../telemetry/figures.js';
import { between, perSecond, quantilesBetween } from './rates.js';
import { type BusyDocument, Traffic } from './traffic.js';

/** What a node knows of itself. */
export interface NodeFacts {
  readonly node: string;
  readonly version: string;
  figures(): NodeFigures;
  state(): NodeReport['state'];
  store(): NodeReport['store'];
  bus(): NodeReport['bus'];
  /** The documents that are loaded now. */
  documents(): Iterable<BusyDocument>;
}

/** What a process takes; sizes in bytes, times of the processor in microseconds since its start. */
export interface ProcessUse {
  cpuMicros(): number;
  memory(): { readonly rss: number; readonly heap: number };
}

export const OWN_PROCESS: ProcessUse = {
  cpuMicros() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  memory() {
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heap: heapUsed };
  },
};

interface Sample {
  readonly at: number;
  readonly cpuMicros: number;
  readonly figures: NodeFigures;
}

/** Makes reports of this node out of what it counts anyway: each is about the time since the one before. */
export class NodeReporter {
  private last: Sample | undefined;
  private readonly traffic = new Traffic();
  private readonly startedAt: number;

  constructor(
    private readonly facts: NodeFacts,
    private readonly clock: Pick<Clock, 'monotonic' | 'wall'>,
    private readonly use: ProcessUse = OWN_PROCESS,
  ) {
    this.startedAt = clock.wall();
  }

  /** The next report is about the time from now on. */
  begin(): void {
    this.traffic.forget();
    this.traffic.look(this.facts.documents(), 1);
    this.last = this.sample();
  }

  /** Nobody wants reports any more. */
  end(): void {
    this.traffic.forget();
    this.last = undefined;
  }

  /** What has happened since the last report, or since `begin`. */
  report(): NodeReport {
    const { facts, clock } = this;
    const now = this.sample();
    const before = this.last ?? now;
    this.last = now;
    const seconds = (now.at - before.at) / 1000;
    const rate = (name: Rated): number => perSecond(before.figures[name], now.figures[name], seconds);
    const { figures } = now;
    return {
      node: facts.node,
      version: facts.version,
      startedAt: this.startedAt,
      at: clock.wall(),
      state: facts.state(),
      cpu: perSecond(before.cpuMicros, now.cpuMicros, seconds) / 1_000_000,
      ...this.use.memory(),
      lagMs: figures.lagMs,
      sessions: figures.sessions,
      connections: figures.connections,
      followers: figures.followers,
      documents: figures.openDocuments,
      waitingEdits: figures.waitingEdits,
      outgoingBytes: figures.outgoingBytes,
      editsPerSecond: rate('edits'),
      deliveriesPerSecond: rate('sentUpdates'),
      bytesInPerSecond: rate('bytesIn'),
      bytesOutPerSecond: rate('bytesOut'),
      commitsPerSecond: rate('commits'),
      ackMs: quantilesBetween(before.figures.ackMs, figures.ackMs),
      commitMs: quantilesBetween(before.figures.commitMs, figures.commitMs),
      store: facts.store(),
      bus: facts.bus(),
      refused: between(before.figures.refused, figures.refused),
      busiest: this.traffic.look(facts.documents(), seconds),
    };
  }

  private sample(): Sample {
    const { figures } = this.facts;
    return { at: this.clock.monotonic(), cpuMicros: this.use.cpuMicros(), figures: figures() };
  }
}

type Rated = 'edits' | 'sentUpdates' | 'bytesIn' | 'bytesOut' | 'commits';
