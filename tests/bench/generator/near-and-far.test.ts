import { expect, test } from '@jest/globals';
import { Recorder } from '../../../bench/generator/recorder.js';
import { Schedule } from '../../../bench/generator/schedule.js';

const INTERVAL = 200;

test('[BENCH38] what comes to clients of the own node and of other nodes is counted apart', () => {
  // Nodes of the clients 0 to 4 of one document; 0 and 1 type, five times a second, from time 0 on.
  const nodes = [0, 1, 0, 1, 1];
  const seats = nodes.map((node, number) => ({ number, document: 'a', node }));
  const typists = [0, 1];
  const schedule = new Schedule({ typists, rate: 1000 / INTERVAL, startsAt: 0, random: () => 0 });
  const window = { from: INTERVAL, to: 1e9 };
  const recorder = new Recorder({ seats, typists, schedule, window, sampleEvery: 1 });
  for (const typist of typists) {
    for (const clock of [0, 1, 2]) recorder.noteSent(typist, clock, clock * INTERVAL, clock * INTERVAL);
  }
  // Each has sent two in the window, to one or two clients at its own node and three or two at the other.
  expect([recorder.near.expected, recorder.far.expected]).toEqual([2 * 1 + 2 * 2, 2 * 3 + 2 * 2]);
  expect(recorder.near.expected + recorder.far.expected).toBe(recorder.expectedInWindow);

  recorder.noteReceived(2, [0, 0, 2], INTERVAL + 10);
  recorder.noteReceived(3, [0, 0, 3], 2 * INTERVAL + 30);
  recorder.noteReceived(3, [1, 0, 2], INTERVAL + 10);
  expect([recorder.near.delivered, recorder.far.delivered]).toEqual([2, 2]);
  // Of the last two at client 3, one was due an interval before the other.
  expect(recorder.near.latency.quantiles().max).toBeCloseTo(10, 1);
  expect(recorder.far.latency.quantiles().p50).toBeCloseTo(30, 1);
  expect(recorder.far.latency.quantiles().max).toBeCloseTo(INTERVAL + 30, 0);
  expect(recorder.latency.count).toBe(4);
});
