import { expect, test } from '@jest/globals';
import { JoinTurns } from '../../../../server/gateway/hocuspocus/join-turns.js';
import { ManualClock } from '../../../support/manual-clock.js';

test('[HOCUS2] documents of one connection are sent two at a time, and none while much waits for it', () => {
  const clock = new ManualClock();
  const line = { queued: 0, queuedBytes: () => line.queued };
  const turns = new JoinTurns(line, clock);
  const sent: string[] = [];
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
  const [a, b, c, d, e] = all as [object, object, object, object, object];
  for (const one of all) turns.enter(one, () => sent.push(one.name));
  expect(sent.join('')).toBe('ab');
  // Who asks again while it is being sent has its turn, and who leaves gives it up.
  turns.enter(a, () => sent.push('A'));
  turns.done(c);
  turns.done(b);
  expect(sent.join('')).toBe('abAd');
  line.queued = 5_000_000;
  turns.done(a);
  turns.done(d);
  clock.advance(1_000);
  expect(sent.join('')).toBe('abAd');
  line.queued = 0;
  clock.advance(100);
  expect(sent.join('')).toBe('abAde');
  turns.done(e);
  expect(clock.pending).toBe(0);
});
