import { describe, expect, test } from '@jest/globals';
import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { PresenceRoom } from '../../../server/documents/presence-room.js';
import { PresenceTable } from '../../../server/documents/presence-table.js';
import type { CoscribeError } from '../../../shared/errors.js';
import { ManualClock } from '../../support/manual-clock.js';
import { awarenessOf, MAX_AWARENESS_BYTES, ownUpdate } from '../../support/presence-people.js';

function setUp() {
  const clock = new ManualClock();
  const sent: Uint8Array[] = [];
  const table = new PresenceTable({
    clock,
    maxBytes: MAX_AWARENESS_BYTES,
    maxDepth: 4,
    room: new PresenceRoom(),
    send: ({ bytes }) => sent.push(bytes),
  });
  const viewer = awarenessOf({});
  const see = (): Record<string, unknown>[] => {
    for (const update of sent.splice(0)) applyAwarenessUpdate(viewer, update, 'server');
    viewer.states.delete(viewer.clientID);
    return [...viewer.states.values()];
  };
  const owner = (clientId: number) => {
    const refused: CoscribeError[] = [];
    return { clientId, refused, refuse: (error: CoscribeError) => refused.push(error) };
  };
  return { clock, sent, table, see, owner };
}

describe('presence', () => {
  test('[AWR1] states gather for 50 ms and go out as one message, of each client only the newest', () => {
    const { clock, sent, table, see, owner } = setUp();
    const people = Array.from({ length: 5 }, (_, n) => awarenessOf({ step: `${n}-0` }));
    const owners = people.map(({ clientID }) => owner(clientID));
    for (let step = 1; step <= 100; step++) {
      for (const [n, person] of people.entries()) {
        person.setLocalState({ step: `${n}-${step}` });
        table.receive(owners[n] as (typeof owners)[0], ownUpdate(person));
      }
    }
    expect(sent).toHaveLength(0);
    clock.advance(50);
    expect(sent).toHaveLength(1);
    expect(see().map(({ step }) => step)).toEqual(['0-100', '1-100', '2-100', '3-100', '4-100']);
    clock.advance(1_000);
    expect(sent).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('[AWR2] who leaves is gone for the others, and comes back with a higher clock', () => {
    const { clock, table, see, owner } = setUp();
    const ann = awarenessOf({ here: true });
    const session = owner(ann.clientID);
    table.receive(session, ownUpdate(ann));
    clock.advance(50);
    expect(see()).toEqual([{ here: true }]);
    table.remove(session);
    clock.advance(50);
    expect(see()).toEqual([]);
    expect(table.everybody()).toHaveLength(0);
    ann.setLocalState({ here: 'again' });
    table.receive(session, ownUpdate(ann));
    clock.advance(50);
    expect(see()).toEqual([{ here: 'again' }]);
  });

  test('[AWR3] whoever joins gets everybody', () => {
    const { clock, table, owner } = setUp();
    const ann = awarenessOf({ name: 'ann' });
    const bob = awarenessOf({ name: 'bob' });
    for (const person of [ann, bob]) table.receive(owner(person.clientID), ownUpdate(person));
    clock.advance(50);
    const late = awarenessOf({});
    applyAwarenessUpdate(late, table.everybody(), 'server');
    expect(late.states.get(ann.clientID)).toEqual({ name: 'ann' });
    expect(late.states.get(bob.clientID)).toEqual({ name: 'bob' });
  });

  const victim = awarenessOf({ name: 'victim' });
  const nested = { a: { b: { c: { d: { e: 1 } } } } };
  test.each([
    ['speaks for somebody else', () => ownUpdate(victim)],
    [
      'speaks for several',
      (own: Awareness) => encodeAwarenessUpdate(withState(own, victim), [own.clientID, victim.clientID]),
    ],
    [
      'is larger than it may be',
      (own: Awareness) => ownUpdate(withLocal(own, { text: 'x'.repeat(MAX_AWARENESS_BYTES) })),
    ],
    ['is nested too deep', (own: Awareness) => ownUpdate(withLocal(own, nested))],
    [
      'is no object',
      (own: Awareness) => ownUpdate(withLocal(own, [1] as unknown as Record<string, unknown>)),
    ],
    ['has a clock beyond 2^31', (own: Awareness) => ownUpdate(withClock(own, 2 ** 53 - 1))],
    ['is no awareness update', () => new Uint8Array([1, 2, 3])],
    ['is followed by other bytes', (own: Awareness) => new Uint8Array([...ownUpdate(own), 0])],
    ['is empty', () => new Uint8Array()],
  ])('[AWR4] a state that %s is refused to its sender alone', (_what, make) => {
    const { clock, sent, table, owner } = setUp();
    const own = awarenessOf({});
    const session = owner(own.clientID);
    table.receive(session, make(own));
    clock.advance(50);
    expect(session.refused.map(({ code }) => code)).toEqual(['awareness-refused']);
    expect(sent).toEqual([]);
    expect(table.everybody()).toHaveLength(0);
  });

  test('[AWR5] a name is one clean line and a colour is a colour, whatever was sent; the rest is left alone', () => {
    const { clock, table, see, owner } = setUp();
    const ann = awarenessOf({ user: { name: ' A\u202en\nn ', color: 'url(x)', avatar: 7 }, cursor: null });
    table.receive(owner(ann.clientID), ownUpdate(ann));
    clock.advance(50);
    expect(see()).toEqual([
      { user: { name: 'An n', color: expect.stringMatching(/^#[0-9a-f]{6}$/), avatar: 7 }, cursor: null },
    ]);
  });

  test.each<[unknown]>([
    ['Ann'],
    [7],
    [null],
    [['Ann']],
    [{}],
    [{ id: 7, displayName: 'Ann' }],
    [{ name: { first: 'Ann' } }],
    [{ name: 'Ann', color: '#AbC' }],
    [{ name: 'Ann', color: '#a1b2c3', colorLight: '#a1b2c333' }],
    ...[
      'red',
      'hsl(120, 50%, 50%)',
      'hsl(120deg 50% 50% / .2)',
      'rgba(1,2,3,.5)',
      'oklch(0.7 0.1 200)',
      'color(display-p3 1 0 0)',
      'rgb(from #123456 r g b / 50%)',
      'color-mix(in srgb, red 20%, hsl(0 50% 50%))',
    ].map((color): [unknown] => [{ name: 'Ann', color }]),
  ])('[AWR5] a user %j is shown as it is', (user) => {
    const { clock, table, see, owner } = setUp();
    const ann = awarenessOf({ user, cursor: null });
    table.receive(owner(ann.clientID), ownUpdate(ann));
    clock.advance(50);
    expect(see()).toEqual([{ user, cursor: null }]);
  });

  const noColors: readonly unknown[] = [
    'url(x)',
    'red; position: fixed',
    'red}',
    '"><script>',
    'var(--x)',
    'color-mix(in srgb, url(//example.com), red)',
    'rgb(\\29 url(x))',
    `rgb(${' '.repeat(200)})`,
    '',
    ['red; top: 0'],
    { red: 1 },
    7,
    null,
  ];
  test.each(noColors.map((color) => [color] as const))(
    '[AWR5] %j is no colour: the client has its own, and a light one editors make of that',
    (color) => {
      const { clock, table, see, owner } = setUp();
      const ann = awarenessOf({ user: { name: 'Ann', color, colorLight: color } });
      table.receive(owner(ann.clientID), ownUpdate(ann));
      clock.advance(50);
      expect(see()).toEqual([{ user: { name: 'Ann', color: expect.stringMatching(/^#[0-9a-f]{6}$/) } }]);
    },
  );

  test.each([
    ['Ann', { name: 'Ada' }],
    [undefined, { name: 'Ada' }],
    [
      { name: 'Ann', color: 'red', id: 3 },
      { name: 'Ada', color: 'red', id: 3 },
    ],
  ])('[AWR5] who has a name by his token has that one, whatever he says of himself: %j', (user, shown) => {
    const { clock, table, see, owner } = setUp();
    const ann = awarenessOf(user === undefined ? {} : { user });
    table.receive({ ...owner(ann.clientID), shownAs: { name: 'Ada' } }, ownUpdate(ann));
    clock.advance(50);
    expect(see()).toEqual([{ user: shown }]);
  });

  test('[AWR6] an old or repeated state changes nothing', () => {
    const { clock, sent, table, owner } = setUp();
    const ann = awarenessOf({ n: 1 });
    const session = owner(ann.clientID);
    const old = ownUpdate(ann);
    ann.setLocalState({ n: 2 });
    table.receive(session, ownUpdate(ann));
    clock.advance(50);
    sent.length = 0;
    table.receive(session, old);
    clock.advance(50);
    table.receive(session, ownUpdate(ann));
    clock.advance(50);
    expect(sent).toEqual([]);
  });
});

function withLocal(awareness: Awareness, state: Record<string, unknown>): Awareness {
  awareness.setLocalState(state);
  return awareness;
}

function withState(awareness: Awareness, other: Awareness): Awareness {
  applyAwarenessUpdate(awareness, ownUpdate(withLocal(other, { name: 'spoofed' })), 'test');
  return awareness;
}

function withClock(awareness: Awareness, clock: number): Awareness {
  awareness.meta.set(awareness.clientID, { clock, lastUpdated: 0 });
  return awareness;
}
