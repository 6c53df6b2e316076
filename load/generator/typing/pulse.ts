import type { Clock, Timer } from '../../../shared/time.js';

/** Something that is to happen again and again. Times by the clock's `monotonic`, in milliseconds. */
export interface Beat {
  due: number;
  /** @returns when it is due again; `undefined`: never */
  beat(due: number, now: number): number | undefined;
}

/** A turn of the event loop that lasts longer lets the network in between. */
const MAX_TURN_MS = 8;

/**
 * Calls everybody when he is due, in the order of the times: thousands of people in one timer. Nobody waits for anything: who
 * is late, because the process was, catches up.
 */
export class Pulse {
  /** A binary heap: the earliest first. */
  readonly #heap: Beat[] = [];
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #timerAt = 0;
  #running = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(beat: Beat): void {
    this.#heap.push(beat);
    this.#up(this.#heap.length - 1);
    if (!this.#running) this.#arm();
  }

  /** Nothing more happens. */
  stop(): void {
    this.#heap.length = 0;
    this.#running = false;
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  readonly #run = (): void => {
    this.#timer = undefined;
    this.#running = true;
    const startedAt = this.#clock.monotonic();
    let now = startedAt;
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#remove();
      const next = first.beat(first.due, now);
      if (next !== undefined && this.#running) {
        first.due = next;
        this.add(first);
      }
      now = this.#clock.monotonic();
      if (now - startedAt > MAX_TURN_MS) break;
    }
    this.#running = false;
    this.#arm();
  };

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined) return;
    if (this.#timer !== undefined) {
      if (this.#timerAt <= first.due) return;
      this.#clock.cancel(this.#timer);
    }
    this.#timerAt = first.due;
    this.#timer = this.#clock.schedule(Math.max(0, first.due - this.#clock.monotonic()), this.#run);
  }

  #remove(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#due(parent) <= this.#due(at)) return;
      this.#swap(parent, at);
      at = parent;
    }
  }

  #down(from: number): void {
    let at = from;
    for (;;) {
      let least = 2 * at + 1;
      if (least >= this.#heap.length) return;
      if (least + 1 < this.#heap.length && this.#due(least + 1) < this.#due(least)) least++;
      if (this.#due(at) <= this.#due(least)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #due(at: number): number {
    return this.#heap[at]?.due ?? 0;
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
