import type { Clock } from '../../shared/time.js';

/** What a promise brings, unless it takes longer than `ms` milliseconds. @throws Error if it does */
export function within<T>(ms: number, clock: Clock, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(ms, () => reject(new Error(`nothing has come within ${ms} ms`)));
    promise.then(resolve, reject).finally(() => clock.cancel(timer));
  });
}
