import { type Clock, systemClock } from '../../shared/time.js';

/** What is waited for: deliveries that have come and that should still come. */
export interface Deliveries {
  readonly delivered: number;
  readonly missing: number;
}

/** Who should send them. */
export interface Sender {
  readonly running: boolean;
  /** CPU time that it has used so far, in milliseconds; asked only while it runs. */
  cpuMs(): number;
}

/**
 * `complete`: everything came. `quiet`: nothing comes any longer and the server has nothing to do, so that what is missing is
 * lost. `behind`: the server was still at work, with more to do than can be waited for.
 */
export type Drained = 'complete' | 'quiet' | 'behind';

const LOOK_EVERY_MS = 50;
const QUIET_MS = 2_000;
/** A server that uses more of its core is at work: some send nothing for seconds while they are behind. */
const BUSY_SHARE = 0.3;
/** When it can be told how long the rest will take. */
const ESTIMATE_AFTER_MS = 4_000;
const MAX_MS = 15_000;

/** Waits for what is under way. */
export async function drain(
  deliveries: Deliveries,
  sender: Sender,
  clock: Clock = systemClock(),
): Promise<Drained> {
  const startedAt = clock.monotonic();
  const atFirst = deliveries.delivered;
  let delivered = atFirst;
  let lookedAt = startedAt;
  let aliveAt = startedAt;
  let cpuMs = sender.running ? sender.cpuMs() : 0;
  for (;;) {
    if (deliveries.missing === 0) return 'complete';
    if (!sender.running) return 'quiet';
    const now = clock.monotonic();
    const usedMs = sender.cpuMs() - cpuMs;
    if (deliveries.delivered > delivered || usedMs > BUSY_SHARE * (now - lookedAt)) aliveAt = now;
    delivered = deliveries.delivered;
    cpuMs += usedMs;
    lookedAt = now;
    if (now - aliveAt > QUIET_MS) return 'quiet';
    const passed = now - startedAt;
    const rate = (delivered - atFirst) / passed;
    const hopeless = passed > ESTIMATE_AFTER_MS && rate > 0 && passed + deliveries.missing / rate > MAX_MS;
    if (passed > MAX_MS || hopeless) return 'behind';
    await new Promise((resolve) => clock.schedule(LOOK_EVERY_MS, () => resolve(undefined)));
  }
}
