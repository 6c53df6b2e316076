import { describe, expect, test } from '@jest/globals';
import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { encodeStates, TICK_MS, threeNodes } from '../../support/presence-nodes.js';
import { awarenessOf, comeTo, MAX_AWARENESS_BYTES, ownUpdate } from '../../support/presence-people.js';

describe('what another node says', () => {
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
    const { clock, a } = threeNodes();
    a.table.receiveFrom('b', update);
    clock.advance(TICK_MS);
    expect(a.sent).toEqual([]);
    expect(a.everybody.size).toBe(0);
  });

  test('[AWR11] a plain awareness update is taken, and its names are clean', () => {
    const { a, pass } = threeNodes();
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
    const { a, pass } = threeNodes();
    const ann = comeTo(a, awarenessOf({}));
    const numbers = `[${Array.from({ length: 150 }, () => '1e20').join()}]`;
    a.table.receive(ann, encodeStates([[ann.clientId, 9, `{"numbers":${numbers}}`]]));
    pass();
    expect(ann.refused.map(({ code }) => code)).toEqual(['awareness-refused']);
  });
});
