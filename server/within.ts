import { systemClock } from '../shared/time.js';

/** Whether the work is done within so many milliseconds; it goes on behind if not. */
export async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const clock = systemClock();
  let expire = (): void => {};
  const expired = new Promise<boolean>((resolve) => {
    expire = () => resolve(false);
  });
  const timer = clock.schedule(ms, expire);
  try {
    return await Promise.race([work.then(() => true), expired]);
  } finally {
    clock.cancel(timer);
  }
}
