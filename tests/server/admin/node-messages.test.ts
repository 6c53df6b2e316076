import { expect, test } from '@jest/globals';
import { readNodeMessage } from '../../../server/admin/node-messages.js';
import { NodesLine } from '../../../server/admin/nodes-line.js';
import type { Random } from '../../../shared/time.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { NodesHub } from '../../support/nodes-hub.js';
import { between, forSeeds } from '../../support/seeds.js';

const REPORT = { store: {}, ackMs: {}, commitMs: {}, busiest: [], node: 'somebody else' };

test('[ADMIN15] what is no message, or one of a newer version, is passed over', () => {
  const odd = [
    '',
    'null',
    '7',
    '"watch"',
    '[]',
    '{',
    '{}',
    '{"type":"dance"}',
    '{"type":{}}',
    '{"type":"ask"}',
  ];
  const more = [
    { type: 'ask', number: 1.5, question: {} },
    { type: 'ask', number: 1, question: null },
    { type: 'answer', number: 'x' },
    { type: 'report' },
    { type: 'report', errorCount: 1, report: { ...REPORT, busiest: {} } },
    { type: 'report', errorCount: 'many', report: REPORT },
    { type: 'report', errorCount: 1, report: { ...REPORT, store: null } },
  ].map((value) => JSON.stringify(value));
  expect([...odd, ...more].filter((text) => readNodeMessage(text, 'a') !== undefined)).toEqual([]);
});

test('[ADMIN15] a report is of the node that it comes from, and bounded', () => {
  const busiest = [null, 7, {}, ...Array.from({ length: 50 }, (_, at) => ({ id: `acme/${at}` }))];
  const errors = [null, 'x', ...Array.from({ length: 300 }, (_, at) => ({ message: `${at}` }))];
  const text = JSON.stringify({ type: 'report', errorCount: 1, report: { ...REPORT, busiest }, errors });
  const message = readNodeMessage(text, 'a');
  if (message?.type !== 'report') throw new Error('no report');
  expect(message.report.node).toBe('a');
  expect(message.report.busiest).toHaveLength(20);
  expect(message.errors).toHaveLength(100);
  expect(message.errors?.at(-1)).toEqual({ message: '299' });
});

function randomJson(random: Random, depth = 0): unknown {
  const kind = between(random, 0, depth > 3 ? 4 : 6);
  const words = [
    'watch',
    'report',
    'ask',
    'answer',
    'type',
    'number',
    'question',
    'about',
    'state',
    'end',
    'x',
  ];
  const word = (): string => words[between(random, 0, words.length - 1)] ?? '';
  if (kind === 0) return null;
  if (kind === 1) return between(random, -5, 5);
  if (kind === 2) return random() < 0.5;
  if (kind <= 4) return word();
  const length = between(random, 0, 5);
  if (kind === 5) return Array.from({ length }, () => randomJson(random, depth + 1));
  return Object.fromEntries(Array.from({ length }, () => [word(), randomJson(random, depth + 1)]));
}

test('[ADMIN15] nothing that comes over the bus throws', () => {
  forSeeds(2_000, 'tests/server/admin/node-messages', (random) => {
    const value = randomJson(random);
    const typed = { ...(value as object), type: ['watch', 'report', 'ask', 'answer'][between(random, 0, 3)] };
    expect(() => readNodeMessage(JSON.stringify(typed), 'a')).not.toThrow();
  });
});

function pair() {
  const hub = new NodesHub();
  const clock = new ManualClock();
  const asked: unknown[] = [];
  const line = (name: string) =>
    new NodesLine({
      bus: hub.node(name),
      clock,
      answer(question) {
        asked.push(question);
        return question.about === 'state' ? 'ok' : undefined;
      },
      heard: () => {},
    });
  return { hub, clock, asked, one: line('one'), two: line('two') };
}

test('[ADMIN6] a question is answered by the node that is asked, or by all; who does not answer within 2 s is named', async () => {
  const { hub, clock, one, asked } = pair();
  expect(await one.ask('two', { about: 'state' })).toBe('ok');
  const deaf = hub.node('three');
  const all = one.askAll({ about: 'state' });
  const gone = one.ask('nobody', { about: 'state' });
  clock.advance(1_999);
  await settle();
  expect(clock.pending).toBe(2);
  clock.advance(1);
  expect(await all).toEqual({ answers: new Map([['two', 'ok']]), silent: ['three'] });
  expect(await gone).toBeUndefined();
  expect(clock.pending).toBe(0);
  expect(asked).toHaveLength(2);
  expect(deaf.others).toEqual(['one', 'two']);
});

test('[ADMIN15] an answer counts only if it comes from the node that was asked, and once', async () => {
  const { hub, clock, one } = pair();
  const stranger = hub.node('stranger');
  const silent = hub.node('silent');
  const asked = one.ask('silent', { about: 'state' });
  const { text = '' } = hub.sent.at(-1) ?? {};
  const { number } = JSON.parse(text) as { readonly number: number };
  const answer = (value: string) => JSON.stringify({ type: 'answer', number, answer: value });
  stranger.tell(answer('draining'), 'one');
  silent.tell(answer('ok'), 'one');
  silent.tell(answer('draining'), 'one');
  expect(await asked).toBe('ok');
  expect(clock.pending).toBe(0);
});
