import { expect, test } from '@jest/globals';
import {
  countOf,
  millis,
  moment,
  percent,
  rate,
  size,
  span,
  timeOfDay,
  whole,
} from '../../../../client/app/admin/format.js';

test('[ADMPAGE3] figures are short, with separators, in units that fit', () => {
  expect([0, 12_345, 1_234_567].map(whole)).toEqual(['0', '12,345', '1,234,567']);
  expect([0, 0.04, 0.44, 9.94, 9.96, 1_234.5].map(rate)).toEqual(['0', '0.0', '0.4', '9.9', '10', '1,235']);
  expect([0, 999, 1_200, 34_400_000, 5e13].map(size)).toEqual(['0 B', '999 B', '1.2 kB', '34 MB', '50 TB']);
  expect([0, 0.42, 12, 999.4, 999.6, 61_000].map(millis)).toEqual([
    ...['0 ms', '0.4 ms', '12 ms', '999 ms', '1.0 s', '61.0 s'],
  ]);
  expect([0, 0.345, 1.8].map(percent)).toEqual(['0 %', '35 %', '180 %']);
  expect([-5, 999, 12_000, 302_000, 3_600_000, 3 * 86_400_000 + 4 * 3_600_000].map(span)).toEqual([
    ...['0 s', '0 s', '12 s', '5 min 2 s', '1 h', '3 d 4 h'],
  ]);
  expect([countOf(1, 'node'), countOf(1_200, 'node')]).toEqual(['1 node', '1,200 nodes']);
});

test('[ADMPAGE3] moments are those of this device', () => {
  const at = new Date(2026, 10, 22, 9, 5, 7).getTime();
  expect(timeOfDay(at)).toBe('09:05:07');
  expect(moment(at)).toBe('22 Nov 2026, 09:05:07');
});

test('[ADMPAGE3] what a node does not tell is no figure', () => {
  for (const format of [whole, rate, size, millis, percent, span, timeOfDay, moment])
    expect([undefined, null, Number.NaN, Number.POSITIVE_INFINITY].map(format)).toEqual(['–', '–', '–', '–']);
});
