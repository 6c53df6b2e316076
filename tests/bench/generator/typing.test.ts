import { describe, expect, test } from '@jest/globals';
import { Schedule } from '../../../bench/generator/schedule.js';
import { Typing } from '../../../bench/generator/typing.js';
import { seededRandom } from '../../support/seeds.js';

describe('typing by schedule', () => {
  test('[BENCH7] each typist has a steady rate and a moment of his own, which the seed decides', () => {
    const make = (seed: number): Schedule =>
      new Schedule({ typists: [2, 5, 9], rate: 5, startsAt: 1000, random: seededRandom(seed) });
    const schedule = make(4);
    for (const typist of [2, 5, 9]) {
      const first = schedule.due(typist, 0);
      expect(first).toBeGreaterThanOrEqual(1000);
      expect(first).toBeLessThan(1200);
      expect(schedule.due(typist, 7)).toBeCloseTo(first + 1400, 6);
      expect(schedule.clockAt(typist, first)).toBe(0);
      expect(schedule.clockAt(typist, first + 1)).toBe(1);
      expect(schedule.clockAt(typist, 0)).toBe(0);
      expect(make(4).due(typist, 3)).toBe(schedule.due(typist, 3));
      expect(make(5).due(typist, 3)).not.toBe(schedule.due(typist, 3));
    }
    const turns = Array.from({ length: 30 }, (_, turn) =>
      schedule.due(schedule.typistOf(turn) ?? Number.NaN, schedule.clockOf(turn)),
    );
    expect(turns).toEqual([...turns].sort((a, b) => a - b));
  });

  test('[BENCH7] every character goes, none before it is due, and a pause of the generator is caught up on', async () => {
    const startsAt = performance.now() + 5;
    const typists = [0, 1, 2, 3, 4, 5, 6];
    const schedule = new Schedule({ typists, rate: 50, startsAt, random: seededRandom(1) });
    const endsAt = startsAt + 300;
    const sent: string[] = [];
    let early = 0;
    let paused = false;
    const typing = new Typing({
      schedule,
      endsAt,
      activity: () => 0,
      send: (typist, clock, due, now) => {
        sent.push(`${typist}:${clock}`);
        if (now < due || due !== schedule.due(typist, clock)) early++;
        if (paused || sent.length < 20) return;
        paused = true;
        for (const until = performance.now() + 60; performance.now() < until; );
      },
    });
    await typing.run();
    const expected = typists.flatMap((typist) =>
      Array.from({ length: schedule.clockAt(typist, endsAt) }, (_, clock) => `${typist}:${clock}`),
    );
    expect([...sent].sort()).toEqual(expected.sort());
    expect(early).toBe(0);
    // 350 characters a second leave hardly a moment in which no next one is near.
    expect(typing.spunMs).toBeGreaterThan(0);
    expect(typing.spunMs).toBeLessThan(300);
  });

  test('[BENCH7] it stops when told to', async () => {
    let count = 0;
    const schedule = new Schedule({ typists: [0], rate: 1000, startsAt: performance.now(), random: () => 0 });
    const typing: Typing = new Typing({
      schedule,
      endsAt: Number.POSITIVE_INFINITY,
      activity: () => 0,
      send: () => {
        if (++count === 5) typing.stop();
      },
    });
    await typing.run();
    expect(count).toBe(5);
  });
});
