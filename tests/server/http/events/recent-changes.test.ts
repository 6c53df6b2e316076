import { describe, expect, test } from '@jest/globals';
import { NOTHING, RecentChanges } from '../../../../server/http/events/recent-changes.js';

function change(from: number, seq: number, text = `${seq};`) {
  return { from, seq, event: Buffer.from(text) };
}

function lacked(recent: RecentChanges, seq: number): string | undefined {
  const after = recent.after(seq);
  return after === undefined || after === NOTHING ? after : after.payload.toString();
}

describe('recent changes', () => {
  test.each<readonly [number, string | undefined, string]>([
    [2, undefined, 'is older than what is known'],
    [3, '6;7;12;', 'is where the first one begins'],
    [4, undefined, 'lies within a change that was made of several rows'],
    [6, '7;12;', 'has seen the first'],
    [7, '12;', 'has seen the second'],
    [9, '12;', 'has seen rows that changed nothing'],
    [10, '12;', 'is where the last one begins'],
    [11, undefined, 'lies within the last one'],
    [12, NOTHING, 'has seen all'],
    [15, NOTHING, 'has seen rows after it that changed nothing'],
  ])('[SSE3] whoever has seen %d is given %s: he %s', (seq, given) => {
    const recent = new RecentChanges(3);
    recent.push([change(3, 6), change(6, 7)]);
    recent.push([change(10, 12)]);
    expect(lacked(recent, seq)).toBe(given);
  });

  test('[SSE3] the oldest are forgotten, never those that came last', () => {
    const recent = new RecentChanges(0);
    for (let seq = 1; seq <= 1_200; seq++) recent.push([change(seq - 1, seq, '.')]);
    expect(lacked(recent, 198)).toBeUndefined();
    expect(lacked(recent, 199)).toHaveLength(1_001);
    const large = 'x'.repeat(2 ** 21);
    recent.push([change(1_200, 1_201, large)]);
    expect(lacked(recent, 1_200)).toBe(large);
    recent.push([change(1_201, 1_202)]);
    expect(lacked(recent, 1_200)).toBeUndefined();
    expect(lacked(recent, 1_201)).toBe('1202;');
  });

  test('[SSE8] what many lack is put together once', () => {
    const recent = new RecentChanges(0);
    recent.push([change(0, 1), change(1, 2)]);
    const first = recent.after(0);
    expect(recent.after(0)).toBe(first);
    expect(recent.after(1)).not.toBe(first);
    recent.push([change(2, 3)]);
    expect(recent.after(0)).not.toBe(first);
  });
});
