import { describe, expect, test } from '@jest/globals';
import { type Beat, Pulse } from '../../../../load/generator/typing/pulse.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { between, forSeeds } from '../../../support/seeds.js';

describe('a pulse', () => {
  test('[LOADGEN16] everybody is called when he is due, in that order, and new ones come in between', () => {
    forSeeds(5, 'tests/load/generator/typing/pulse', (random) => {
      const clock = new ManualClock();
      const pulse = new Pulse(clock);
      const called: number[] = [];
      const expected: number[] = [];
      const add = (due: number, times: number, every: number): void => {
        for (let i = 0; i < times; i++) expected.push(due + i * every);
        let left = times;
        const beat: Beat = {
          due,
          beat(at, now) {
            expect(now).toBeGreaterThanOrEqual(at);
            called.push(at);
            if (random() < 0.05) add(now + between(random, 0, 50), 1, 0);
            return --left === 0 ? undefined : at + every;
          },
        };
        pulse.add(beat);
      };
      for (let i = 0; i < 50; i++)
        add(between(random, 1, 400), between(random, 1, 10), between(random, 1, 30));
      for (let i = 0; i < 1_000; i++) clock.advance(1);
      expect(called).toEqual([...expected].sort((a, b) => a - b));
      expect(pulse.size).toBe(0);
    });
  });

  test('[LOADGEN16] who is late catches up, and after the end nothing happens any more', () => {
    const clock = new ManualClock();
    const pulse = new Pulse(clock);
    let calls = 0;
    pulse.add({
      due: 10,
      beat(due) {
        if (++calls === 30) pulse.stop();
        return due + 1;
      },
    });
    clock.advance(20);
    expect(calls).toBe(11);
    clock.advance(100);
    expect(calls).toBe(30);
    clock.advance(100);
    expect(calls).toBe(30);
  });
});
