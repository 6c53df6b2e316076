/** Below this, in milliseconds, a timer would only add latency. */
export const SHORTEST_WAIT_MS = 1;
