import { Durations } from '../../load/histogram.js';

export interface ProgressOptions {
  /** Numbers of senders and receivers are below this. */
  readonly clients: number;
  /** When a sender's `index`-th piece was due, by `performance.now()`. */
  readonly due: (sender: number, index: number) => number;
  /** How many should get what a sender sends. */
  readonly receiversOf: (sender: number) => number;
  /** Spans of time, one after the other; latencies are told for each by itself, of what was due in it. */
  readonly windows: readonly Window[];
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface WindowFigures {
  readonly latency: Durations;
  expected: number;
  delivered: number;
}

/**
 * Who has seen how far each sender has come, where what comes later replaces or follows what came before: whoever has the
 * tenth piece of a sender has the ninth, too.
 */
export class Progress {
  readonly windows: readonly WindowFigures[];
  expected = 0;
  delivered = 0;
  /** By receiver and sender: pieces seen. */
  private readonly seen: Int32Array;

  constructor(private readonly options: ProgressOptions) {
    this.seen = new Int32Array(options.clients * options.clients);
    this.windows = options.windows.map(() => ({ latency: new Durations(), expected: 0, delivered: 0 }));
  }

  get missing(): number {
    return this.expected - this.delivered;
  }

  noteSent(sender: number, index: number): void {
    const receivers = this.options.receiversOf(sender);
    this.expected += receivers;
    const window = this.windowOf(this.options.due(sender, index));
    if (window !== undefined) window.expected += receivers;
  }

  /** The receiver has the first `count` pieces of the sender. */
  noteSeen(receiver: number, sender: number, count: number, now: number): void {
    if (receiver === sender || sender < 0 || sender >= this.options.clients) return;
    const at = receiver * this.options.clients + sender;
    const before = this.seen[at] ?? 0;
    if (count <= before) return;
    this.seen[at] = count;
    this.delivered += count - before;
    for (let index = before; index < count; index++) {
      const due = this.options.due(sender, index);
      const window = this.windowOf(due);
      if (window === undefined) continue;
      window.delivered++;
      window.latency.add(now - due);
    }
  }

  private windowOf(due: number): WindowFigures | undefined {
    return this.windows[this.options.windows.findIndex(({ from, to }) => due >= from && due < to)];
  }
}

/** Latencies of a window; what never came is slower than anything. */
export function windowQuantiles({ latency, expected, delivered }: WindowFigures) {
  return latency.quantiles(expected === 0 ? 1 : Math.min(1, delivered / expected));
}
