import type { AdminOverview, NodeReport, RecentError } from '../../shared/admin.js';
import type { Clock, Timer } from '../../shared/time.js';
import type { NodesBus } from '../cluster/bus.js';
import type { NodeMessage } from './node-messages.js';
import type { NodeReporter } from './node-reporter.js';
import type { RecentErrors } from './recent-errors.js';

const EVERY_MS = 1_000;
/** Who wanted reports is taken to want them for so long, in milliseconds. */
const WANTED_MS = 5_000;
/** The other nodes are told again and again that somebody watches, in milliseconds. */
const SAY_EVERY_MS = 2_000;
/** A node that has not told of itself for so long is silent, and then its report is too old, in milliseconds. */
const SILENT_AFTER_MS = 3_000;
const OLD_AFTER_MS = 5_000;
/** Nodes that have just been asked are waited for before they count as silent, in milliseconds. */
const PATIENCE_MS = 2_500;
const MAX_ERRORS = 100;

/** Somebody who looks. */
export interface Watcher {
  overview(overview: AdminOverview): void;
  /** Nothing more comes: this node stops. */
  ended(): void;
}

export interface WatchOptions {
  readonly bus: NodesBus;
  readonly clock: Clock;
  readonly reporter: NodeReporter;
  readonly errors: Pick<RecentErrors, 'count' | 'list'>;
  tell(message: NodeMessage): void;
}

interface Heard {
  readonly report: NodeReport;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly errorCount: number;
  readonly errors: readonly RecentError[];
}

/**
 * How all nodes fare, once a second, as long as an operator looks at it, on this node or on another one. While nobody does
 * nothing is measured and nothing sent.
 */
export class Watch {
  private readonly heard = new Map<string, Heard>();
  private readonly watchers = new Set<Watcher>();
  /** Until when, by the monotonic clock, somebody here and on other nodes wants reports. */
  private wantedHere = Number.NEGATIVE_INFINITY;
  private wantedThere = Number.NEGATIVE_INFINITY;
  private timer: Timer | undefined;
  private own: NodeReport | undefined;
  /** Since when somebody here watches, and when the other nodes were last told so. */
  private since = 0;
  private saidAt = Number.NEGATIVE_INFINITY;
  /** Errors of other nodes are missing here. */
  private lacksErrors = true;
  /** How many errors of this node the others have been told of. */
  private toldErrors = -1;
  private stopped = false;

  constructor(private readonly options: WatchOptions) {}

  /** Whether anything is measured at the moment. */
  get running(): boolean {
    return this.timer !== undefined;
  }

  /** Somebody is told each second, and at once if there is something to tell. */
  add(watcher: Watcher): void {
    this.want();
    if (this.stopped) watcher.ended();
    else this.watchers.add(watcher);
    if (this.own !== undefined) watcher.overview(this.overview(this.own));
  }

  delete(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  /** How the nodes fare; measured for a second first, unless somebody watches already. */
  once(): Promise<AdminOverview> {
    return new Promise((resolve) => {
      const answer = (overview: AdminOverview): void => {
        this.delete(watcher);
        resolve(overview);
      };
      const watcher: Watcher = {
        overview: (overview) => {
          const isComplete = overview.nodes.length > this.options.bus.others.length;
          if (isComplete || this.watchedFor >= PATIENCE_MS) answer(overview);
        },
        ended: () => answer(this.overview(this.own ?? this.options.reporter.report())),
      };
      this.add(watcher);
    });
  }

  /** Another node wants reports, or tells of itself. */
  hear(message: Extract<NodeMessage, { type: 'watch' | 'report' }>, from: string): void {
    if (message.type === 'watch') {
      this.wantedThere = this.options.clock.monotonic() + WANTED_MS;
      if (message.fresh) this.toldErrors = -1;
      this.start();
      return;
    }
    if (!this.isWantedHere) return;
    const before = this.heard.get(from);
    const { report, errorCount, errors = before?.errors ?? [] } = message;
    const isKnown = message.errors !== undefined || before?.errorCount === errorCount;
    if (!isKnown) this.lacksErrors = true;
    const known = isKnown ? errorCount : -1;
    this.heard.set(from, { report, at: this.options.clock.monotonic(), errorCount: known, errors });
  }

  /** Whoever watches learns at once that this node begins to drain, or takes clients again: it may not be there in a second. */
  stateChanged(state: NodeReport['state']): void {
    if (this.own === undefined) return;
    this.own = { ...this.own, at: this.options.clock.wall(), state };
    this.show(this.own);
  }

  /** Nothing is measured or told any more. */
  stop(): void {
    this.stopped = true;
    this.end();
    for (const watcher of [...this.watchers]) watcher.ended();
    this.watchers.clear();
  }

  private get isWantedHere(): boolean {
    return this.watchers.size > 0 || this.options.clock.monotonic() < this.wantedHere;
  }

  private get isWantedThere(): boolean {
    return this.options.clock.monotonic() < this.wantedThere;
  }

  private get watchedFor(): number {
    return this.options.clock.monotonic() - this.since;
  }

  private want(): void {
    if (!this.isWantedHere) {
      this.since = this.options.clock.monotonic();
      this.lacksErrors = true;
      this.heard.clear();
      this.say();
    }
    this.wantedHere = this.options.clock.monotonic() + WANTED_MS;
    this.start();
  }

  /** The other nodes are to tell of themselves. */
  private say(): void {
    this.saidAt = this.options.clock.monotonic();
    this.options.tell({ type: 'watch', fresh: this.lacksErrors });
    this.lacksErrors = false;
  }

  private start(): void {
    if (this.timer !== undefined || this.stopped) return;
    this.options.reporter.begin();
    this.schedule();
  }

  private schedule(): void {
    this.timer = this.options.clock.schedule(EVERY_MS, () => this.tick());
  }

  private end(): void {
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
    this.options.reporter.end();
    this.heard.clear();
  }

  private tick(): void {
    if (!this.isWantedThere && !this.isWantedHere) {
      this.end();
      this.own = undefined;
      return;
    }
    this.own = this.options.reporter.report();
    this.schedule();
    this.show(this.own);
    const now = this.options.clock.monotonic();
    if (this.isWantedHere && (this.lacksErrors || now - this.saidAt >= SAY_EVERY_MS)) this.say();
  }

  private show(own: NodeReport): void {
    if (this.isWantedThere) this.tellOthers(own);
    if (this.watchers.size === 0) return;
    const overview = this.overview(own);
    for (const watcher of [...this.watchers]) watcher.overview(overview);
  }

  private tellOthers(report: NodeReport): void {
    const { errors, tell } = this.options;
    const errorCount = errors.count;
    const isNew = errorCount !== this.toldErrors;
    this.toldErrors = errorCount;
    tell({ type: 'report', report, errorCount, ...(isNew && { errors: errors.list(report.node) }) });
  }

  private overview(own: NodeReport): AdminOverview {
    const { bus, clock, errors } = this.options;
    const now = clock.monotonic();
    const others = [...bus.others].sort();
    const told = others.flatMap((node) => {
      const heard = this.heard.get(node);
      return heard !== undefined && now - heard.at < OLD_AFTER_MS ? [heard] : [];
    });
    const isSilent = (node: string): boolean =>
      now - (this.heard.get(node)?.at ?? Number.NEGATIVE_INFINITY) > SILENT_AFTER_MS;
    return {
      node: bus.node,
      at: clock.wall(),
      nodes: [own, ...told.map(({ report }) => report)],
      errors: newest([...errors.list(bus.node), ...[...this.heard.values()].flatMap((one) => one.errors)]),
      silent: this.watchedFor < PATIENCE_MS ? [] : others.filter(isSilent),
    };
  }
}

function newest(errors: readonly RecentError[]): readonly RecentError[] {
  return [...errors].sort((a, b) => b.at - a.at).slice(0, MAX_ERRORS);
}
