import { expect, test } from '@jest/globals';
import { BusNodes } from '../../../server/cluster/bus-nodes.js';
import { ManualClock } from '../../support/manual-clock.js';

function nodesUnderTest() {
  const clock = new ManualClock();
  const told = { announced: 0, gone: [] as string[], stoodStill: 0 };
  const redis = { connected: true };
  const nodes = new BusNodes({
    clock,
    announce: () => {
      told.announced++;
    },
    connected: () => redis.connected,
    gone: (node) => told.gone.push(node),
    stoodStill: () => {
      told.stoodStill++;
    },
  });
  return { clock, told, redis, nodes };
}

test('[BUS5] a node announces itself every 2 s, until it is closed', () => {
  const { clock, told, nodes } = nodesUnderTest();
  clock.advance(20_000);
  expect(told.announced).toBe(10);
  nodes.close();
  expect(clock.pending).toBe(0);
});

test('[BUS5] a node that is not heard of for 10 s is gone, once; one that says anything is not', () => {
  const { clock, told, nodes } = nodesUnderTest();
  nodes.heard('silent');
  for (let second = 1; second <= 60; second++) {
    nodes.heard('lively');
    clock.advance(1_000);
    expect(told.gone).toEqual(second < 12 ? [] : ['silent']);
  }
  nodes.heard('silent');
  clock.advance(9_000);
  expect(told.gone).toEqual(['silent']);
  clock.advance(4_000);
  // It was stopped and went on, and is stopped again.
  expect(told.gone).toEqual(['silent', 'lively', 'silent']);
});

test('[BUS5] a node that says goodbye is gone at once, and one that was never heard of is not told', () => {
  const { clock, told, nodes } = nodesUnderTest();
  expect(nodes.any).toBe(false);
  nodes.heard('one');
  // One that is new has not heard of this node either.
  expect(told.announced).toBe(1);
  nodes.heard('one');
  expect(told.announced).toBe(1);
  expect(nodes.any).toBe(true);
  nodes.left('one');
  nodes.left('one');
  nodes.left('never');
  expect(told.gone).toEqual(['one']);
  // It may be on its way back.
  expect(nodes.any).toBe(true);
  clock.advance(15_000);
  expect(nodes.any).toBe(false);
});

test('[BUS5] while Redis is away nobody is taken for dead, and for 10 s after it neither', () => {
  const { clock, told, redis, nodes } = nodesUnderTest();
  nodes.heard('one');
  redis.connected = false;
  clock.advance(60_000);
  redis.connected = true;
  clock.advance(9_000);
  expect(told.gone).toEqual([]);
  clock.advance(4_000);
  expect(told.gone).toEqual(['one']);
});

test('[BUS5] a process that stood still blames nobody, and is told that it may have been taken for dead', () => {
  const clock = new ManualClock();
  let behind = 0;
  const gone: string[] = [];
  let stoodStill = 0;
  const nodes = new BusNodes({
    // Timers run late by what the process stood still.
    clock: { ...bound(clock), monotonic: () => clock.monotonic() + behind },
    announce: () => {},
    connected: () => true,
    gone: (node) => gone.push(node),
    stoodStill: () => {
      stoodStill++;
    },
  });
  nodes.heard('one');
  clock.advance(3_000);
  behind = 60_000;
  clock.advance(3_000);
  expect([gone, stoodStill]).toEqual([[], 1]);
  clock.advance(6_000);
  expect([gone, stoodStill]).toEqual([[], 1]);
  clock.advance(6_000);
  expect([gone, stoodStill]).toEqual([['one'], 1]);
});

function bound(clock: ManualClock) {
  return {
    wall: () => clock.wall(),
    schedule: clock.schedule.bind(clock),
    cancel: clock.cancel.bind(clock),
  };
}
