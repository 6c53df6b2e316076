import { expect, test } from '@jest/globals';
import { isCssColor } from '../../../server/documents/css-color.js';

const COLORS = [
  '#abc',
  '#aabbccdd',
  'RebeccaPurple',
  'rgb(1 2 3 / 50%)',
  'RGBA(1, 2, 3, .5)',
  'hsl(120deg 50% 50%)',
  'oklch(0.7 0.1 30)',
  'color(display-p3 1 0 0)',
  'color-mix(in oklab, oklab(0.5 0 0) 50%, rgb(1 2 3))',
  'light-dark(#fff,oklch(0.2 0 0))',
];

const OTHERS: readonly unknown[] = [
  '',
  '()',
  ')(',
  '#12',
  'red; background: url(x)',
  'url(https://example.org)',
  'rgb(url(x))',
  'rgb(1,2,3',
  'rgb(1,2,3))',
  'rgb(1,2,3) red',
  'red rgb(1,2,3)',
  'rgb(rgb(rgb(1)))',
  'rgb(a-rgb(1))',
  'rgb(1;2)',
  'rgb("1")',
  'var(--secret)',
  `#${'a'.repeat(200)}`,
  42,
  null,
];

test.each(COLORS)('[AWR5] %s is a colour', (color) => {
  expect(isCssColor(color)).toBe(true);
});

test.each(OTHERS)('[AWR5] %j is none', (other) => {
  expect(isCssColor(other)).toBe(false);
});

test('[AWR5] [COST1] looking at what only seems to be one takes no time', () => {
  const before = process.cpuUsage();
  for (let time = 0; time < 1_000; time++) {
    expect(isCssColor(`rgb(${'oklab()'.repeat(17)}!`)).toBe(false);
    expect(isCssColor(`rgb(${'oklab('.repeat(20)}`)).toBe(false);
  }
  const { user, system } = process.cpuUsage(before);
  // The first of these took 30 to 200 ms each, by an expression.
  expect((user + system) / 1_000).toBeLessThan(5_000);
});
