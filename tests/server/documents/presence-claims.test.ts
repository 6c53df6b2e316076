import { describe, expect, test } from '@jest/globals';
import { encodeStates, threeNodes } from '../../support/presence-nodes.js';
import { awarenessOf, comeTo } from '../../support/presence-people.js';

type World = ReturnType<typeof threeNodes>;

const ANN = 7;
const WHOLE = 1;
const STATE: [number, number, string] = [ANN, 5, '{"name":"ann"}'];
const LEFT: [number, number, string] = [ANN, 5, 'null'];

/** Ann was on `b`. Another node, which has not heard of that, says that she is there, with the clock that she had. */
function onTwoNodes(): World {
  const world = threeNodes();
  world.a.table.receiveFrom('b', encodeStates([STATE], [WHOLE, 100]));
  world.pass();
  world.a.table.receiveFrom('b again', encodeStates([STATE], [WHOLE, 200]));
  world.pass();
  world.forgetSent();
  return world;
}

describe('who comes back with the clock he had, before it is known that his node is gone', () => {
  test('[AWR15] stays when it is, and nobody is told anything', () => {
    const { a, pass, names } = onTwoNodes();
    a.table.removeNode('b');
    pass();
    expect(names(a)).toEqual(['ann']);
    expect(a.sent).toEqual([]);
    a.table.removeNode('b again');
    pass();
    expect(names(a)).toEqual([]);
  });

  test.each<[string, (world: World) => void]>([
    ['says that he has left', ({ a }) => a.table.receiveFrom('b', encodeStates([LEFT], [0, 101]))],
    ['names all it has, without him', ({ a }) => a.table.receiveFrom('b', encodeStates([], [WHOLE, 101]))],
  ])('[AWR15] stays when his first node is there after all and %s', (_what, happens) => {
    const world = onTwoNodes();
    happens(world);
    world.pass();
    expect(world.names(world.a)).toEqual(['ann']);
    world.a.table.receiveFrom('b again', encodeStates([LEFT], [0, 201]));
    world.pass();
    expect(world.names(world.a)).toEqual([]);
  });

  test.each<[string, (world: World) => void]>([
    [
      'has said since that he left',
      ({ a }) => a.table.receiveFrom('b again', encodeStates([LEFT], [0, 201])),
    ],
    [
      'named all it has, without him',
      ({ a }) => a.table.receiveFrom('b again', encodeStates([], [WHOLE, 201])),
    ],
    ['is gone before', ({ a }) => a.table.removeNode('b again')],
  ])('[AWR15] goes with his first node if the other one %s', (_what, happens) => {
    const world = onTwoNodes();
    happens(world);
    world.pass();
    expect(world.names(world.a)).toEqual(['ann']);
    world.a.table.removeNode('b');
    world.pass();
    expect(world.names(world.a)).toEqual([]);
  });

  test('[AWR15] goes when he says so himself, wherever', () => {
    const { a, pass, names } = onTwoNodes();
    a.table.receiveFrom('b', encodeStates([[ANN, 6, 'null']], [0, 101]));
    pass();
    expect(names(a)).toEqual([]);
  });

  test('[AWR15] stays where his old connection ends after the new one was heard of', () => {
    const { a, b, pass, names, forgetSent } = threeNodes();
    const ann = awarenessOf({ name: 'ann' }, ANN);
    const old = comeTo(a, ann);
    pass();
    a.table.receiveFrom('c', encodeStates([[ANN, 1, '{"name":"ann"}']], [WHOLE, 100]));
    a.table.remove(old);
    forgetSent();
    pass();
    expect(names(a)).toEqual(['ann']);
    expect(a.table.isElsewhere(ANN)).toBe(true);
    // It is not this node's to say any more.
    a.published.push(a.table.own());
    b.table.receiveFrom('c', encodeStates([[ANN, 1, '{"name":"ann"}']], [WHOLE, 101]));
    pass();
    expect(names(b)).toEqual(['ann']);
  });

  test('[AWR15] is shown as the node says that he is on', () => {
    const { a, pass, names } = onTwoNodes();
    a.table.receiveFrom('b again', encodeStates([[ANN, 5, '{"name":"anna"}']], [0, 201]));
    pass();
    expect(names(a)).toEqual(['ann']);
    a.table.removeNode('b');
    pass();
    expect(names(a)).toEqual(['anna']);
  });
});
