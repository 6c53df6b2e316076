import { expect, test } from '@jest/globals';
import { relativeTime } from '../../../client/app/relative-time.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-5 * MINUTE, 'just now'],
  [0, 'just now'],
  [9 * SECOND, 'just now'],
  [10 * SECOND, 'less than a minute ago'],
  [MINUTE, '1 minute ago'],
  [3.9 * MINUTE, '3 minutes ago'],
  [HOUR, '1 hour ago'],
  [23 * HOUR, '23 hours ago'],
  [DAY, 'yesterday'],
  [6 * DAY, '6 days ago'],
  [7 * DAY, 'last week'],
  [40 * DAY, 'last month'],
  [800 * DAY, '2 years ago'],
])('[PAGE4] %d ms ago reads "%s"', (ago, text) => {
  expect(relativeTime(1e12 - ago, 1e12)).toBe(text);
});
