import { expect, test } from '@jest/globals';
import { SCENARIOS } from '../../bench/scenarios/all.js';
import { isAsked } from '../../bench/scenarios/scenario.js';
import { serverNamed } from '../support/server-under-test.js';

const CHOICES = { typists: [5], documents: [3], warmUpMs: 100, measureMs: 100, seed: 1 };

function scenario(name: string) {
  const found = SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

test('[BENCH30] with a recording the long text is the recorded one', () => {
  const labels = (choices: typeof CHOICES & { trace?: string }) =>
    scenario('cold-open')
      .cases(choices)
      .map(({ label }) => label);
  expect(labels(CHOICES)).toEqual(['100 kB text', '8.5 MB text']);
  expect(labels({ ...CHOICES, trace: 'some.json' })).toEqual(['recorded text', '8.5 MB text']);
});

test('[BENCH32] [BENCH33] [BENCH37] what needs a store or an answer is asked of servers that have them', () => {
  const suits = (name: string, server: string) => scenario(name).suits?.(serverNamed(server)) ?? true;
  for (const name of ['cold-open', 'durability', 'big-document']) {
    expect([name, suits(name, 'coscribe'), suits(name, 'ws-relay')]).toEqual([name, true, false]);
  }
  for (const name of ['presence', 'slow-reader', 'idle', 'memory']) {
    expect([name, suits(name, 'ws-relay')]).toEqual([name, true]);
  }
  expect([suits('cold-open', 'hocuspocus'), suits('big-document', 'y-websocket')]).toEqual([false, false]);
});

test('[BENCH38] [BENCH39] scenarios of several nodes are asked of servers that run as several, and of nobody else', () => {
  const asked = (name: string, server: string) => isAsked(scenario(name), serverNamed(server));
  for (const name of ['two-nodes', 'redis-outage']) {
    expect([name, asked(name, 'coscribe-cluster'), asked(name, 'coscribe')]).toEqual([name, true, false]);
  }
  expect([asked('hot', 'coscribe-cluster'), asked('cold-open', 'hocuspocus-redis-postgres')]).toEqual([
    false,
    false,
  ]);
  expect([asked('hot', 'coscribe'), asked('cold-open', 'hocuspocus')]).toEqual([true, false]);
});

test('[BENCH14] every scenario has a name, columns and cases of its own', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  for (const { columns, cases } of SCENARIOS) {
    expect(new Set(columns.map(({ title }) => title)).size).toBe(columns.length);
    const labels = cases(CHOICES).map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  }
});
