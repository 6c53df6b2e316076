import { describe, expect, test } from '@jest/globals';
import { IdleQueue } from '../../../server/documents/idle-queue.js';
import { ManualClock } from '../../support/manual-clock.js';

function setUp(onExpired?: (item: string) => void) {
  const clock = new ManualClock();
  const expired: string[] = [];
  const queue = new IdleQueue<string>(clock, 100, (item) => {
    expired.push(`${item} at ${clock.monotonic()}`);
    onExpired?.(item);
  });
  return { clock, expired, queue };
}

describe('the idle queue', () => {
  test('[MEM2] has one timer for everything that is idle, and none when nothing is', () => {
    const { clock, expired, queue } = setUp();
    for (let n = 0; n < 1_000; n++) {
      queue.add(`${n}`);
      clock.advance(0.01);
    }
    expect(clock.pending).toBe(1);
    clock.advance(200);
    expect(expired).toHaveLength(1_000);
    expect(clock.pending).toBe(0);
  });

  test('[MEM2] each item expires at its own time, unless it is taken out before', () => {
    const { clock, expired, queue } = setUp();
    queue.add('a');
    clock.advance(30);
    queue.add('b');
    queue.add('c');
    clock.advance(30);
    queue.delete('b');
    queue.delete('a');
    queue.add('a');
    clock.advance(500);
    expect(expired).toEqual(['c at 130', 'a at 160']);
    queue.add('a');
    queue.delete('a');
    queue.delete('a');
    expect(clock.pending).toBe(0);
  });

  test('[MEM2] what an expiry takes out or puts in is treated like anything else', () => {
    const { clock, expired, queue } = setUp((item) => {
      if (item !== 'a') return;
      queue.delete('b');
      queue.add('d');
    });
    for (const item of ['a', 'b', 'c']) queue.add(item);
    clock.advance(500);
    expect(expired).toEqual(['a at 100', 'c at 100', 'd at 200']);
    expect(clock.pending).toBe(0);
  });
});
