/** Durations in milliseconds. */
const LOOK_EVERY_MS = 2;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @throws Error that it did not come, after `timeoutMs` */
export async function until(condition: () => boolean, what: string, timeoutMs: number): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > endsAt) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** The middle one; of two in the middle the lower. `undefined` if there is none. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
