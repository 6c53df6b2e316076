import { describe, expect, test } from '@jest/globals';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import type { WireError } from '../../shared/errors.js';
import { FakeLines } from '../support/fake-lines.js';
import { ManualClock } from '../support/manual-clock.js';

const SHUTTING_DOWN: WireError = { code: 'shutting-down', message: 'soon', retryable: true };

/** A provider that is live over its first line; everything that it has been since is in `seen`. */
function setUp() {
  const lines = new FakeLines();
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    connectChannel: lines.connect,
    presence: { name: 'Ann', color: '#112233' },
    clock,
    random: () => 1,
  });
  const first = lines.last;
  first.welcome({ head: 7 });
  const seen = new Set<string>();
  provider.on('change', () => seen.add(provider.status));
  return { lines, first, clock, provider, text: provider.doc.getText('text'), seen };
}

function updateOf(words: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, words);
  return Y.encodeStateAsUpdate(doc);
}

function somebody(name: string) {
  const awareness = new Awareness(new Y.Doc());
  clearInterval(awareness._checkInterval);
  awareness.setLocalState({ user: { name } });
  return { id: awareness.clientID, update: () => encodeAwarenessUpdate(awareness, [awareness.clientID]) };
}

describe('a provider that is told to move', () => {
  test('[DRAIN4] stays live where it is until its time, joins elsewhere with its number, and is synced all the time', () => {
    const { lines, first, clock, provider, text, seen } = setUp();
    first.server.move(3_000);
    clock.advance(2_999);
    expect(lines.all).toHaveLength(1);
    text.insert(0, 'a');
    first.confirm(8);
    clock.advance(1);
    expect(lines.all).toHaveLength(2);
    first.frame(9, [updateOf('still heard')]);
    lines.last.server.opened();
    expect(lines.last.joins[0]?.message).toMatchObject({ generation: 'generation-1', seq: 9 });
    expect(lines.last.joins[0]?.message.clientKey).toBe(first.joins[0]?.message.clientKey);
    text.insert(0, 'b');
    expect(first.updates).toHaveLength(2);
    lines.last.answerJoin({ head: 9 });
    expect(lines.last.updates).toHaveLength(1);
    expect(lines.last.updates[0]?.message).toEqual(first.updates[1]?.message);
    first.confirm(10);
    expect(provider.unsavedChanges).toBe(1);
    lines.last.confirm(10);
    expect(provider.unsavedChanges).toBe(0);
    expect([...seen]).toEqual(['synced']);
  });

  test('[DRAIN4] the old line ends a moment after the change, and what it still brings does not count', () => {
    const { lines, first, clock, provider, text } = setUp();
    first.server.move(0);
    clock.advance(0);
    lines.last.welcome({ head: 7 });
    expect(first.destroyed).toBe(false);
    first.frame(8, [updateOf('late')]);
    first.server.bye(SHUTTING_DOWN, 2_000);
    first.server.closed();
    expect(text.toString()).toBe('');
    expect(provider.status).toBe('synced');
    clock.advance(1_000);
    expect(first.destroyed).toBe(true);
    expect(lines.alive).toEqual([lines.last]);
    lines.last.frame(8, [updateOf('here')]);
    expect(text.toString()).toBe('here');
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, (lines: FakeLines) => void]>([
    ['is refused', ({ last }) => last.server.refused(SHUTTING_DOWN)],
    ['is not reached', ({ last }) => last.server.closed()],
    ['says goodbye', ({ last }) => last.server.bye(SHUTTING_DOWN, 5_000)],
    [
      'refuses the join',
      ({ last }) => {
        last.server.opened();
        last.joins[0]?.answer({ ok: false, error: SHUTTING_DOWN });
      },
    ],
    [
      'answers the join with junk',
      ({ last }) => {
        last.server.opened();
        last.joins[0]?.answer('junk');
      },
    ],
    [
      'is to be left too',
      ({ last }) => {
        last.server.opened();
        last.server.move(4_000);
      },
    ],
  ])(
    '[DRAIN5] when the other server %s, it stays where it is and tries again after growing pauses',
    (_what, fail) => {
      const { lines, first, clock, provider, text, seen } = setUp();
      first.server.move(0);
      clock.advance(0);
      const pauses: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const before = lines.all.length;
        const start = clock.monotonic();
        fail(lines);
        expect(lines.alive).toEqual([first]);
        while (lines.all.length === before) clock.advance(1);
        pauses.push(clock.monotonic() - start);
      }
      expect(pauses).toEqual([200, 400, 800, 1_500, 1_500]);
      text.insert(0, 'live');
      first.confirm(8);
      expect(provider.unsavedChanges).toBe(0);
      lines.last.welcome({ head: 8 });
      expect([...seen]).toEqual(['synced']);
      clock.advance(1_000);
      expect(lines.alive).toEqual([lines.last]);
    },
  );

  test('[DRAIN5] a goodbye before the change has come about is obeyed as ever', () => {
    const { lines, first, clock, provider } = setUp();
    first.server.move(1_000);
    clock.advance(1_000);
    first.server.bye(SHUTTING_DOWN, 2_000);
    expect(provider.status).toBe('offline');
    expect(lines.alive).toEqual([first]);
    expect(first.closes).toBe(1);
    clock.advance(1_999);
    expect(first.opens).toBe(1);
    clock.advance(1);
    first.welcome({ head: 7 });
    expect(provider.status).toBe('synced');
    expect(clock.pending).toBe(0);
  });

  test('[DRAIN5] a stream that is interrupted just then is mended first', () => {
    const { lines, first, clock, provider } = setUp();
    first.server.move(0);
    clock.advance(0);
    lines.last.server.opened();
    first.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    lines.last.answerJoin({ head: 7 });
    expect(lines.alive).toEqual([first]);
    first.answerJoin({ head: 7 });
    clock.advance(200);
    lines.last.welcome({ head: 7 });
    expect(provider.status).toBe('synced');
    clock.advance(1_000);
    expect(lines.alive).toEqual([lines.last]);
  });

  test('[DRAIN4] it moves once however often it is told, and again when the next server stops', () => {
    const { lines, first, clock } = setUp();
    first.server.move(1_000);
    first.server.move(0);
    clock.advance(999);
    expect(lines.all).toHaveLength(1);
    clock.advance(1);
    first.server.move(0);
    lines.last.welcome({ head: 7 });
    lines.last.server.move(500);
    clock.advance(500);
    expect(lines.all).toHaveLength(3);
    lines.last.welcome({ head: 7 });
    clock.advance(1_000);
    expect(lines.alive).toEqual([lines.last]);
  });

  test('[DRAIN5] it waits a minute at most, whatever a server says', () => {
    const { lines, first, clock } = setUp();
    first.server.move(Number.POSITIVE_INFINITY);
    clock.advance(60_000);
    expect(lines.all).toHaveLength(2);
  });

  test.each(['disconnect', 'destroy'] as const)('[DRAIN5] %s ends a move under way', (end) => {
    for (const stage of [0, 1, 2]) {
      const { lines, first, clock, provider } = setUp();
      first.server.move(10);
      if (stage > 0) clock.advance(10);
      if (stage > 1) lines.last.welcome({ head: 7 });
      provider[end]();
      expect(clock.pending).toBe(0);
      expect(lines.alive.length).toBe(end === 'destroy' ? 0 : 1);
    }
  });

  test('[DRAIN6] others are still here after the change, also those of whom the other server hears later', () => {
    const { lines, first, clock, provider } = setUp();
    const [bob, cleo, dan] = [somebody('bob'), somebody('cleo'), somebody('dan')];
    for (const { update } of [bob, cleo, dan]) first.server.awareness(update());
    const gone: number[] = [];
    provider.awareness.on('change', ({ removed }: { removed: number[] }) => gone.push(...removed));
    first.server.move(0);
    clock.advance(0);
    lines.last.welcome({ head: 7, awareness: bob.update() });
    clock.advance(1_000);
    lines.last.server.awareness(cleo.update());
    clock.advance(1_999);
    expect(gone).toEqual([]);
    clock.advance(1);
    expect(gone).toEqual([dan.id]);
    lines.last.server.awareness(dan.update());
    expect(provider.awareness.getStates().has(dan.id)).toBe(true);
  });

  test('[DRAIN6] its own presence is told to the new server with a higher clock before the old one hears that it has gone', () => {
    const { lines, first, clock, provider } = setUp();
    const clockAt = () => provider.awareness.meta.get(provider.doc.clientID)?.clock ?? -1;
    const before = clockAt();
    clock.advance(100);
    first.server.move(0);
    clock.advance(0);
    lines.last.welcome({ head: 7 });
    expect(clockAt()).toBeGreaterThan(before);
    expect(lines.last.awarenessSent).toHaveLength(1);
    expect(first.destroyed).toBe(false);
  });
});

describe('a provider that is refused because the server stops', () => {
  test('[DRAIN3] tries again soon, where another server may answer, and less and less often', () => {
    const lines = new FakeLines();
    const clock = new ManualClock();
    new CoscribeProvider({ document: 'acme/notes', connectChannel: lines.connect, clock, random: () => 1 });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = lines.last.opens;
      const start = clock.monotonic();
      lines.last.server.refused(SHUTTING_DOWN);
      while (lines.last.opens === before) clock.advance(1);
      pauses.push(clock.monotonic() - start);
    }
    expect(pauses).toEqual([200, 400, 800, 1_600]);
  });
});
