import type { TestFramework } from '../../contracts/index.js';

export interface RecordedTest {
  readonly name: string;
  /** Runs it as a framework does, between what comes before and after each test. */
  run(): Promise<void>;
}

/** A test framework that keeps what is registered with it, so that a test can look how tests fail. */
export function recordTests(register: (framework: TestFramework) => void): readonly RecordedTest[] {
  const recorded: RecordedTest[] = [];
  const [before, after]: [(() => Promise<void>)[], (() => Promise<void>)[]] = [[], []];
  register({
    describe: (_, body) => body(),
    beforeEach: (body) => before.push(body),
    afterEach: (body) => after.push(body),
    test(name, body) {
      const run = async () => {
        for (const step of before) await step();
        try {
          await body();
        } finally {
          for (const step of after) await step();
        }
      };
      recorded.push({ name, run });
    },
  });
  return recorded;
}

/** Names of those that fail, one after the other. */
export async function failingTests(tests: readonly RecordedTest[]): Promise<string[]> {
  const failing: string[] = [];
  for (const { name, run } of tests) {
    await run().catch(() => failing.push(name));
  }
  return failing;
}
