import { describe, expect, test } from '@jest/globals';
import { encodeStates, TICK_MS, threeNodes } from '../../support/presence-nodes.js';
import { awarenessOf, comeTo, ownUpdate, type PresenceSession } from '../../support/presence-people.js';

describe('people on several nodes', () => {
  test('[AWR7] see one another, and whoever joins gets all of them', () => {
    const { a, b, c, pass, names } = threeNodes();
    comeTo(a, awarenessOf({ name: 'ann' }));
    comeTo(b, awarenessOf({ name: 'bob' }));
    pass();
    for (const node of [a, b, c]) {
      expect(names(node)).toEqual(['ann', 'bob']);
      expect([...node.everybody.values()].map(({ name }) => name).sort()).toEqual(['ann', 'bob']);
    }
  });

  test('[AWR7] of own and of other changes sessions are sent one message, and other nodes the own ones', () => {
    const { clock, a, b, deliver } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const bob = awarenessOf({ name: 'bob' });
    comeTo(a, ann);
    clock.advance(TICK_MS);
    comeTo(b, bob);
    deliver(a);
    clock.advance(TICK_MS);
    expect(b.sent).toEqual([
      encodeStates([
        [ann.clientID, 1, '{"name":"ann"}'],
        [bob.clientID, 1, '{"name":"bob"}'],
      ]),
    ]);
    deliver(b, [a]);
    expect(a.table.isElsewhere(ann.clientID)).toBe(false);
    expect(a.table.isElsewhere(bob.clientID)).toBe(true);
    clock.advance(TICK_MS);
    expect(b.published).toEqual([]);
    expect(a.published).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('[AWR7] who leaves is gone everywhere', () => {
    const { a, b, c, pass, names } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const annHere = comeTo(a, ann);
    pass();
    expect(b.table.isElsewhere(ann.clientID)).toBe(true);
    a.table.remove(annHere);
    pass();
    for (const node of [a, b, c]) {
      expect(names(node)).toEqual([]);
      expect(node.everybody.size).toBe(0);
    }
    expect(b.table.isElsewhere(ann.clientID)).toBe(false);
  });

  test('[AWR7] a document that is put away takes its people along', () => {
    const { clock, a, b, pass, names } = threeNodes();
    const annHere = comeTo(a, awarenessOf({ name: 'ann' }));
    comeTo(a, awarenessOf({ name: 'amy' }));
    pass();
    a.table.remove(annHere);
    a.table.stop();
    expect(clock.pending).toBe(0);
    pass();
    expect(names(b)).toEqual([]);
  });

  test('[AWR7] a document of which nobody was told is put away without a word', () => {
    const { a } = threeNodes();
    expect(a.table.own()).toHaveLength(0);
    a.table.stop();
    expect(a.published).toEqual([]);
  });

  test('[AWR8] who moves stays, though the old node notices the dead connection much later', () => {
    const { a, b, c, pass, names, forgetSent } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const annHere = comeTo(a, ann);
    pass();
    ann.setLocalState({ name: 'ann', moved: true });
    comeTo(b, ann);
    pass();
    expect([a, b, c].map(({ table }) => table.isElsewhere(ann.clientID))).toEqual([true, false, true]);
    forgetSent();
    a.table.remove(annHere);
    pass();
    for (const node of [a, b, c]) {
      expect(node.seen.get(ann.clientID)).toEqual({ name: 'ann', moved: true });
      expect(node.sent).toEqual([]);
      expect(node.published).toEqual([]);
    }
    expect(names(c)).toEqual(['ann']);
  });

  test('[AWR8] who moves back and forth is where the newest state was shown', () => {
    const { a, b, c, pass } = threeNodes();
    const ann = awarenessOf({ at: 'a' });
    const there: PresenceSession[] = [];
    for (const node of [a, b, a, c, b]) {
      ann.setLocalState({ at: node.name });
      there.push(comeTo(node, ann));
      pass();
      for (const { seen } of [a, b, c]) expect(seen.get(ann.clientID)).toEqual({ at: node.name });
    }
    expect([a, b, c].map(({ table }) => table.isElsewhere(ann.clientID))).toEqual([true, false, true]);
  });

  test('[AWR8] what another node says of somebody who is here by now does not count', () => {
    const { a, b, c, pass, forgetSent } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const { clientID } = ann;
    comeTo(b, ann);
    pass();
    forgetSent();
    a.table.receiveFrom('c', encodeStates([[clientID, 1, 'null']]));
    a.table.receiveFrom('c', encodeStates([[clientID, 99, 'null']]));
    a.table.receiveFrom('c', encodeStates([[clientID, 1, '{"name":"another"}']]));
    b.table.receiveFrom('c', encodeStates([[clientID, 99, 'null']]));
    b.table.receiveFrom('c', encodeStates([[clientID, 1, '{"name":"another"}']]));
    c.table.receiveFrom('b', encodeStates([[clientID, 0, 'null']]));
    c.table.receiveFrom('b', encodeStates([[clientID, 1, '{"name":"another"}']]));
    pass();
    for (const node of [a, b, c]) {
      expect(node.sent).toEqual([]);
      expect(node.seen.get(clientID)).toEqual({ name: 'ann' });
    }
  });
});

describe('a client that shows nothing', () => {
  test('[AWR6] [AWR8] is gone while its session stays, and an old state does not bring it back', () => {
    const { a, b, pass, names } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const old = ownUpdate(ann);
    const session = comeTo(a, ann);
    pass();
    ann.setLocalState(null);
    a.table.receive(session, ownUpdate(ann));
    pass();
    expect(names(b)).toEqual([]);
    a.table.receive(session, old);
    pass();
    expect(names(b)).toEqual([]);
    a.table.remove(session);
    ann.setLocalState({ name: 'anna' });
    comeTo(a, ann);
    pass();
    expect(names(b)).toEqual(['anna']);
  });

  test('[AWR8] says so on the node it has come to', () => {
    const { a, b, pass, names } = threeNodes();
    const ann = awarenessOf({ name: 'ann' });
    const old = comeTo(a, ann);
    pass();
    ann.setLocalState(null);
    comeTo(b, ann);
    pass();
    expect(names(b)).toEqual([]);
    a.table.remove(old);
    pass();
    expect(names(a)).toEqual([]);
  });
});
