import type { Clock, Timer } from '../../shared/time.js';

/** Wall time at which every simulation starts, in milliseconds since the Unix epoch. */
const EPOCH = 1_700_000_000_000;

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Virtual time: a queue of what happens when, in milliseconds. Equal times happen in the order of their planning. */
export class Timeline {
  #now = 0;
  #planned = 0;
  /** A binary heap: entry `i` comes before `2i + 1` and `2i + 2`. */
  readonly #heap: Entry[] = [];

  /**
   * @param turnLasts what happens within so many milliseconds belongs to one turn of the event loop: promises wait
   *   for its end. With 0 everything has a turn of its own.
   */
  constructor(private readonly turnLasts: number) {}

  get now(): number {
    return this.#now;
  }

  /** The right wall time, in milliseconds since the Unix epoch. */
  get wall(): number {
    return EPOCH + Math.floor(this.#now);
  }

  after(delay: number, run: () => void): Entry {
    const entry = { at: this.#now + Math.max(0, delay), order: this.#planned++, run, cancelled: false };
    this.#push(entry);
    return entry;
  }

  /** A clock of one process: once that is gone, its timers never fire. */
  process(skew = 0): ProcessClock {
    return new ProcessClock(this, skew);
  }

  /**
   * Lets things happen, up to the time `until` or until `done` says so. Between two turns everything that waits on
   * promises runs to its end.
   *
   * @returns whether `done` said so
   */
  async run(until: number, done: () => boolean = () => false): Promise<boolean> {
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#pop();
      this.#now = next.at;
      next.run();
      const following = this.#next(until);
      if (following !== undefined && following.at < next.at + this.turnLasts) continue;
      await turn();
      if (done()) return true;
    }
    this.#now = Math.max(this.#now, until);
    return done();
  }

  /** The next thing to happen, if it comes in time. What was cancelled does not count, nor hold a turn open. */
  #next(until: number): Entry | undefined {
    while (this.#heap[0]?.cancelled) this.#pop();
    const next = this.#heap[0];
    return next !== undefined && next.at <= until ? next : undefined;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, last)) break;
      heap[at] = child;
      at = child === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Promises are all run before the event loop takes the next immediate. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** One process's time: its clock, and whether it runs at all. */
export class ProcessClock implements Clock {
  #state: 'running' | 'frozen' | 'dead' = 'running';
  /** What has come for the process while it stood still. */
  #backlog: (() => void)[] = [];
  #timers = 0;

  /** @param skew how much its wall clock is wrong, in milliseconds */
  constructor(
    private readonly timeline: Timeline,
    private readonly skew = 0,
  ) {}

  get frozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers;
  }

  monotonic(): number {
    return this.timeline.now;
  }

  wall(): number {
    return this.timeline.wall + this.skew;
  }

  schedule(delay: number, run: () => void): Timer {
    this.#timers++;
    const timer = this.timeline.after(delay, () =>
      this.arrive(() => {
        if (timer.cancelled) return;
        timer.cancelled = true;
        this.#timers--;
        run();
      }),
    );
    return { timer };
  }

  cancel({ timer }: Timer): void {
    const entry = timer as Entry;
    if (!entry.cancelled) this.#timers--;
    entry.cancelled = true;
  }

  /** Something comes to the process from outside: it happens now, when the process goes on, or never. */
  arrive(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'frozen') this.#backlog.push(run);
  }

  /** The process stands still, as after SIGSTOP. */
  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** It goes on, with whatever has come meanwhile. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const run of this.#backlog.splice(0)) this.timeline.after(0, () => this.arrive(run));
  }

  /** The process is gone. */
  kill(): void {
    this.#state = 'dead';
    this.#backlog = [];
  }
}
