import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { about, backoff, systemClock } from '../../shared/time.js';
import { ROOT } from '../support/project-files.js';
import { between, forSeeds } from '../support/seeds.js';

describe('systemClock', () => {
  test('[TIME1] calls a timer once, not before its time', async () => {
    const clock = systemClock();
    const start = clock.monotonic();
    let calls = 0;
    await new Promise<void>((resolve) => {
      clock.schedule(5, () => {
        calls += 1;
        resolve();
      });
    });
    // Node may fire up to a millisecond early, because it counts whole milliseconds.
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(4);
    await new Promise<void>((resolve) => clock.schedule(10, resolve));
    expect(calls).toBe(1);
  });

  test('[TIME1] a cancelled timer is not called, and cancelling it again does no harm', async () => {
    const clock = systemClock();
    let called = false;
    const timer = clock.schedule(1, () => {
      called = true;
    });
    clock.cancel(timer);
    clock.cancel(timer);
    await new Promise<void>((resolve) => clock.schedule(10, resolve));
    expect(called).toBe(false);
  });

  test('[TIME1] never goes backwards, and knows the time of day', () => {
    const clock = systemClock();
    const times = Array.from({ length: 1_000 }, () => clock.monotonic());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(1_000);
  });

  test('[TIME2] a timer keeps the process alive, unless it is told not to', () => {
    const ends = (options: string): string => {
      const script = `import { systemClock } from '${ROOT}/dist/shared/time.js';
        systemClock(${options}).schedule(50, () => process.stdout.write('called'));`;
      return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout;
    };
    expect(ends('')).toBe('called');
    expect(ends('{ unref: true }')).toBe('');
  });
});

describe('backoff', () => {
  test('[TIME3] lies in the upper half of base * 2^attempt, or of the largest wait', () => {
    forSeeds(500, 'tests/shared/time.test.ts', (random) => {
      const attempt = between(random, 0, 100);
      const base = between(random, 1, 5_000);
      const max = between(random, 1, 60_000);
      const whole = Math.min(max, base * 2 ** attempt);
      const wait = backoff(attempt, base, max, random);
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole);
    });
  });

  test('[TIME3] doubles with every attempt up to the largest wait', () => {
    const waits = [0, 1, 2, 3, 4, 5_000].map((attempt) => backoff(attempt, 100, 1_000, () => 0));
    expect(waits).toEqual([50, 100, 200, 400, 500, 500]);
  });
});

describe('about', () => {
  test('[TIME4] lies within half of its share around the time that is meant', () => {
    expect([0, 0.5, 1].map((chance) => about(2_000, 0.2, () => chance))).toEqual([1_800, 2_000, 2_200]);
  });
});
