import { expect, test } from '@jest/globals';
import { clusterState } from '../../../../client/app/admin/cluster-state.js';
import { timeOfDay } from '../../../../client/app/admin/format.js';
import type { SeenNode } from '../../../../client/app/admin/roll-call.js';
import { report } from '../../../support/admin-overview.js';

const here = (...args: Parameters<typeof report>): SeenNode => ({
  report: report(...args),
  silentSince: undefined,
});
const gone = (since: number, ...args: Parameters<typeof report>): SeenNode => ({
  report: report(...args),
  silentSince: since,
});
const SHUT = { store: { description: 'PostgreSQL', saving: false } };

test.each([
  ['one', [here('a')], [], 'good', 'All is well: the node takes work.'],
  ['several', [here('a'), here('b')], [], 'good', 'All is well: 2 nodes take work.'],
  [
    'draining',
    [here('a'), here('b', { state: 'draining' })],
    [],
    'warn',
    'b sends its clients to other nodes.',
  ],
  [
    'no bus',
    [here('a', { bus: 'away' })],
    [],
    'warn',
    'Redis is away: edits need up to two seconds between nodes',
  ],
  ['one without bus', [here('a', { bus: 'away' }), here('b')], [], 'warn', 'a cannot reach Redis'],
  ['no store', [here('a', SHUT)], [], 'bad', 'Nothing can be saved at the moment; clients keep their edits.'],
  ['one without store', [here('a', SHUT), here('b')], [], 'bad', 'a cannot save at the moment'],
  ['not ready', [here('a', { state: 'not ready' }), here('b')], [], 'bad', 'a is not ready.'],
  ['silent', [here('a'), gone(1_000, 'b')], ['b'], 'bad', 'b does not answer.'],
  ['lost', [here('a'), gone(60_000, 'b')], [], 'bad', `b has not been heard of since ${timeOfDay(60_000)}.`],
  ['lost long ago', [here('a'), gone(30_000, 'b')], [], 'good', 'All is well: the node takes work.'],
  ['stopped', [here('a'), gone(90_000, 'b', { state: 'draining' })], [], 'good', 'All is well'],
  [
    'many',
    ['a', 'b', 'c', 'd'].map((node) => here(node, SHUT)).concat(here('e')),
    [],
    'bad',
    '4 nodes cannot save',
  ],
] as const)(
  '[ADMPAGE5] the state of the cluster is a sentence: %s',
  (_, seen, silent, severity, sentence) => {
    const state = clusterState(seen, { at: 100_000, silent });
    expect([state.severity, state.sentence.slice(0, sentence.length)]).toEqual([severity, sentence]);
  },
);

test('[ADMPAGE5] the worst is said first, and all of it', () => {
  const seen = [
    here('a', { bus: 'away' }),
    here('b', { ...SHUT, bus: 'ok' }),
    here('c', { state: 'draining' }),
  ];
  const { severity, sentence } = clusterState(seen, { at: 0, silent: [] });
  expect(severity).toBe('bad');
  expect(sentence).toMatch(/^b cannot save.*a cannot reach Redis.*c sends its clients/);
});
