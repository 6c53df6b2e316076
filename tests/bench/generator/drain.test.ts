import { describe, expect, test } from '@jest/globals';
import { type Drained, drain } from '../../../bench/generator/drain.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

/** Waits for so many seconds at most, in which `perSecond` deliveries come, `atMost` in all. */
async function drained(
  missing: number,
  perSecond: number,
  atMost: number,
  seconds: number,
  { running = true, load = 0 } = {},
) {
  const clock = new ManualClock();
  const deliveries = { delivered: 100, missing };
  let result: Drained | undefined;
  const sender = { running, cpuMs: () => clock.monotonic() * load };
  void drain(deliveries, sender, clock).then((value) => {
    result = value;
  });
  for (let ms = 0; ms < seconds * 1000 && result === undefined; ms += 50) {
    await settle();
    clock.advance(50);
    const came = Math.min(perSecond / 20, atMost - (deliveries.delivered - 100));
    deliveries.delivered += came;
    deliveries.missing -= came;
  }
  await settle();
  return [result, deliveries.missing];
}

describe('waiting for what is under way', () => {
  test('[BENCH11] it ends as soon as everything has come', async () => {
    expect(await drained(0, 0, 0, 1)).toEqual(['complete', 0]);
    expect(await drained(500, 100, 500, 6)).toEqual(['complete', 0]);
  });

  test('[BENCH11] once nothing has come for two seconds, what is missing is lost', async () => {
    expect(await drained(500, 100, 300, 6)).toEqual(['quiet', 200]);
    expect(await drained(500, 0, 0, 3)).toEqual(['quiet', 500]);
    expect(await drained(500, 0, 0, 0.1, { running: false })).toEqual(['quiet', 500]);
  });

  test('[BENCH11] a server that has minutes of work left is not waited for', async () => {
    const [result, missing] = await drained(1_000_000, 1000, 1_000_000, 6);
    expect(result).toBe('behind');
    expect(missing).toBeGreaterThan(990_000);
  });

  test('[BENCH11] a server that sends nothing but is at work is waited for', async () => {
    expect(await drained(500, 0, 0, 10, { load: 0.9 })).toEqual([undefined, 500]);
    expect(await drained(500, 0, 0, 20, { load: 0.9 })).toEqual(['behind', 500]);
    expect(await drained(500, 0, 0, 3, { load: 0.1 })).toEqual(['quiet', 500]);
  });
});
