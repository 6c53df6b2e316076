import { beforeEach, expect, test } from '@jest/globals';
import { BusEcho } from '../../../server/cluster/bus-echo.js';
import { ManualClock } from '../../support/manual-clock.js';

let clock: ManualClock;
let took: number[];
let echo: BusEcho;

beforeEach(() => {
  clock = new ManualClock();
  took = [];
  echo = new BusEcho(clock, (ms) => took.push(ms));
});

test('[METRIC8] a message is timed from when it was sent until it came back', () => {
  echo.sent();
  clock.advance(30);
  echo.heard();
  echo.sent();
  clock.advance(5);
  echo.heard();
  expect(took).toEqual([30, 5]);
});

test('[METRIC8] what comes back belongs to what was sent in the same order', () => {
  echo.sent();
  clock.advance(10);
  echo.sent();
  clock.advance(10);
  echo.heard();
  // The second one is under way, and a third is timed now.
  echo.sent();
  clock.advance(1);
  echo.heard();
  expect(took).toEqual([20]);
  clock.advance(3);
  echo.heard();
  expect(took).toEqual([20, 4]);
});

test('[METRIC8] a message that is lost is given up, and so is everything under way when the line breaks', () => {
  echo.sent();
  clock.advance(10_001);
  echo.sent();
  clock.advance(7);
  echo.heard();
  expect(took).toEqual([7]);
  echo.sent();
  echo.forget();
  echo.sent();
  clock.advance(2);
  echo.heard();
  expect(took).toEqual([7, 2]);
});
