import { describe, expect, test } from '@jest/globals';
import type { Second } from '../../../load/result.js';
import { plainLine, type RunState, viewLines } from '../../../load/view/run-view.js';

const SECOND: Second = {
  at: 12,
  joined: 598,
  typing: 300,
  offline: 2,
  typed: 812.4,
  acked: 810,
  delivered: 4_060,
  unacked: 12,
  ackP50: 3.1,
  ackP99: 12.4,
  shownP50: 4,
  shownP99: 18.2,
  errors: 0,
  reconnects: 1.5,
  goodbyes: 0,
};

const STATE: RunState = {
  phase: 'measure',
  phaseSeconds: 12,
  phaseOf: 60,
  clients: 600,
  seconds: [{ ...SECOND, ackP99: 6, shownP99: null }, SECOND],
  acknowledges: true,
  errors: { 'too-many-updates': 3, 'connection: ECONNREFUSED': 12 },
  goodbyes: 4,
  generator: { mostCpu: 0.41, cpu: 0.8, rss: 210 * 2 ** 20, lagMs: 2 },
  nodes: [
    { name: 'node 1', sample: { at: 12, up: true, cpu: 0.34, rss: 180 * 2 ** 20, lagMs: 3, sessions: 200 } },
    { name: 'node 2', sample: { at: 12, up: false } },
    { name: 'node 3', sample: undefined },
  ],
  faults: [{ kind: 'kill', what: 'node 2', at: 11 }],
};

describe('the view of a run', () => {
  test('[LOAD12] on a terminal', () => {
    expect(viewLines(STATE, 80)).toEqual([
      '',
      'measuring           ███████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0:12 of 1:00',
      'clients   598 of 600 in, 300 type, 2 offline, 2 came back',
      'edits     812/s typed, 810/s saved, 12 wait, 4\u202f060/s shown to others',
      'saved     p50 3.1 ms    p99 12 ms       ▄█',
      'shown     p50 4.0 ms    p99 18 ms        █',
      'node 1    processor 34 %, memory 180 MB, late 3.0 ms, 200 sessions',
      'node 2    does not answer',
      'node 3    not looked at yet',
      'generator processor 80 %, busiest process 41 %, memory 210 MB, late 2.0 ms',
      'faults    1, last: kill node 2 at 0:11, now',
      'goodbyes  4, of nodes that stopped',
      'errors    connection: ECONNREFUSED 12, too-many-updates 3',
    ]);
  });

  test('[LOAD12] no line is wider than the terminal, however narrow that is', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`connection: error ${at}`, 1]));
    for (const columns of [20, 60, 80, 200]) {
      const lines = viewLines({ ...STATE, errors: many }, columns);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(columns);
    }
  });

  test('[LOAD12] while it looks for the limit, with the levels so far', () => {
    const step = { figures: {} as never };
    const steps = [
      { ...step, typists: 64, held: true },
      { ...step, typists: 128, held: false },
    ];
    const search = { objective: 'p99<250ms', level: 90, steps };
    expect(viewLines({ ...STATE, search }, 80)).toContain('limit     p99<250ms: 64✓ 128✗ 90…');
  });

  test('[LOAD12] without acknowledgements nothing is said about them', () => {
    const lines = viewLines({ ...STATE, acknowledges: false }, 80).join('\n');
    expect(lines).not.toContain('saved');
    expect(plainLine({ ...STATE, acknowledges: false })).not.toContain('saved');
  });

  test('[LOAD20] it is seen when the generator has no time left', () => {
    const generator = { mostCpu: 0.97, cpu: 1.2, rss: 0, lagMs: 130 };
    expect(viewLines({ ...STATE, generator }, 100)).toContain(
      'generator at its limit: processor 120 %, busiest process 97 %, memory 0 MB, late 130 ms',
    );
    expect(plainLine({ ...STATE, generator })).toMatch(/, the generator is at its limit \(97 %\)$/);
    expect(viewLines({ ...STATE, generator: undefined }, 80).join()).not.toContain('generator');
  });

  test('[LOAD12] as a line', () => {
    expect(plainLine(STATE)).toBe(
      'measuring 0:12 of 1:00: 598 of 600 clients in, 812 typed/s, 4\u202f060 shown/s, saved p99 12 ms, shown p99 18 ms, 12 waiting, 4 goodbyes, 15 errors',
    );
    expect(plainLine({ ...STATE, phase: 'arrive', phaseOf: undefined, seconds: [] })).toBe(
      'clients arrive 0:12',
    );
  });
});
