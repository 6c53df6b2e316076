import { describe, expect, test } from '@jest/globals';
import { amount, bar, count, milliseconds, span, sparkline } from '../../../load/view/words.js';

describe('figures for people', () => {
  test.each([
    [null, '–'],
    [0.04, '0.0 ms'],
    [3.14, '3.1 ms'],
    [12.6, '13 ms'],
    [999.6, '1.00 s'],
    [1_254, '1.25 s'],
    [61_000, '61.0 s'],
  ])('[LOAD12] %s ms', (ms, text) => {
    expect(milliseconds(ms)).toBe(text);
  });

  test.each([
    [0, '0'],
    [2.54, '2.5'],
    [950, '950'],
    [12_400.4, '12\u202f400'],
    [1_240_000, '1.24 M'],
  ])('[LOAD12] %s of something', (value, text) => {
    expect(amount(value)).toBe(text);
  });

  test('[LOAD12] times, bars and curves', () => {
    expect([span(5), span(65), span(7_210)]).toEqual(['0:05', '1:05', '2:00:10']);
    expect([bar(0, 4), bar(0.5, 4), bar(2, 4)]).toEqual(['░░░░', '██░░', '████']);
    expect(sparkline([1, null, 8, 4], 10)).toBe('▂ █▅');
    expect(sparkline([0, 0], 10)).toBe('▁▁');
    expect(sparkline([9, 9, 1, 2], 2)).toBe('▅█');
    expect([count(1, 'client'), count(2, 'client')]).toEqual(['1 client', '2 clients']);
  });
});
