/** A pending timer, as the `Clock` that made it understands it. */
export type Timer = { readonly timer: unknown };

/** Time as a parameter: production passes the system's, tests and the simulation their own. */
export interface Clock {
  /** Milliseconds since some fixed point; never goes backwards. */
  monotonic(): number;
  /** Milliseconds since the Unix epoch. */
  wall(): number;
  /** Calls `run` once, in `delay` milliseconds at the earliest. */
  schedule(delay: number, run: () => void): Timer;
  cancel(timer: Timer): void;
}

/** Chance as a parameter: a number in [0, 1). */
export type Random = () => number;

interface TimerGlobals {
  setTimeout(run: () => void, delay: number): unknown;
  clearTimeout(timer: unknown): void;
  performance: { now(): number };
}

/** The system's clock. Its timers do not keep a Node process alive when `unref` is asked for. */
export function systemClock(options: { unref?: boolean } = {}): Clock {
  const globals = globalThis as unknown as TimerGlobals;
  return {
    monotonic: () => globals.performance.now(),
    wall: () => Date.now(),
    schedule(delay, run) {
      const timer = globals.setTimeout(run, delay);
      if (options.unref) (timer as { unref?(): void }).unref?.();
      return { timer };
    },
    cancel: ({ timer }) => globals.clearTimeout(timer),
  };
}

/** Exponential back-off with full jitter: between half of and the whole of `base * 2^attempt`, at most `max` ms. */
export function backoff(attempt: number, base: number, max: number, random: Random): number {
  const ceiling = Math.min(max, base * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + random() * (ceiling / 2);
}

/** So many milliseconds, give or take half of `share` of them: what several nodes do regularly they do at different times. */
export function about(ms: number, share: number, random: Random): number {
  return ms * (1 + share * (random() - 0.5));
}
