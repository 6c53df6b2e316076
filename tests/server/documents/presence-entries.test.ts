import { describe, expect, test } from '@jest/globals';
import { applyAwarenessUpdate } from 'y-protocols/awareness';
import { encodeStates, TICK_MS, threeNodes } from '../../support/presence-nodes.js';
import { awarenessOf, comeTo, ownUpdate } from '../../support/presence-people.js';

describe('what is kept', () => {
  test('[AWR12] of other nodes 4,096 people are known at most, and those here come in all the same', () => {
    const { a, pass } = threeNodes();
    for (let from = 0; from < 3; from++) {
      const states = Array.from({ length: 2_000 }, (_, n) => [from * 2_000 + n, 1, '{}'] as const);
      a.table.receiveFrom('b', encodeStates(states));
    }
    pass();
    expect(a.everybody.size).toBe(4_096);
    const ann = awarenessOf({ name: 'ann' });
    comeTo(a, ann);
    pass();
    expect(a.everybody.get(ann.clientID)).toEqual({ name: 'ann' });
  });

  test('[AWR12] a node with more people than a message may carry tells of them in several', () => {
    const { clock, a, b, deliver } = threeNodes();
    for (let clientId = 1; clientId <= 4_100; clientId++) {
      a.table.receive({ clientId, refuse: () => {} }, encodeStates([[clientId, 1, '{}']]));
    }
    clock.advance(TICK_MS);
    expect(a.published).toHaveLength(2);
    deliver(a, [b]);
    a.published.push(a.table.own());
    deliver(a, [b]);
    clock.advance(TICK_MS);
    expect(b.everybody.size).toBe(4_096);
  });

  test('[AWR12] of people who come and go all the time only the last are remembered', () => {
    const { clock, a, pass } = threeNodes();
    for (let clientId = 1; clientId <= 3_000; clientId++) {
      a.table.receiveFrom('b', encodeStates([[clientId, 5, 'null']]));
    }
    // Somebody of whom it is known that he has left at clock 5 does not come back with clock 4.
    a.table.receiveFrom('b', encodeStates([3_000, 1].map((clientId) => [clientId, 4, '{}'] as const)));
    pass();
    expect([...a.everybody.keys()]).toEqual([1]);
    clock.advance(60_000);
    a.table.receiveFrom('b', encodeStates([[7_000, 1, 'null']]));
    a.table.receiveFrom('b', encodeStates([[3_000, 4, '{}']]));
    pass();
    expect([...a.everybody.keys()]).toEqual([1, 3_000]);
  });
});

describe('a client that comes back with the clock it had', () => {
  test('[AWR13] is shown again, on the same node or on another', () => {
    const { a, b, c, pass, names } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const first = comeTo(a, ann);
    pass();
    a.table.remove(first);
    pass();
    const second = comeTo(a, ann);
    pass();
    // Like every client of the node it is sent its own state, too.
    for (const update of a.sent) applyAwarenessUpdate(ann, update, 'server');
    for (const node of [a, b, c]) expect(names(node)).toEqual(['ann']);
    a.table.remove(second);
    pass();
    for (const node of [a, b, c]) expect(names(node)).toEqual([]);
    comeTo(b, ann);
    pass();
    for (const node of [a, b, c]) expect(names(node)).toEqual(['ann']);
  });

  test('[AWR13] stays when the node that it left notices that', () => {
    const { a, b, c, pass, names } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const old = comeTo(a, ann);
    pass();
    const now = comeTo(b, ann);
    pass();
    a.table.remove(old);
    pass();
    for (const node of [a, b, c]) expect(names(node)).toEqual(['ann']);
    ann.setLocalState({ name: 'anna' });
    b.table.receive(now, ownUpdate(ann));
    pass();
    for (const node of [a, b, c]) expect(names(node)).toEqual(['anna']);
  });

  test('[AWR13] is taken at its newest word after another session of its own, whatever clock that has', () => {
    const { a, b, pass, names, forgetSent } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const { clientID } = ann;
    a.table.remove(comeTo(a, ann));
    comeTo(a, ann);
    pass();
    a.table.receive(
      { clientId: clientID, refuse: () => {} },
      encodeStates([[clientID, 0, '{"name":"new"}']]),
    );
    pass();
    expect(names(b)).toEqual(['new']);
    forgetSent();
    // A client says again what it was shown of itself.
    a.table.receive(
      { clientId: clientID, refuse: () => {} },
      encodeStates([[clientID, 2, '{"name":"new"}']]),
    );
    pass();
    expect([a.sent, a.published]).toEqual([[], []]);
  });

  test('[AWR13] is left out if there is no higher clock', () => {
    const { a, b, pass, names } = threeNodes();
    const last = encodeStates([[5, 2 ** 31 - 1, '{"name":"last"}']]);
    const session = { clientId: 5, refuse: () => {} };
    a.table.receive(session, last);
    pass();
    expect(names(b)).toEqual(['last']);
    a.table.remove(session);
    pass();
    a.table.receive({ ...session }, last);
    pass();
    expect(names(a)).toEqual([]);
    expect(names(b)).toEqual([]);
  });
});
