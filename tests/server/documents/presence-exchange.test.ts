import { expect, test } from '@jest/globals';
import { PresenceSync } from '../../../client/presence-sync.js';
import { ManualClock } from '../../support/manual-clock.js';
import { encodeStates } from '../../support/presence-nodes.js';
import { awarenessOf } from '../../support/presence-people.js';
import { PresenceWorld } from '../../support/presence-world.js';
import { forSeeds } from '../../support/seeds.js';

const STEPS = 60;
const RERUN = 'tests/server/documents/presence-exchange.test.ts';

test('[AWR14] whatever the bus loses, repeats and swaps: after an exchange all see who is there', () => {
  forSeeds(150, `${RERUN} -t exchange`, (random) => {
    const world = new PresenceWorld(random);
    for (let step = 0; step < STEPS; step++) world.step();
    world.heal();
    expect(world.mistakes).toEqual([]);
    expect(world.pending).toBe(0);
  });
});

test('[AWR13] [AWR14] stock clients do so once everybody has renewed his state twice', () => {
  forSeeds(75, `${RERUN} -t stock`, (random) => {
    const world = new PresenceWorld(random, true);
    for (let step = 0; step < STEPS; step++) world.step();
    world.heal();
    world.renew();
    world.renew();
    expect(world.mistakes).toEqual([]);
    expect(world.pending).toBe(0);
  });
});

test('[AWR14] a client that has come back takes what it is told, whatever clocks it knew before', () => {
  const awareness = awarenessOf({});
  const sync = new PresenceSync(awareness, { clock: new ManualClock(), send: () => {} });
  sync.joined(encodeStates([[5, 7, '{"name":"ann"}']]));
  sync.received(encodeStates([[5, 7, 'null']]));
  expect(awareness.states.has(5)).toBe(false);
  sync.left();
  sync.joined(encodeStates([[5, 6, '{"name":"ann"}']]));
  expect(awareness.states.get(5)).toEqual({ name: 'ann' });
});
