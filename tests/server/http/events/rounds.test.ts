import { expect, test } from '@jest/globals';
import { Rounds } from '../../../../server/http/events/rounds.js';
import { ManualClock } from '../../../support/manual-clock.js';

/** Of whose visits each takes so many milliseconds. */
function rounds(members: Set<string>, { interval = 0, visitMs = 0 } = {}) {
  const clock = new ManualClock();
  const done: string[] = [];
  let worked = 0;
  const busy = { ...bound(clock), monotonic: () => clock.monotonic() + worked };
  const made = new Rounds<string>({
    clock: busy,
    members,
    interval: () => interval,
    begin: () => done.push('begin'),
    visit: (member) => {
      done.push(member);
      worked += visitMs;
    },
  });
  return { clock, done, made };
}

function bound(clock: ManualClock) {
  return {
    wall: () => clock.wall(),
    schedule: (delay: number, run: () => void) => clock.schedule(delay, run),
    cancel: (timer: { readonly timer: unknown }) => clock.cancel(timer),
  };
}

test('[SSE8] the first round begins at once, the next ones at a pace, and no reason for one is lost', () => {
  const { clock, done, made } = rounds(new Set(['a']), { interval: 100 });
  made.request();
  expect(done).toEqual(['begin', 'a']);
  made.request();
  made.request();
  clock.advance(99);
  expect(done).toHaveLength(2);
  clock.advance(1);
  expect(done).toEqual(['begin', 'a', 'begin', 'a']);
  clock.advance(1_000);
  expect(done).toHaveLength(4);
  expect(clock.pending).toBe(0);
});

test('[SSE8] a long round leaves others their turn; who comes meanwhile is in it, who goes is not', () => {
  const members = new Set(['a', 'b', 'c', 'd']);
  const { clock, done, made } = rounds(members, { interval: 5, visitMs: 0.6 });
  made.request();
  expect(done).toEqual(['begin', 'a', 'b']);
  members.delete('c');
  members.add('e');
  made.request();
  clock.advance(0);
  expect(done).toEqual(['begin', 'a', 'b', 'd', 'e']);
  clock.advance(5);
  expect(done).toEqual(['begin', 'a', 'b', 'd', 'e', 'begin', 'a', 'b', 'd', 'e']);
});

test('[SSE12] a stop leaves no timer', () => {
  const { clock, done, made } = rounds(new Set(['a', 'b', 'c']), { visitMs: 2 });
  made.request();
  made.stop();
  expect(clock.pending).toBe(0);
  expect(done).toEqual(['begin', 'a']);
});
