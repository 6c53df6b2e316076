import type { Clock, Timer } from '../../shared/time.js';
import type { NodeSample, NodeSeries } from '../result.js';
import type { WatchedNode } from '../servers.js';
import { KeptSamples } from './kept-samples.js';
import { type NodeReading, readMetrics } from './metrics-text.js';
import { processUsage } from './process-usage.js';

export interface NodeWatchOptions {
  readonly nodes: readonly WatchedNode[];
  readonly clock: Clock;
  /** Sent as a bearer token: `/metrics` may ask for one. */
  readonly token?: string;
  /** Seconds since the run began. */
  at(): number;
}

const LOOK_EVERY_MS = 1_000;
/** Whoever does not answer within it is down at that moment. */
const ANSWER_WITHIN_MS = 2_000;

const METRICS = '/metrics';
/** Unauthenticated, not allowed. */
const REFUSALS: readonly number[] = [401, 403];

/** Looks at each node once a second, through its `/metrics` and, for processes of ours, through the system. */
export class NodeWatch {
  private readonly watched: Watched[];
  private readonly clock: Clock;
  private timer: Timer | undefined;

  constructor(options: NodeWatchOptions) {
    this.clock = options.clock;
    this.watched = options.nodes.map((node) => new Watched(node, options));
  }

  /** Looks at once, and every second from then on. */
  start(): void {
    for (const watched of this.watched) void watched.look();
    this.timer = this.clock.schedule(LOOK_EVERY_MS, () => this.start());
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
    for (const watched of this.watched) watched.stop();
  }

  /** How each node was when it was looked at last; `undefined` before the first answer. */
  latest(): readonly (NodeSample | undefined)[] {
    return this.watched.map(({ latest }) => latest);
  }

  /** Sentences about nodes that would not show their metrics when they were looked at last. */
  refusals(): string[] {
    return this.watched.flatMap(({ refusal }) => refusal ?? []);
  }

  /** Everything up to now. */
  series(): NodeSeries[] {
    return this.watched.map((watched) => watched.series());
  }
}

/** Counters at one moment, of which the next ones make rates. */
interface Marks {
  /** Monotonic milliseconds. */
  readonly when: number;
  readonly pid: number | undefined;
  readonly cpuSeconds: number | undefined;
  readonly edits: number | undefined;
}

class Watched {
  latest: NodeSample | undefined;
  /** With what `/metrics` was refused last. */
  private refused: number | undefined;
  private version: string | undefined;
  private askedVersion = false;
  private marks: Marks | undefined;
  private looking = false;
  private readonly kept = new KeptSamples();
  private readonly ended = new AbortController();

  constructor(
    private readonly node: WatchedNode,
    private readonly options: NodeWatchOptions,
  ) {}

  /** One look at a time: a node that answers late is looked at less often. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const text = await this.ask(METRICS);
    if (text !== undefined && !this.askedVersion) {
      this.askedVersion = true;
      this.version = versionIn((await this.ask('/healthz')) ?? '');
    }
    this.looking = false;
    if (!this.ended.signal.aborted) this.note(text);
  }

  stop(): void {
    this.ended.abort();
  }

  get refusal(): string | undefined {
    const { refused, node, options } = this;
    if (refused === undefined) return undefined;
    const todo =
      options.token === undefined
        ? 'give a --token that opens it'
        : 'the --token that was given does not open it: it must have a claim "operator"';
    const { host, origin } = new URL(node.url);
    const who = node.name === host ? origin : `${node.name} (${origin})`;
    return `${who} answered /metrics with ${refused}, so that it tells nothing about itself: ${todo}.`;
  }

  series(): NodeSeries {
    const { name, url } = this.node;
    const version = this.version === undefined ? {} : { version: this.version };
    return { name, url, ...version, samples: this.kept.samples() };
  }

  private note(text: string | undefined): void {
    const { clock, at } = this.options;
    const pid = this.node.pid();
    const usage = processUsage(pid);
    const told: Partial<NodeReading> = text === undefined ? {} : readMetrics(text);
    const cpuSeconds = told.cpuSeconds ?? usage?.cpuSeconds;
    const rss = told.rss ?? usage?.rss;
    const marks: Marks = { when: clock.monotonic(), pid, cpuSeconds, edits: told.edits };
    const cpu = rate('cpuSeconds', this.marks, marks);
    const editsPerSecond = rate('edits', this.marks, marks);
    this.marks = marks;
    this.latest = {
      at: round(at(), 2),
      up: text !== undefined,
      ...(cpu === undefined ? {} : { cpu: round(cpu, 4) }),
      ...(rss === undefined ? {} : { rss }),
      ...(told.lagMs === undefined ? {} : { lagMs: round(told.lagMs, 2) }),
      ...(told.sessions === undefined ? {} : { sessions: told.sessions }),
      ...(editsPerSecond === undefined ? {} : { editsPerSecond: round(editsPerSecond, 1) }),
    };
    this.kept.add(this.latest);
  }

  /** The body; empty if the server answers with an error, `undefined` if nobody answers. */
  private async ask(path: string): Promise<string | undefined> {
    const { token } = this.options;
    try {
      const answer = await fetch(new URL(path, this.node.url), {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: AbortSignal.any([this.ended.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      const body = await answer.text();
      if (path === METRICS) this.refused = REFUSALS.includes(answer.status) ? answer.status : undefined;
      return answer.ok ? body : '';
    } catch {
      return undefined;
    }
  }
}

/** Per second; `undefined` without two readings of the same process, whose counters only grow. */
function rate(key: 'cpuSeconds' | 'edits', before: Marks | undefined, now: Marks): number | undefined {
  const from = before?.[key];
  const to = now[key];
  if (before === undefined || from === undefined || to === undefined) return undefined;
  if (before.pid !== now.pid || to < from) return undefined;
  const seconds = (now.when - before.when) / 1000;
  return seconds > 0 ? (to - from) / seconds : undefined;
}

function versionIn(body: string): string | undefined {
  try {
    const { version } = JSON.parse(body) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Digits that mean nothing make a long run's result long. */
function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
