/**
 * What the contract needs of a test framework. Jest's, Vitest's and node:test's functions of these names fit as they
 * are, and Mocha's `it` as `test`. There is no `expect` among them: the contract checks with Node's own `assert`.
 */
export interface TestFramework {
  describe(name: string, body: () => void): unknown;
  /** @param timeout how long the test may take, in milliseconds; a framework may have a limit of its own instead */
  test(name: string, body: () => Promise<void> | void, timeout: number): unknown;
  beforeEach(body: () => Promise<void>): unknown;
  afterEach(body: () => Promise<void>): unknown;
}

/** What the parts of the contract register their tests with. */
export interface ContractTests {
  test(name: string, body: () => Promise<void> | void): void;
}
