import { expect, test } from '@jest/globals';
import { EventLoopLag } from '../../../server/telemetry/event-loop-lag.js';
import type { Clock, Timer } from '../../../shared/time.js';
import { systemClock } from '../../../shared/time.js';
import { until } from '../../support/until.js';

/** A loop that runs its timers only when somebody lets it. */
class BlockedClock implements Clock {
  now = 5_000;
  private due: { at: number; run: () => void } | undefined;

  monotonic(): number {
    return this.now;
  }

  wall(): number {
    return this.now;
  }

  schedule(delay: number, run: () => void): Timer {
    this.due = { at: this.now + delay, run };
    return { timer: this.due };
  }

  cancel(): void {
    this.due = undefined;
  }

  get pending(): boolean {
    return this.due !== undefined;
  }

  /** Time passes in which nothing runs. */
  block(ms: number): void {
    this.now += ms;
  }

  /** The loop turns: what is due runs. */
  turn(): void {
    if (this.due !== undefined && this.due.at <= this.now) this.due.run();
  }

  /** A loop with nothing else to do. */
  idle(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) {
      this.now += 10;
      this.turn();
    }
  }
}

test('[LIMIT8] a loop that is late all the time is too late, soon, and recovers by itself', () => {
  const clock = new BlockedClock();
  const lag = new EventLoopLag(clock, 200);
  clock.idle(1_000);
  expect(lag.ms).toBeLessThan(1);
  let blocked = 0;
  while (!lag.tooLong) {
    clock.block(400);
    clock.turn();
    blocked++;
  }
  expect(blocked).toBeLessThanOrEqual(4);
  clock.idle(1_000);
  expect(lag.tooLong).toBe(false);
  clock.idle(2_000);
  expect(lag.ms).toBeLessThan(1);
});

test('[LIMIT8] one collection of garbage is no reason to turn people away, a second of it is', () => {
  const clock = new BlockedClock();
  const lag = new EventLoopLag(clock, 200);
  clock.block(400);
  expect(lag.tooLong).toBe(false);
  clock.turn();
  expect(lag.tooLong).toBe(false);
  clock.idle(2_000);
  // Seen by whoever asks while the loop has not got to its timers yet.
  clock.block(1_000);
  expect(lag.tooLong).toBe(true);
  clock.turn();
  expect(lag.tooLong).toBe(true);
  clock.idle(500);
  expect(lag.tooLong).toBe(false);
  lag.stop();
  expect(clock.pending).toBe(false);
});

test('[LIMIT8] it is measured on a real loop', async () => {
  const clock = systemClock();
  const lag = new EventLoopLag(clock, 100);
  try {
    const end = performance.now() + 900;
    while (performance.now() < end);
    await until(() => lag.tooLong, 'the lag to be seen');
    await until(() => !lag.tooLong, 'the loop to recover');
  } finally {
    lag.stop();
  }
});
