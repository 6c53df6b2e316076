import { describe, expect, test } from '@jest/globals';
import { Durations } from '../../../load/histogram.js';
import type { Sample } from '../../../load/messages.js';
import { Window } from '../../../load/run/window.js';

function sample(at: number, over: Partial<Sample> = {}): Sample {
  const durations = new Durations();
  for (let ms = 1; ms <= 100; ms++) durations.add(ms);
  return {
    at,
    spanMs: 1000,
    joined: 10,
    typing: 4,
    offline: 0,
    denied: {},
    typed: 100,
    acked: 100,
    delivered: 200,
    unacked: 0,
    bytesSent: 0,
    bytesReceived: 0,
    joins: 0,
    reconnects: 0,
    goodbyes: 0,
    ackMs: durations.encode(),
    shownMs: durations.encode(),
    joinMs: '',
    errors: { 'too-many-updates': 2 },
    lagMs: 3,
    cpu: 0,
    rss: 0,
    ...over,
  };
}

describe('figures of a time', () => {
  test('[LOAD5] are sums and rates of what several processes tell', () => {
    const window = new Window(true, 0, 0);
    for (const process of [0, 1]) for (const at of [1000, 2000]) window.add(process, sample(at), 0);
    expect(window.figures()).toMatchObject({
      seconds: 2,
      clients: 20,
      typists: 8,
      typed: 400,
      typedPerSecond: 200,
      deliveredPerSecond: 400,
      generatorLagMs: 3,
    });
    expect(window.figures().ackMs.p50).toBeCloseTo(50, 1);
    expect(window.errors).toBe(8);
  });

  test('[LOAD5] people are counted over the time that is known of their process', () => {
    const window = new Window(true, 0, 0);
    for (const at of [1000, 2000, 3000]) window.add(0, sample(at), 0);
    window.add(1, sample(1000), 0);
    expect(window.figures()).toMatchObject({ seconds: 3, clients: 20, typists: 8 });
  });

  test('[LOAD5] what never came is slower than everything that came', () => {
    const window = new Window(true, 0, 5);
    window.add(0, sample(1000), 30);
    expect(window.backlog).toBe(25);
    const { ackMs } = window.figures();
    // Of 125 edits 100 came: the median of all is the 63rd of them, and nobody knows the 90th percentile.
    expect(ackMs.p50).toBeCloseTo(63, 0);
    expect(ackMs.p90).toBeNull();
    expect(window.quantile('shown', 0.5)).toBeCloseTo(63, 0);
    expect(window.quantile('ack', 0.99)).toBeNull();
  });

  test('[LOAD5] what was typed in it counts when it comes, what was typed before or after it does not', () => {
    const window = new Window(true, 10_000, 0);
    window.add(0, sample(10_200), 0);
    window.add(0, sample(11_000), 40);
    window.end(11_000);
    window.add(0, sample(12_000, { acked: 40, delivered: 40 }), 0);
    const figures = window.figures();
    expect(figures).toMatchObject({ seconds: 1, typed: 100, acked: 140, delivered: 240 });
    expect(figures.ackMs.count).toBe(200);
    expect(figures.ackMs.p99).not.toBeNull();
  });
});
