import type { Clock } from '../../shared/time.js';

/** Fulfils after so many milliseconds, or when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      signal.removeEventListener('abort', done);
      clock.cancel(timer);
      resolve();
    };
    const timer = clock.schedule(ms, done);
    signal.addEventListener('abort', done);
  });
}

/** Fulfils when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
