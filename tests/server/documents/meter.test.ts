import { expect, test } from '@jest/globals';
import { Meter, type MeterLimits } from '../../../server/documents/meter.js';
import { CoscribeError } from '../../../shared/errors.js';
import { ManualClock } from '../../support/manual-clock.js';

const LIMITS: MeterLimits = {
  maxUpdatesPerSecond: 10,
  updateBurst: 20,
  maxBytesPerSecond: 1_000,
  bytesBurst: 4_000,
  maxJoinsPerSecond: 2,
  joinBurst: 3,
  maxAwarenessPerSecond: 5,
  awarenessBurst: 10,
};

function accepted(times: number, run: () => void): number {
  let count = 0;
  for (let i = 0; i < times; i++) {
    try {
      run();
      count++;
    } catch (error) {
      expect(error).toBeInstanceOf(CoscribeError);
    }
  }
  return count;
}

function started(): { meter: Meter; clock: ManualClock } {
  const clock = new ManualClock();
  clock.advance(1_000_000);
  return { clock, meter: new Meter(LIMITS, clock) };
}

test('[LIMIT4] updates: a burst at once, then so many a second, and what is refused does not count', () => {
  const { meter, clock } = started();
  const update = (): void => meter.update(1);
  expect(accepted(100, update)).toBe(20);
  clock.advance(1_000);
  expect(accepted(100, update)).toBe(10);
  clock.advance(99);
  expect(accepted(100, update)).toBe(0);
  clock.advance(1);
  expect(accepted(100, update)).toBe(1);
  clock.advance(3_600_000);
  expect(accepted(100, update)).toBe(20);
  expect(() => update()).toThrow(expect.objectContaining({ code: 'too-many-updates', retryable: true }));
});

test('[LIMIT4] bytes: likewise; one update larger than a burst has its turn after a rest', () => {
  const { meter, clock } = started();
  const update = (): void => meter.update(500);
  expect(accepted(20, update)).toBe(8);
  clock.advance(1_000);
  expect(accepted(20, update)).toBe(2);
  const large = (): void => meter.update(10_000);
  clock.advance(3_999);
  expect(accepted(1, large)).toBe(0);
  clock.advance(1);
  expect(accepted(1, large)).toBe(1);
  clock.advance(9_000);
  expect(accepted(1, update)).toBe(1);
});

test('[LIMIT5] joins: likewise', () => {
  const { meter, clock } = started();
  const join = (): void => meter.join();
  expect(accepted(10, join)).toBe(3);
  clock.advance(500);
  expect(accepted(10, join)).toBe(1);
  expect(join).toThrow(expect.objectContaining({ code: 'too-many-joins', retryable: true }));
});

test('[LIMIT6] awareness: tells when there is room again, and is right about it', () => {
  const { meter, clock } = started();
  for (let i = 0; i < 10; i++) expect(meter.awareness(100)).toBe(0);
  const wait = meter.awareness(100);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(200);
  clock.advance(wait - 1);
  expect(meter.awareness(100)).toBe(1);
  clock.advance(1);
  expect(meter.awareness(100)).toBe(0);
  expect(meter.awareness(100)).toBe(200);
});

test('[LIMIT6] awareness: a large state counts as often as it has 1,024 bytes, and has its turn all the same', () => {
  const { meter, clock } = started();
  expect(meter.awareness(9 * 1_024)).toBe(0);
  expect(meter.awareness(1_025)).toBe(200);
  expect(meter.awareness(1_024)).toBe(0);
  expect(meter.awareness(20 * 1_024)).toBe(2_000);
  clock.advance(2_000);
  expect(meter.awareness(20 * 1_024)).toBe(0);
  expect(meter.awareness(1)).toBe(2_200);
});

test('[LIMIT4] whatever comes when, no second takes more than burst and rate', () => {
  const { meter, clock } = started();
  const taken: number[] = [];
  for (let i = 0; i < 5_000; i++) {
    clock.advance(i % 7);
    if (accepted(1, () => meter.update(1)) === 1) taken.push(clock.monotonic());
  }
  const most = Math.max(
    ...taken.map((at) => taken.filter((other) => other >= at && other < at + 1_000).length),
  );
  expect(most).toBeLessThanOrEqual(LIMITS.updateBurst + LIMITS.maxUpdatesPerSecond);
  expect(taken.length).toBeLessThanOrEqual(20 + 10 * 15 + 1);
  expect(taken.length).toBeGreaterThan(10 * 14);
});
