import { expect, test } from '@jest/globals';
import { faultOf, rowOf, TABLE } from '../../../tools/soak/faults/table.js';
import { readOptions } from '../../../tools/soak/options.js';
import { lineOf, summarize, tableOf } from '../../../tools/soak/report.js';
import type { RunResult } from '../../../tools/soak/run-fault.js';

function plan(...argv: string[]): string[] | undefined {
  return readOptions(argv)?.plan.map(({ row, times }) => `${row.name}=${times}`);
}

test('[NODES9] a soak runs the whole table, or the faults that are named as often as is said', () => {
  expect(plan()).toEqual([
    'node-kill=500',
    'node-stop=100',
    'redis-kill=200',
    'redis-disturb=200',
    'postgres=200',
    'client-cut=200',
    'rolling=50',
    'storm=10',
  ]);
  expect(TABLE.map(({ inTest }) => inTest)).toEqual([10, 5, 6, 6, 6, 5, 2, 1]);
  expect(plan('--faults', 'storm,node-kill=7')).toEqual(['storm=10', 'node-kill=7']);
  expect(readOptions(['--seed', '7', '--minutes', '0.5', '--nodes', '2', '--redis-cluster'])).toMatchObject({
    seed: 7,
    minutes: 0.5,
    nodes: 2,
    redisCluster: true,
    quick: false,
  });
  expect(readOptions(['--help'])).toBeUndefined();
});

test('[HOST4] a soak fuzzes one node instead, with so many messages', () => {
  expect(readOptions([])?.fuzz).toBeUndefined();
  expect(readOptions(['--fuzz', '10000000', '--seed', '7'])).toMatchObject({ fuzz: 10_000_000, seed: 7 });
  expect(() => readOptions(['--fuzz', 'x'])).toThrow(/--fuzz must be a whole number/);
});

test.each([
  [['--faults', 'fire'], /no fault "fire"; there are node-kill, /],
  [['--faults', 'storm=0'], /--faults storm must be a whole number/],
  [['--nodes', '1'], /--nodes must be a whole number from 2 to 8/],
  [['--minutes', 'x'], /--minutes must be a number above 0/],
  [['--seed', '-1'], /seed/],
  [['--weather', 'bad'], /weather/],
])('[NODES9] a soak refuses %j', (argv, sentence) => {
  expect(() => readOptions(argv)).toThrow(sentence);
});

test('[NODES9] one seed after the other goes through all faults of a row', () => {
  for (const row of TABLE) {
    const names = row.faults.map((_fault, place) => faultOf(row, 1_000_003 + place).name);
    expect(new Set(names).size).toBe(new Set(row.faults.map(({ name }) => name)).size);
  }
  expect(() => rowOf('fire')).toThrow(RangeError);
});

const RUN: RunResult = {
  row: 'storm',
  fault: 'a storm',
  seed: 7,
  tookMs: 12_345,
  convergedMs: 1_234,
  residentBytes: 100 * 2 ** 20,
  acked: 10,
  problems: [],
};

test('[NODES9] the report tells for each fault how often it was run, what failed, and the longest time to converge', () => {
  const late: RunResult = { ...RUN, seed: 8, convergedMs: 11_000, problems: ['well only after 11000 ms'] };
  const never: RunResult = { ...RUN, seed: 9, convergedMs: undefined, problems: ['lost'] };
  const summary = summarize([RUN, late, never]);
  expect(summary).toMatchObject([
    {
      row: 'storm',
      runs: 3,
      failures: 2,
      longestMs: 11_000,
      acked: 30,
      largestMiB: 100,
      failedSeeds: [8, 9],
    },
  ]);
  expect(tableOf(summary)).toContain('| storm | 3 | 2 | 11000 ms | 11000 ms | 30 | 100 MiB | 7–9 | 8 9 |');
  expect(lineOf(RUN)).toBe('ok   storm seed 7: a storm; well after 1234 ms, 10 edits confirmed, 12.3 s');
  expect(lineOf(never)).toBe('FAIL storm seed 9: a storm; never well, 10 edits confirmed, 12.3 s\n     lost');
});
