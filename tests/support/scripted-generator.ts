import { Durations } from '../../load/histogram.js';
import type { Checked, Command, Generator, Problem, Report, Sample } from '../../load/messages.js';
import type { GeneratorPlan } from '../../load/plan.js';
import type { Clock } from '../../shared/time.js';

/** How a scripted generator plays its part. */
export interface Script {
  /** It fails at the beginning, with this sentence. */
  readonly fails?: string;
  /** Milliseconds until everybody is in; `never` if they don't come. */
  readonly arrivesMs?: number | 'never';
  /** Milliseconds until an edit is acknowledged and shown, with so many typists of this process. */
  latencyMs?(active: number): number;
  /** How many are in at a second of the run. */
  joined?(second: number): number;
  /** How many are refused for good at a second of the run, by code. */
  denied?(second: number): Readonly<Record<string, number>>;
  readonly errors?: Readonly<Record<string, number>>;
  lagMs?(second: number): number;
  /** Share of a core that it uses. */
  readonly cpu?: number;
  /** How often a second a server says that it is about to stop. */
  readonly goodbyes?: number;
  /** Seconds after which the process ends by itself. */
  readonly endsAfter?: number;
  /** It does not answer this. */
  readonly deafTo?: Command['kind'];
  readonly problems?: readonly Problem[];
}

export const CHECKED: Checked = { documents: 1, clients: 2, freshReads: 1, ackedEdits: 100, characters: 200 };

/** A generator that plays no clients: it tells once a second what the script says. */
export class ScriptedGenerator implements Generator {
  readonly commands: Command[] = [];
  isEnded = false;
  private report: (report: Report) => void = () => {};
  private ended: (reason: string) => void = () => {};
  private plan: GeneratorPlan | undefined;
  private active = Number.POSITIVE_INFINITY;
  private second = 0;
  private toldAt = 0;
  private waiting = 0;
  private isTyping = true;

  constructor(
    private readonly clock: Clock,
    private readonly script: Script = {},
  ) {}

  listen(report: (report: Report) => void, ended: (reason: string) => void): void {
    this.report = report;
    this.ended = ended;
  }

  send(command: Command): void {
    this.commands.push(command);
    if (command.kind === this.script.deafTo) return;
    this.clock.schedule(0, () => this.take(command));
  }

  kill(): void {
    this.end('killed');
  }

  private take(command: Command): void {
    const { script } = this;
    if (command.kind === 'begin') {
      this.plan = command.plan;
      this.toldAt = this.clock.monotonic();
      if (script.fails !== undefined) this.report({ kind: 'failed', message: script.fails });
      const { arrivesMs = 0 } = script;
      if (arrivesMs !== 'never') this.clock.schedule(arrivesMs, () => this.report({ kind: 'arrived' }));
      this.tick();
    } else if (command.kind === 'typists') this.active = command.active;
    else if (command.kind === 'sample') this.tell();
    else if (command.kind === 'settle') {
      this.tell();
      this.isTyping = false;
      const truth = (this.plan?.documents ?? []).map(({ name }) => ({ name, typists: [] }));
      this.report({ kind: 'settled', truth });
    } else if (command.kind === 'check')
      this.report({ kind: 'checked', problems: script.problems ?? [], checked: CHECKED });
    else this.end('asked to');
  }

  private end(reason: string): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.ended(reason);
  }

  private tick(): void {
    this.clock.schedule(1_000, () => {
      if (this.isEnded) return;
      this.second++;
      if (this.second === this.script.endsAfter) this.end('it crashed');
      else {
        this.tell();
        this.tick();
      }
    });
  }

  /** Of the time since it was told last. */
  private tell(): void {
    const spanMs = this.clock.monotonic() - this.toldAt;
    if (spanMs <= 0) return;
    this.toldAt += spanMs;
    this.report({ kind: 'sample', sample: this.sample(spanMs) });
  }

  private sample(spanMs: number): Sample {
    const { script, plan } = this;
    const planned = (plan?.documents ?? []).reduce((sum, { clients }) => sum + clients.length, 0);
    const typists = (plan?.documents ?? []).reduce((sum, document) => sum + document.typists, 0);
    const joined = script.joined?.(this.second) ?? planned;
    const active = this.isTyping ? Math.min(this.active, typists) : 0;
    const ms = script.latencyMs?.(active) ?? 5;
    const typed = joined === 0 ? 0 : (active * 3 * spanMs) / 1000;
    const durations = new Durations();
    const isStuck = !Number.isFinite(ms);
    if (isStuck) this.waiting += typed;
    else this.waiting = 0;
    if (!isStuck) for (let edit = 0; edit < typed; edit++) durations.add(ms);
    return {
      at: this.clock.wall(),
      spanMs,
      joined,
      typing: active,
      offline: 0,
      denied: script.denied?.(this.second) ?? {},
      typed,
      acked: isStuck ? 0 : typed,
      delivered: isStuck ? 0 : typed,
      unacked: this.waiting,
      bytesSent: 100,
      bytesReceived: 100,
      joins: this.second === 1 ? joined : 0,
      reconnects: 0,
      goodbyes: script.goodbyes ?? 0,
      ackMs: durations.encode(),
      shownMs: durations.encode(),
      joinMs: '',
      errors: script.errors ?? {},
      lagMs: script.lagMs?.(this.second) ?? 1,
      cpu: script.cpu ?? 0.1,
      rss: 1,
    };
  }
}
