import { describe, expect, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { caretsIn, caretUpdate, SeenCarets } from '../../../bench/generator/carets.js';
import { FIRST_CLIENT_ID } from '../../../bench/generator/edits.js';
import { measurePresence } from '../../../bench/generator/presence-run.js';
import { Progress, windowQuantiles } from '../../../bench/generator/progress.js';
import { parsePresence } from '../../../shared/presence.js';
import { withContext } from '../../support/bench-context.js';

describe('carets', () => {
  test('[BENCH34] stock clients and our page understand them, and what is passed on is read back', () => {
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    awareness.setLocalState(null);
    const ids = [FIRST_CLIENT_ID + 3, FIRST_CLIENT_ID + 70_000];
    for (const id of ids) {
      const update = caretUpdate(id, 9);
      expect(update.length).toBeGreaterThan(150);
      expect(caretsIn(update)).toEqual([id - FIRST_CLIENT_ID, 9]);
      applyAwarenessUpdate(awareness, update, 'test');
      expect(parsePresence(awareness.getStates().get(id), id)?.cursor).toBeDefined();
    }
    expect(caretsIn(encodeAwarenessUpdate(awareness, ids))).toEqual([3, 9, 70_000, 9]);
    awareness.destroy();
  });

  test('[BENCH34] equal messages are taken apart once, and others are told from them', () => {
    const seen = new SeenCarets();
    const first = Buffer.from(caretUpdate(FIRST_CLIENT_ID, 1));
    const carets = seen.see(first);
    expect(seen.see(Buffer.from(first))).toBe(carets);
    const other = Buffer.from(first);
    other[1] = (other[1] ?? 0) ^ 1;
    expect(seen.see(other)).not.toEqual(carets);
    for (let clock = 2; clock < 5_000; clock++) {
      expect(seen.see(Buffer.from(caretUpdate(FIRST_CLIENT_ID, clock)))).toEqual([0, clock]);
    }
  });

  test('[BENCH34] a state that a newer one overtook has come with it; what never came is slower than anything', () => {
    const windows = [
      { from: 0, to: 20 },
      { from: 20, to: 60 },
    ];
    const progress = new Progress({
      clients: 3,
      due: (_sender, index) => index * 10,
      receiversOf: () => 2,
      windows,
    });
    for (let index = 0; index < 6; index++) progress.noteSent(0, index);
    progress.noteSeen(1, 0, 2, 50);
    progress.noteSeen(1, 0, 6, 60);
    progress.noteSeen(1, 0, 5, 70);
    progress.noteSeen(0, 0, 6, 70);
    progress.noteSeen(2, 900, 1, 70);
    expect([progress.expected, progress.delivered, progress.missing]).toEqual([12, 6, 6]);
    const [first, second] = progress.windows.map(windowQuantiles);
    expect(first).toMatchObject({ count: 2, p99: null });
    expect(first?.p50).toBeCloseTo(50, 1);
    expect(second).toMatchObject({ count: 4, max: null });
  });

  test.each(['coscribe-memory', 'ws-relay'])('[BENCH34] every move is seen through %s', async (name) => {
    const figures = await withContext(name, (context) => measurePresence(context, { clients: 6, rate: 10 }));
    expect(figures).toMatchObject({ missing: 0, drained: 'complete', failures: {} });
    expect(figures.latencyMs?.p99).toBeGreaterThan(0);
    expect(figures.bytesPerClientSecond).toBeGreaterThan(1_000);
  });
});
