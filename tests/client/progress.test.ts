import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../client/progress.js';
import { between, forSeeds } from '../support/seeds.js';

describe('progress in the log', () => {
  test('[PROV3] a frame that leaves something out is noticed, one that repeats something is not', () => {
    const progress = new Progress();
    progress.reset(10);
    expect(progress.received(12, 13)).toBe(false);
    expect(progress.seq).toBe(10);
    expect(progress.received(9, 12)).toBe(true);
    expect(progress.seq).toBe(12);
    expect(progress.received(3, 4)).toBe(true);
    expect(progress.seq).toBe(12);
  });

  test('[PROV3] answers may run ahead of the frames', () => {
    const progress = new Progress();
    progress.confirmed(2);
    progress.confirmed(4);
    expect(progress.seq).toBe(0);
    expect(progress.received(1, 1)).toBe(true);
    expect(progress.seq).toBe(2);
    expect(progress.received(3, 3)).toBe(true);
    expect(progress.seq).toBe(4);
  });

  test('[PROV3] a server that lags behind another one takes nothing back', () => {
    const progress = new Progress();
    progress.reset(10);
    progress.confirmed(13);
    progress.reset(8);
    expect(progress.seq).toBe(10);
    expect(progress.received(9, 12)).toBe(true);
    expect(progress.seq).toBe(13);
  });

  test('[PROV3] whatever is own and whatever comes in frames, the number never passes a hole', () => {
    forSeeds(200, 'tests/client/progress', (random) => {
      const progress = new Progress();
      const head = between(random, 1, 40);
      let sent = 0;
      while (sent < head) {
        const end = between(random, sent + 1, head);
        const own = Array.from({ length: end - sent }, (_, n) => sent + 1 + n).filter(() => random() < 0.4);
        for (const seq of own) progress.confirmed(seq);
        if (own.length < end - sent) expect(progress.received(sent + 1, end)).toBe(true);
        expect(progress.seq).toBe(end);
        sent = end;
      }
      expect(progress.received(head + 2, head + 2)).toBe(false);
    });
  });
});
