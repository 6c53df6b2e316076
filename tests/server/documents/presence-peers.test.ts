import { describe, expect, test } from '@jest/globals';
import { TICK_MS, threeNodes } from '../../support/presence-nodes.js';
import { awarenessOf, comeTo, ownUpdate, PresenceNode } from '../../support/presence-people.js';

describe('nodes that die, are silent, or are not heard', () => {
  test('[AWR9] when a node is gone its people are, and the bus is not told of it', () => {
    const { a, b, c, pass, names, forgetSent } = threeNodes();
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
    const { a, b, pass, names, deliver } = threeNodes();
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
    const { clock, a, b, pass, names } = threeNodes();
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
    const { a, b, c, pass, names } = threeNodes();
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
    const { clock, a, b, c, deliver, pass, names } = threeNodes();
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
    const { clock, a, b, deliver, pass, names } = threeNodes();
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
    const { clock, a, b, deliver, pass, names } = threeNodes();
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
    const { clock, a, b, c, names } = threeNodes();
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
    const { clock, a, b, pass, names } = threeNodes();
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
});
