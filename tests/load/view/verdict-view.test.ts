import { describe, expect, test } from '@jest/globals';
import type { LoadResult } from '../../../load/result.js';
import { verdictLines } from '../../../load/view/verdict-view.js';

const NOTHING = { count: 0, p50: null, p90: null, p99: null, p999: null, max: null };

const RESULT: LoadResult = {
  format: 1,
  version: '1.0.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 70,
  settings: { seed: 42, clients: 600, typists: 300 },
  machine: { cores: 2, cpu: 'c', memory: 1, node: 'v20' },
  targets: ['http://a'],
  outcome: 'passed',
  verdict: {
    equal: true,
    ackedKept: true,
    nothingForeign: true,
    problems: [],
    checked: { documents: 100, clients: 600, freshReads: 300, ackedEdits: 48_000, characters: 51_000 },
  },
  objectives: [
    { objective: 'p99<250ms', held: true, found: 18.2 },
    { objective: 'errors<1%', held: false, found: 0.0123 },
  ],
  notes: ['Something to know.'],
  total: {
    seconds: 60,
    clients: 600,
    typists: 300,
    typed: 48_000,
    acked: 48_000,
    delivered: 240_000,
    typedPerSecond: 800,
    deliveredPerSecond: 4_000,
    bytesSent: 1,
    bytesReceived: 1,
    joins: 0,
    reconnects: 3,
    ackMs: { count: 48_000, p50: 3.1, p90: 6, p99: 12.4, p999: 40, max: 90 },
    shownMs: NOTHING,
    joinMs: { count: 600, p50: 5, p90: 9, p99: 20, p999: 30, max: 31 },
    curves: { ack: [], shown: [], join: [] },
    generatorLagMs: 3,
    generatorLate: 0,
    generatorCpu: 0.3,
  },
  pointSeconds: 1,
  series: [],
  phases: [{ name: 'measure', from: 5, until: 65 }],
  steps: [],
  faults: [
    { kind: 'kill', what: 'node 1', at: 10, until: 12 },
    { kind: 'kill', what: 'node 2', at: 30, until: 32 },
    { kind: 'redis', what: 'Redis', at: 40, until: 45 },
  ],
  nodes: [],
  generators: [],
  limitedByGenerator: false,
  errors: { 'connection: closed by the server': 3 },
  goodbyes: 7,
};

describe('what is said in the end', () => {
  test('[LOAD8] the figures, what to know about them, and the verdict in three sentences', () => {
    expect(verdictLines(RESULT)).toEqual([
      '',
      'measured  1:00 with 600 clients, 300 of them typing',
      'edits     48\u202f000 typed (800/s), shown 240\u202f000 times (4\u202f000/s)',
      'saved     p50 3.1 ms  p90 6.0 ms  p99 12 ms  p99.9 40 ms  max 90 ms',
      'shown     nothing to measure',
      'joined    p50 5.0 ms  p90 9.0 ms  p99 20 ms  p99.9 30 ms  max 31 ms',
      'came back 3 times',
      'faults    kill 2, redis 1',
      'goodbyes  7 times, of nodes that stopped',
      'errors    connection: closed by the server 3',
      '✓ p99<250ms: 18 ms',
      '✗ errors<1%: 1.23 %',
      'note      Something to know.',
      '',
      '✓ All clients are equal (600 clients in 100 documents, 300 fresh reads)',
      '✓ No acknowledged edit is lost (48\u202f000 acknowledged edits looked for)',
      '✓ There is no text that nobody typed (51\u202f000 characters compared)',
      'Passed (seed 42)',
    ]);
  });

  test.each([
    [{ clients: 593, typists: 300 }, '600 clients (593 connected on average), 300 of them typing'],
    [{ clients: 600, typists: 41 }, '600 clients, 41 of them typing on average'],
  ])('[LOAD25] people who are not all there are told as averages: %p', (people, words) => {
    const lines = verdictLines({ ...RESULT, total: { ...RESULT.total, ...people } });
    expect(lines[1]).toBe(`measured  1:00 with ${words}`);
  });

  test('[LOAD8] [LOADGEN9] text that is gone though nobody deleted it has a sentence of its own', () => {
    const problem = { kind: 'gone', document: 'load/1', message: 'Text is gone.' } as const;
    const verdict = { ...RESULT.verdict, problems: [problem] };
    const lines = verdictLines({ ...RESULT, outcome: 'failed', verdict });
    expect(lines.slice(-4)).toEqual([
      '✓ There is no text that nobody typed (51\u202f000 characters compared)',
      '✗ Text is gone that nobody deleted',
      '  - Text is gone.',
      'Failed (seed 42)',
    ]);
  });

  test('[LOAD8] what is wrong, and the first problems; the others are counted', () => {
    const problem = { kind: 'acked-lost', document: 'load/1', message: 'An edit is gone.' } as const;
    const problems = Array.from({ length: 12 }, () => problem);
    const lines = verdictLines({
      ...RESULT,
      outcome: 'failed',
      verdict: { ...RESULT.verdict, equal: undefined, ackedKept: false, problems },
    });
    expect(lines.slice(-15)).toEqual([
      '? All clients are equal: not known',
      '✗ Acknowledged edits are lost (48\u202f000 acknowledged edits looked for)',
      '✓ There is no text that nobody typed (51\u202f000 characters compared)',
      ...Array.from({ length: 10 }, () => '  - An edit is gone.'),
      '  … and 2 more',
      'Failed (seed 42)',
    ]);
  });

  test.each([
    [
      { complete: true, typists: 183, held: 175, broke: 186 },
      true,
      'limit     p99<100ms breaks at about 183 typists (1 level measured)',
    ],
    [
      { complete: true, typists: 300, held: 300, broke: null },
      true,
      'limit     p99<100ms held with all 300 typists; give more --clients to find where it breaks',
    ],
    [
      { complete: true, typists: 1, held: 0, broke: 1 },
      false,
      'limit     p99<100ms did not hold with 1 typist either',
    ],
    [
      { complete: false, typists: 1, held: 0, broke: 2 },
      false,
      'limit     p99<100ms not found: given up; broke with 2 typists so far',
    ],
  ])('[LOAD7] the limit %p', (limit, held, line) => {
    const steps = [{ typists: 10, held, figures: RESULT.total }];
    const outcome = limit.complete ? 'passed' : 'target-lost';
    expect(
      verdictLines({ ...RESULT, outcome, limit: { objective: 'p99<100ms', ...limit }, steps }),
    ).toContain(line);
  });

  test('[LOAD10] why it ended before its time', () => {
    const lines = verdictLines({ ...RESULT, outcome: 'target-lost', reason: 'Nobody is there.' });
    expect(lines.at(-1)).toBe('Given up: Nobody is there. (seed 42)');
  });
});
