/** Something that goes on until it is stopped. */
export interface Repeated {
  stop(): Promise<void>;
}

/**
 * Does something again and again. The next time comes `everyMs` after the last one was done, so that a server which is slow
 * is asked less; what fails is told, and tried again.
 */
export function repeat(everyMs: number, work: () => Promise<unknown>): Repeated {
  let stopped = false;
  let wake = (): void => {};
  async function run(): Promise<void> {
    while (!stopped) {
      await work().catch((error: unknown) => console.error('It is tried again:', error));
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  const done = run();
  return {
    async stop() {
      stopped = true;
      wake();
      await done;
    },
  };
}
