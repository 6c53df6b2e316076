import type { NodeSample } from '../result.js';

/** A point for each second of an hour; longer runs have coarser points. */
const MOST = 3_600;

/** Samples over time, never more than so many: when there are, each two become one, and later ones are gathered alike. */
export class KeptSamples {
  private kept: NodeSample[] = [];
  /** What has come since the last kept point. */
  private gathered: NodeSample[] = [];
  private perPoint = 1;

  /** @param most an even number */
  constructor(private readonly most = MOST) {}

  add(sample: NodeSample): void {
    this.gathered.push(sample);
    if (this.gathered.length < this.perPoint) return;
    this.kept.push(merge(this.gathered));
    this.gathered = [];
    if (this.kept.length < this.most) return;
    this.kept = pairs(this.kept);
    this.perPoint *= 2;
  }

  /** All points, with what is gathered for the next one. */
  samples(): NodeSample[] {
    return this.gathered.length === 0 ? [...this.kept] : [...this.kept, merge(this.gathered)];
  }
}

function pairs(samples: readonly NodeSample[]): NodeSample[] {
  const merged: NodeSample[] = [];
  for (let at = 0; at < samples.length; at += 2) merged.push(merge(samples.slice(at, at + 2)));
  return merged;
}

/** A point that was down for a part of its time is down; lag and memory are the worst, rates the mean. */
function merge(samples: readonly NodeSample[]): NodeSample {
  const numbers = (key: keyof NodeSample): number[] =>
    samples.map((sample) => sample[key]).filter((value) => typeof value === 'number');
  const optional = (key: keyof NodeSample, how: (values: readonly number[]) => number) => {
    const values = numbers(key);
    return values.length === 0 ? {} : { [key]: how(values) };
  };
  return {
    at: Math.max(...numbers('at')),
    up: samples.every(({ up }) => up),
    ...optional('cpu', mean),
    ...optional('rss', (values) => Math.max(...values)),
    ...optional('lagMs', (values) => Math.max(...values)),
    ...optional('sessions', (values) => values[values.length - 1] ?? 0),
    ...optional('editsPerSecond', mean),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
