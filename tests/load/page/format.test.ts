import { expect, test } from '@jest/globals';
import {
  bytes,
  count,
  duration,
  milliseconds,
  moment,
  percent,
  several,
  short,
} from '../../../load/page/format.js';

test('[LOADREP9] figures have three digits at most where there are decimals, and a unit that fits', () => {
  expect([0, 0.0123, 0.999, 4.256, 18.34, 183.4, 1_834.6, 12].map(short)).toEqual([
    ...['0', '0.012', '1', '4.26', '18.3', '183', '1,835', '12'],
  ]);
  expect([0.42, 999, 1_000, 3_210, 61_000].map(milliseconds)).toEqual([
    '0.42 ms',
    '999 ms',
    '1 s',
    '3.21 s',
    '61 s',
  ]);
  expect([0, 999, 1_000, 1_449_000, 999_600, 8e9].map(bytes)).toEqual([
    ...['0 B', '999 B', '1 kB', '1.45 MB', '1 MB', '8 GB'],
  ]);
  expect([0, 0.0031, 0.425, 2].map(percent)).toEqual(['0 %', '0.31 %', '42.5 %', '200 %']);
  expect([count(12_345), several(1, 'client'), several(12, 'client')]).toEqual([
    '12,345',
    '1 client',
    '12 clients',
  ]);
});

test('[LOADREP9] times are told as people tell them', () => {
  expect([0, 7, 59.6, 750, 3_723].map(moment)).toEqual(['0:00', '0:07', '1:00', '12:30', '1:02:03']);
  expect([4.24, 61, 119.96, 725, 7_500, 7_200].map(duration)).toEqual([
    ...['4.2 s', '61 s', '120 s', '12 min', '2 h 5 min', '2 h'],
  ]);
});

test('[LOADREP9] what is not known is a dash', () => {
  for (const format of [count, milliseconds, short, bytes, percent])
    expect([format(null), format(undefined)]).toEqual(['–', '–']);
});
