import { PATIENCE_MS } from './patience.js';

const LOOK_EVERY_MS = 5;

/**
 * Fulfils once the condition holds.
 *
 * @param what what is waited for, for the message
 * @throws Error if it does not hold within `ms` milliseconds
 */
export async function until(condition: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still waiting after ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
