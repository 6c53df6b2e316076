import { systemClock } from '../shared/time.js';

/** The longest that a timer of Node can wait, in milliseconds. */
const LONG_MS = 2 ** 31 - 1;

/**
 * Keeps the process from ending by itself while somebody waits for this: of what a node does, much waits on timers that do not, so
 * that nothing of it keeps a program that has come to its end.
 */
export async function held<T>(call: () => Promise<T>): Promise<T> {
  const clock = systemClock();
  const timer = clock.schedule(LONG_MS, () => {});
  try {
    return await call();
  } finally {
    clock.cancel(timer);
  }
}
