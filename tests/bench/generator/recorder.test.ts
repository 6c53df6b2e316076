import { describe, expect, test } from '@jest/globals';
import { Recorder } from '../../../bench/generator/recorder.js';
import { Schedule } from '../../../bench/generator/schedule.js';
import { between, forSeeds } from '../../support/seeds.js';

const INTERVAL = 200;

/** Documents a (clients 0, 1, 2) and b (clients 3, 4); 0, 1 and 3 type, five times a second, all from time 0 on. */
function record({ from = 0, to = 1e9, sampleEvery = 1 } = {}): Recorder {
  const seats = [0, 1, 2, 3, 4].map((number) => ({ number, document: number < 3 ? 'a' : 'b' }));
  const typists = [0, 1, 3];
  const schedule = new Schedule({ typists, rate: 1000 / INTERVAL, startsAt: 0, random: () => 0 });
  return new Recorder({ seats, typists, schedule, window: { from, to }, sampleEvery });
}

function send(recorder: Recorder, typist: number, clocks: number): void {
  for (let clock = 0; clock < clocks; clock++)
    recorder.noteSent(typist, clock, clock * INTERVAL, clock * INTERVAL);
}

describe('counting what arrives', () => {
  test('[BENCH5] an edit is expected at every other client of its document, and nowhere else', () => {
    const recorder = record();
    send(recorder, 0, 2);
    send(recorder, 3, 1);
    expect([recorder.sent, recorder.expected, recorder.missing]).toEqual([3, 5, 5]);
    recorder.noteReceived(1, [0, 0, 2], 500);
    recorder.noteReceived(2, [0, 0, 1], 500);
    recorder.noteReceived(4, [3, 0, 1], 500);
    expect([recorder.delivered, recorder.missing, recorder.duplicates, recorder.foreign]).toEqual([
      4, 1, 0, 0,
    ]);
    // A client's own edit, come back, is neither.
    recorder.noteReceived(0, [0, 0, 2], 500);
    expect([recorder.delivered, recorder.missing, recorder.duplicates]).toEqual([4, 1, 0]);
    // Of another document, of somebody who does not type, of nobody.
    recorder.noteReceived(4, [0, 0, 1, 2, 0, 1, 77, 0, 1, -5, 0, 1], 500);
    expect([recorder.delivered, recorder.foreign]).toEqual([4, 4]);
  });

  test('[BENCH5] losses and duplicates are counted exactly, in whatever order and in whatever runs edits come', () => {
    forSeeds(30, 'tests/bench/generator/recorder', (random) => {
      const recorder = record();
      const sent = between(random, 1, 60);
      send(recorder, 0, sent);
      const got = new Map<number, number>();
      for (let i = between(random, 0, 60); i > 0; i--) {
        const clock = between(random, 0, sent - 1);
        const length = between(random, 1, Math.min(5, sent - clock));
        recorder.noteReceived(1, [0, clock, length], 1e6);
        for (let c = clock; c < clock + length; c++) got.set(c, (got.get(c) ?? 0) + 1);
      }
      const copies = [...got.values()].reduce((sum, count) => sum + count, 0);
      expect(recorder.delivered).toBe(got.size);
      expect(recorder.duplicates).toBe(copies - got.size);
      expect(recorder.missing).toBe(2 * sent - got.size);
      recorder.noteReceived(1, [0, 0, sent], 1e6);
      recorder.noteReceived(2, [0, 0, sent], 1e6);
      expect([recorder.missing, recorder.duplicates]).toEqual([0, copies]);
    });
  });

  test('[BENCH6] latency is from the moment an edit was due, of what was due in the window, also if it comes later', () => {
    const recorder = record({ from: 200, to: 600 });
    // Due at 0, 200, 400 and 600; the generator is late with the third.
    for (const [clock, at] of [0, 200, 430, 600].entries()) recorder.noteSent(0, clock, clock * INTERVAL, at);
    recorder.noteReceived(1, [0, 0, 2], 205);
    recorder.noteReceived(1, [0, 2, 2], 700);
    expect([recorder.sentInWindow, recorder.expectedInWindow, recorder.deliveredInWindow]).toEqual([2, 4, 2]);
    expect(recorder.latency.count).toBe(2);
    expect(recorder.latency.quantiles().p50).toBeCloseTo(5, 1);
    expect(recorder.latency.quantiles().max).toBeCloseTo(300, 0);
    expect(recorder.slip.quantiles()).toMatchObject({ count: 2 });
    expect(recorder.slip.quantiles().max).toBeCloseTo(30, 0);
    recorder.noteAcked(0, 0, 50);
    recorder.noteAcked(0, 1, 207);
    expect([recorder.acks, recorder.acksInWindow]).toEqual([2, 1]);
    expect(recorder.ackLatency.quantiles().max).toBeCloseTo(7, 1);
  });

  test('[BENCH6] with many receivers latency is taken at some, in turn, and deliveries are counted at all', () => {
    const recorder = record({ sampleEvery: 2 });
    send(recorder, 0, 100);
    for (let clock = 0; clock < 100; clock++) {
      for (const receiver of [1, 2]) recorder.noteReceived(receiver, [0, clock, 1], 1e5);
    }
    expect([recorder.delivered, recorder.missing]).toEqual([200, 0]);
    expect(recorder.latency.count).toBe(100);
  });
});
