import { expect, test } from '@jest/globals';
import { clusterState } from '../../../../client/app/admin/cluster-state.js';
import { History, slowest, total } from '../../../../client/app/admin/history.js';
import { Refusals } from '../../../../client/app/admin/refusals.js';
import { RollCall } from '../../../../client/app/admin/roll-call.js';
import { busiest } from '../../../../client/app/admin/traffic.js';
import { overview, report } from '../../../support/admin-overview.js';

test('[ADMPAGE4] all nodes are added up, and times are those of the slowest', () => {
  const nodes = [
    report('a', { editsPerSecond: 3, ackMs: { p50: 2, p99: 9 } }),
    report('b', { editsPerSecond: 4.5, ackMs: { p50: null, p99: null } }),
    report('c', { editsPerSecond: Number.NaN, ackMs: { p50: 1, p99: 30 } }),
  ];
  expect(total(nodes, ({ editsPerSecond }) => editsPerSecond)).toBe(7.5);
  expect(slowest(nodes, ({ ackMs }) => ackMs.p99)).toBe(30);
  expect(slowest([], ({ ackMs }) => ackMs.p99)).toBe(null);
});

test('[ADMPAGE14] a week of figures takes no more room than a quarter of an hour', () => {
  const history = new History();
  const rollCall = new RollCall();
  const refusals = new Refusals();
  // As many as a week has take too long here; what is forgotten after a quarter of an hour is forgotten after a week.
  for (let second = 0; second < 3_600; second++) {
    const nodes = [report(`node-${second}`, { at: second * 1000, refused: { 'too-many-updates': 1 } })];
    const said = overview(nodes, { at: second * 1000 });
    history.add(said);
    refusals.add(said);
    expect(rollCall.take(said).length).toBeLessThanOrEqual(51);
  }
  expect(history.samples).toHaveLength(901);
  expect(history.nodes()).toHaveLength(901);
  expect(refusals.byCode()).toEqual([['too-many-updates', 300]]);
});

test('[ADMPAGE4] a time without figures is a gap, and a clock that is set back begins anew', () => {
  const history = new History();
  const at = (ms: number) => history.add(overview([report('a', { editsPerSecond: 2 })], { at: ms }));
  const edits = () => history.samples.map(({ edits }) => edits);
  at(100_000);
  at(101_000);
  at(160_000);
  expect(edits()).toEqual([2, 2, null, 2]);
  // Another node answers, whose clock is a little behind.
  at(159_500);
  expect(edits()).toEqual([2, 2, null, 2]);
  at(20_000);
  expect(edits()).toEqual([2]);
});

test('[ADMPAGE5] a node that vanishes is remembered, and taken up again when it is back', () => {
  const rollCall = new RollCall();
  const [a, b, c] = [report('a'), report('b'), report('c')];
  const seen = (at: number, ...nodes: (typeof a)[]) =>
    rollCall.take(overview(nodes, { at })).map(({ report: { node }, silentSince }) => [node, silentSince]);
  seen(1_000, a, b, c);
  expect(seen(2_000, a, c)).toEqual([
    ['a', undefined],
    ['c', undefined],
    ['b', 1_000],
  ]);
  expect(seen(3_000, a)).toEqual([
    ['a', undefined],
    ['c', 2_000],
    ['b', 1_000],
  ]);
  expect(seen(4_000, a, b)).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['c', 2_000],
  ]);
  expect(seen(2_000 + 15 * 60_000 + 1, a, b)).toHaveLength(2);
});

test('[ADMPAGE5] a node that has said that it goes is not missed', () => {
  const rollCall = new RollCall();
  rollCall.take(overview([report('a'), report('b')], { at: 1_000 }));
  rollCall.leaves('a');
  const said = overview([report('b')], { at: 2_000 });
  const seen = rollCall.take(said);
  expect(seen.at(-1)).toMatchObject({ report: { node: 'a', state: 'draining' }, silentSince: 1_000 });
  expect(clusterState(seen, said).severity).toBe('good');
});

test('[ADMPAGE8] refusals are counted once for each report, over five minutes', () => {
  const refusals = new Refusals();
  const said = (at: number, refused: Record<string, number>) =>
    refusals.add(overview([report('a', { at, refused }), report('b', { at, refused: {} })], { at }));
  said(1_000, { 'invalid-update': 2, 'too-many-updates': 5 });
  said(1_000, { 'invalid-update': 2, 'too-many-updates': 5 });
  said(2_000, { 'invalid-update': 4 });
  expect(refusals.byCode()).toEqual([
    ['invalid-update', 6],
    ['too-many-updates', 5],
  ]);
  said(1_000 + 300_000, {});
  expect(refusals.byCode()).toEqual([['invalid-update', 4]]);
});

test('[ADMPAGE7] the busiest documents are those of all nodes together', () => {
  const traffic = (id: string, editsPerSecond: number) => ({
    ...{ id, sessions: 1, editsPerSecond, bytesPerSecond: 10 },
  });
  const nodes = [
    report('a', { busiest: [traffic('x/one', 5), traffic('x/two', 4)] }),
    report('b', { busiest: [traffic('x/two', 3), traffic('x/three', 1)] }),
  ];
  expect(busiest(nodes, 2)).toEqual([
    { id: 'x/two', sessions: 2, editsPerSecond: 7, bytesPerSecond: 20 },
    { id: 'x/one', sessions: 1, editsPerSecond: 5, bytesPerSecond: 10 },
  ]);
});
