import { expect, test } from '@jest/globals';
import { difference } from '../../../tools/replay/compare.js';
import { Latencies } from '../../../tools/replay/latencies.js';
import { ProgressLine } from '../../../tools/replay/progress-line.js';
import { ManualClock } from '../../support/manual-clock.js';

function shown(isTTY: boolean): string[] {
  const clock = new ManualClock();
  const written: string[] = [];
  const line = new ProgressLine({ isTTY, write: (text) => written.push(text) }, clock);
  for (let done = 0; done <= 1_000; done++) {
    clock.advance(10);
    line.show({ done, total: 1_000, unsaved: done === 1_000 ? 0 : 7, elapsedMs: done * 10 });
  }
  line.end();
  return written;
}

test('[REPLAY7] on a terminal one line shows how far the replay is, and is wiped in the end', () => {
  const written = shown(true);
  expect(written.length).toBeLessThan(110);
  expect(written[50]).toMatch(/^\r█+░+ 5\d\d of 1000 transactions, 100\/s, 7 unsaved, 5\.\d s/);
  expect(written.at(-2)).toContain(`${'█'.repeat(24)} 1000 of 1000 transactions, 100/s, 0 unsaved, 10.0 s`);
  expect(written.at(-1)).toBe('\r\u001b[K');
});

test('[REPLAY7] elsewhere a plain line is written now and then', () => {
  const written = shown(false);
  expect(written).toEqual([
    '499 of 1000 transactions, 100/s, 7 unsaved, 5.0 s\n',
    '999 of 1000 transactions, 100/s, 7 unsaved, 10.0 s\n',
  ]);
});

test('[REPLAY3] the first difference is named by its character, with what is there and what should be', () => {
  expect(difference('same 😀', 'same 😀')).toBeUndefined();
  expect(difference('😀abc', '😀abd')).toBe('differs at the character 3: "c" where endContent has "d"');
  expect(difference('ab', 'abc')).toBe('differs at the character 2: the end where endContent has "c"');
  expect(difference('abc', '')).toBe('differs at the character 0: "abc" where endContent has the end');
});

test('[REPLAY7] the time of answers is known within two per cent, however many there are', () => {
  const latencies = new Latencies();
  expect(latencies.quantile(0.5)).toBe(0);
  for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms);
  for (const share of [0.5, 0.99, 1]) {
    expect(latencies.quantile(share) / (share * 1_000)).toBeGreaterThan(0.999);
    expect(latencies.quantile(share) / (share * 1_000)).toBeLessThan(1.021);
  }
});
