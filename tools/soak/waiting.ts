const LOOK_EVERY_MS = 5;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Fulfils once the condition holds. @throws Error if it does not within so many milliseconds */
export async function until(
  condition: () => boolean,
  what: string,
  ms: number,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still waiting after ${ms} ms: ${what}`);
    await pause(lookEveryMs);
  }
}
