import type { Clock, Timer } from '../../shared/time.js';
import type { Sample } from '../messages.js';
import { KeptSamples } from '../nodes/kept-samples.js';
import { OwnUsage, type Usage } from '../nodes/own-usage.js';
import type { NodeSample, ProcessSeries } from '../result.js';
import type { GeneratorUse } from '../view/run-view.js';

const LOOK_EVERY_MS = 1_000;
/** A sample that is about less tells nothing about the processor. */
const LEAST_MS = 100;
/** Points of each process: there may be many processes, and they are seldom looked at. */
const POINTS = 900;

/** The load generator's own processes over time: those that play clients tell with each sample; this one is looked at. */
export class GeneratorWatch {
  private readonly players: Watched[];
  private readonly own = new Watched();
  private readonly usage: OwnUsage;
  private timer: Timer;

  /** @param began milliseconds since the Unix epoch */
  constructor(
    processes: number,
    private readonly began: number,
    private readonly clock: Clock,
  ) {
    this.players = Array.from({ length: processes }, () => new Watched());
    this.usage = new OwnUsage(clock);
    this.timer = clock.schedule(LOOK_EVERY_MS, this.look);
  }

  /** A process that plays clients has told how it is. */
  take(process: number, sample: Sample): void {
    if (sample.spanMs < LEAST_MS) return;
    this.players[process]?.take((sample.at - this.began) / 1000, sample);
  }

  /** `undefined` before anything is known. */
  latest(): GeneratorUse | undefined {
    const known = [this.own, ...this.players].flatMap(({ latest }) => (latest === undefined ? [] : [latest]));
    if (known.length === 0) return undefined;
    const sum = (key: 'cpu' | 'rss'): number => known.reduce((all, usage) => all + usage[key], 0);
    const most = (key: 'cpu' | 'lagMs'): number => Math.max(...known.map((usage) => usage[key]));
    return { mostCpu: most('cpu'), cpu: sum('cpu'), rss: sum('rss'), lagMs: most('lagMs') };
  }

  series(): ProcessSeries[] {
    return [
      ...this.players.map((player, at) => ({ name: `generator ${at + 1}`, samples: player.samples() })),
      { name: 'coordinator', samples: this.own.samples() },
    ];
  }

  stop(): void {
    this.clock.cancel(this.timer);
    this.usage.stop();
  }

  private readonly look = (): void => {
    this.own.take((this.clock.wall() - this.began) / 1000, this.usage.take());
    this.timer = this.clock.schedule(LOOK_EVERY_MS, this.look);
  };
}

class Watched {
  latest: Usage | undefined;
  private readonly kept = new KeptSamples(POINTS);

  take(at: number, { cpu, rss, lagMs }: Usage): void {
    this.latest = { cpu, rss, lagMs };
    this.kept.add({
      at: Number(at.toFixed(2)),
      up: true,
      cpu: Number(cpu.toFixed(4)),
      rss,
      lagMs: Number(lagMs.toFixed(2)),
    });
  }

  samples(): NodeSample[] {
    return this.kept.samples();
  }
}
