import { describe, expect, test } from '@jest/globals';
import * as encoding from 'lib0/encoding';
import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { ManualClock } from '../../support/manual-clock.js';
import {
  awarenessOf,
  comeTo,
  MAX_AWARENESS_BYTES,
  ownUpdate,
  PresenceNode,
  type PresenceSession,
} from '../../support/presence-people.js';

const TICK_MS = 50;

/** Three nodes. `pass` lets a tick pass and delivers what was published meanwhile, until nothing more is. */
function setUp() {
  const clock = new ManualClock();
  const nodes = ['a', 'b', 'c'].map((name) => new PresenceNode(name, clock));
  const [a, b, c] = nodes as [PresenceNode, PresenceNode, PresenceNode];
  const deliver = (from: PresenceNode, to: readonly PresenceNode[] = nodes) => {
    const updates = from.published.splice(0);
    for (const node of to) {
      for (const update of updates) if (node !== from) node.table.receiveFrom(from.name, update);
    }
  };
  const pass = () => {
    for (let round = 0; round < 3; round++) {
      clock.advance(TICK_MS);
      for (const node of nodes) deliver(node);
    }
    clock.advance(TICK_MS);
  };
  const names = (node: PresenceNode) => [...node.seen.values()].map(({ name }) => name).sort();
  const forgetSent = () => {
    for (const { sent, published } of nodes) sent.length = published.length = 0;
  };
  return { clock, nodes, a, b, c, deliver, pass, names, forgetSent };
}

/** The states in an awareness update, as y-protocols reads them. */
function encodeStates(
  states: readonly (readonly [number, number, string])[],
  after: number[] = [],
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, states.length);
  for (const [clientId, clock, json] of states) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, json);
  }
  for (const number of after) encoding.writeVarUint(encoder, number);
  return encoding.toUint8Array(encoder);
}

describe('people on several nodes', () => {
  test('[AWR7] see one another, and whoever joins gets all of them', () => {
    const { a, b, c, pass, names } = setUp();
    comeTo(a, awarenessOf({ name: 'ann' }));
    comeTo(b, awarenessOf({ name: 'bob' }));
    pass();
    for (const node of [a, b, c]) {
      expect(names(node)).toEqual(['ann', 'bob']);
      expect([...node.everybody.values()].map(({ name }) => name).sort()).toEqual(['ann', 'bob']);
    }
  });

  test('[AWR7] of own and of other changes sessions are sent one message, and other nodes the own ones', () => {
    const { clock, a, b, deliver } = setUp();
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
    const { a, b, c, pass, names } = setUp();
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
    const { clock, a, b, pass, names } = setUp();
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
    const { a } = setUp();
    expect(a.table.own()).toHaveLength(0);
    a.table.stop();
    expect(a.published).toEqual([]);
  });

  test('[AWR8] who moves stays, though the old node notices the dead connection much later', () => {
    const { a, b, c, pass, names, forgetSent } = setUp();
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
    const { a, b, c, pass } = setUp();
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
    const { a, b, c, pass, forgetSent } = setUp();
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

  test('[AWR9] when a node is gone its people are, and the bus is not told of it', () => {
    const { a, b, c, pass, names, forgetSent } = setUp();
    comeTo(a, awarenessOf({ name: 'ann' }));
    comeTo(b, awarenessOf({ name: 'bob' }));
    pass();
    forgetSent();
    for (const { table } of [b, c]) table.removeNode('a');
    pass();
    expect(names(b)).toEqual(['bob']);
    expect(names(c)).toEqual(['bob']);
    expect([...c.everybody.values()]).toEqual([{ name: 'bob' }]);
    expect([b.published, c.published]).toEqual([[], []]);
  });

  test('[AWR9] a node that was alive after all has its people back with its next word of them', () => {
    const { a, b, pass, names, deliver } = setUp();
    const ann = awarenessOf({ name: 'ann' });
    const annHere = comeTo(a, ann);
    pass();
    b.table.removeNode('a');
    pass();
    expect(names(b)).toEqual([]);
    a.published.push(a.table.own());
    deliver(a, [b]);
    pass();
    expect(names(b)).toEqual(['ann']);
    ann.setLocalState({ name: 'anna' });
    a.table.receive(annHere, ownUpdate(ann));
    pass();
    expect(names(b)).toEqual(['anna']);
    a.table.remove(annHere);
    pass();
    expect(names(b)).toEqual([]);
  });

  test('[AWR9] a message that comes again after its node is gone brings nobody back', () => {
    const { clock, a, b, pass, names } = setUp();
    comeTo(a, awarenessOf({ name: 'ann' }));
    clock.advance(TICK_MS);
    const [said] = a.published as [Uint8Array];
    b.table.receiveFrom('a', said);
    b.table.removeNode('a');
    b.table.receiveFrom('a', said);
    pass();
    expect(names(b)).toEqual([]);
  });

  test('[AWR9] who went elsewhere before its node died stays', () => {
    const { a, b, c, pass, names } = setUp();
    const ann = awarenessOf({ name: 'ann' });
    comeTo(a, ann);
    pass();
    ann.setLocalState({ name: 'anna' });
    comeTo(b, ann);
    pass();
    for (const { table } of [b, c]) table.removeNode('a');
    pass();
    expect(names(b)).toEqual(['anna']);
    expect(names(c)).toEqual(['anna']);
  });

  test('[AWR9] a node that is asked and does not answer has nobody here; one that answers keeps its people', () => {
    const { clock, a, b, c, deliver, pass, names } = setUp();
    comeTo(a, awarenessOf({ name: 'ann' }));
    comeTo(b, awarenessOf({ name: 'bob' }));
    pass();
    c.table.askedOthers();
    b.published.push(b.table.own());
    deliver(b);
    clock.advance(4_000);
    expect(names(c)).toEqual(['ann', 'bob']);
    clock.advance(2_000);
    expect(names(c)).toEqual(['bob']);
    expect(clock.pending).toBe(0);
    c.table.askedOthers();
    c.table.stop();
    expect(clock.pending).toBe(0);
  });

  test('[AWR10] all of a node says who has left and who has come, whatever was lost', () => {
    const { clock, a, b, deliver, pass, names } = setUp();
    const annHere = comeTo(a, awarenessOf({ name: 'ann' }));
    pass();
    a.table.remove(annHere);
    comeTo(a, awarenessOf({ name: 'amy' }));
    clock.advance(TICK_MS);
    a.published.length = 0;
    expect(names(b)).toEqual(['ann']);
    a.published.push(a.table.own());
    deliver(a, [b]);
    pass();
    expect(names(b)).toEqual(['amy']);
  });

  test('[AWR10] nobody is also said of a node', () => {
    const { clock, a, b, deliver, pass, names } = setUp();
    const annHere = comeTo(a, awarenessOf({ name: 'ann' }));
    pass();
    a.table.remove(annHere);
    clock.advance(TICK_MS);
    a.published.length = 0;
    a.published.push(a.table.own());
    deliver(a, [b]);
    pass();
    expect(names(b)).toEqual([]);
  });

  test('[AWR10] what comes late is known to be old', () => {
    const { clock, a, b, c, names } = setUp();
    const said: Record<string, Uint8Array> = {};
    const say = (what: string) => {
      clock.advance(TICK_MS);
      const [update] = a.published.splice(0);
      if (update !== undefined) said[what] = update;
    };
    const hear = (node: PresenceNode, ...order: string[]) => {
      for (const what of order) node.table.receiveFrom('a', said[what] as Uint8Array);
      clock.advance(TICK_MS);
    };
    const ann = awarenessOf({ name: 'ann' });
    const annHere = comeTo(a, ann);
    say('ann came');
    a.table.remove(annHere);
    say('ann left');
    const without = a.table.own();
    comeTo(a, awarenessOf({ name: 'amy' }));
    say('amy came');
    said.nobody = without;
    hear(b, 'ann left', 'ann came', 'amy came', 'nobody', 'ann came', 'amy came', 'nobody');
    expect(names(b)).toEqual(['amy']);
    hear(c, 'nobody', 'ann came');
    expect(names(c)).toEqual([]);
  });

  test('[AWR10] a table that takes the place of another goes on where that one stopped', () => {
    const { clock, a, b, pass, names } = setUp();
    const ann = awarenessOf({ name: 'ann' });
    comeTo(a, ann);
    pass();
    const again = new PresenceNode('a', clock);
    ann.setLocalState({ name: 'anna' });
    comeTo(again, ann);
    clock.advance(TICK_MS);
    for (const update of again.published) b.table.receiveFrom('a', update);
    a.table.stop();
    pass();
    expect(names(b)).toEqual(['anna']);
  });

  const other = awarenessOf({ name: 'somebody' });
  const good: [number, number, string] = [other.clientID, 7, '{"name":"somebody"}'];
  const deep = JSON.stringify({ a: { b: { c: { d: { e: 1 } } } } });
  const large = JSON.stringify({ text: 'x'.repeat(2 * MAX_AWARENESS_BYTES) });
  test.each([
    ['is no awareness update', new Uint8Array([1, 2, 3])],
    ['is empty', new Uint8Array()],
    ['ends in the middle', encodeStates([good]).subarray(0, -1)],
    ['names more states than it has', new Uint8Array([9, ...encodeStates([good]).subarray(1)])],
    ['names too many states', encodeStates(Array.from({ length: 4_097 }, (_, n) => [n, 1, '{}'] as const))],
    ['nests too deep', encodeStates([good, [5, 1, deep]])],
    ['has a large state', encodeStates([good, [5, 1, large]])],
    ['has a clock beyond 2^31', encodeStates([good, [5, 2 ** 31, '{}']])],
    ['has a state that is no object', encodeStates([good, [5, 1, '[]']])],
    ['has a state that is no JSON', encodeStates([good, [5, 1, '{']])],
    ['ends in something unknown', encodeStates([good], [2, 8])],
    ['goes on after its end', encodeStates([good], [0, 8, 1])],
    ['has half an end', encodeStates([good], [0])],
    ['is very large', new Uint8Array(4_096 * (2 * MAX_AWARENESS_BYTES + 32) + 1)],
  ])('[AWR11] of another node what %s is ignored as a whole', (_what, update) => {
    const { clock, a } = setUp();
    a.table.receiveFrom('b', update);
    clock.advance(TICK_MS);
    expect(a.sent).toEqual([]);
    expect(a.everybody.size).toBe(0);
  });

  test('[AWR11] a plain awareness update is taken, and its names are clean', () => {
    const { a, pass } = setUp();
    const ann = awarenessOf({ user: { name: ' A\u202en\nn ', color: 'url(x)' } });
    const amy = awarenessOf({ name: 'amy' });
    const both: Awareness = awarenessOf(null);
    a.table.receiveFrom('b', ownUpdate(ann));
    pass();
    expect(a.seen.get(ann.clientID)).toEqual({
      user: { name: 'An n', color: expect.stringMatching(/^#[0-9a-f]{6}$/) },
    });
    for (const person of [ann, amy]) {
      both.states.set(person.clientID, { name: 'new' });
      both.meta.set(person.clientID, { clock: 5, lastUpdated: 0 });
    }
    a.table.receiveFrom('b', encodeAwarenessUpdate(both, [ann.clientID, amy.clientID]));
    pass();
    expect([...a.seen.values()]).toEqual([{ name: 'new' }, { name: 'new' }]);
  });

  test('[AWR11] a state that grows too large when it is cleaned is refused to its sender', () => {
    const { a, pass } = setUp();
    const ann = comeTo(a, awarenessOf({}));
    const numbers = `[${Array.from({ length: 150 }, () => '1e20').join()}]`;
    a.table.receive(ann, encodeStates([[ann.clientId, 9, `{"numbers":${numbers}}`]]));
    pass();
    expect(ann.refused.map(({ code }) => code)).toEqual(['awareness-refused']);
  });

  test('[AWR12] of other nodes 4,096 people are known at most, and those here come in all the same', () => {
    const { a, pass } = setUp();
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
    const { clock, a, b, deliver } = setUp();
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
    const { clock, a, pass } = setUp();
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
    const { a, b, c, pass, names } = setUp();
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
    const { a, b, c, pass, names } = setUp();
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
    const { a, b, pass, names, forgetSent } = setUp();
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
    const { a, b, pass, names } = setUp();
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

describe('a client that shows nothing', () => {
  test('[AWR6] [AWR8] is gone while its session stays, and an old state does not bring it back', () => {
    const { a, b, pass, names } = setUp();
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
    const { a, b, pass, names } = setUp();
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
