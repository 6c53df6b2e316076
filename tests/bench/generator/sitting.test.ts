import { describe, expect, jest, test } from '@jest/globals';
import { caretsIn } from '../../../bench/generator/carets.js';
import { FIRST_CLIENT_ID } from '../../../bench/generator/edits.js';
import type { Member } from '../../../bench/generator/fleet.js';
import { measureMemory } from '../../../bench/generator/memory-run.js';
import { Renewal } from '../../../bench/generator/renewal.js';
import { Sitting } from '../../../bench/generator/sitting.js';
import { coscribe } from '../../../load/wire/coscribe.js';
import { yWebsocket } from '../../../load/wire/y-websocket.js';
import { withContext } from '../../support/bench-context.js';

const PACE = { perSecond: 1_000, atOnce: 5, timeoutMs: 5_000 };

function seats(count: number) {
  return Array.from({ length: count }, (_, number) => ({ number, document: `idle-${number % 3}` }));
}

describe('clients that sit there', () => {
  test('[BENCH36] where stock clients renew their awareness state, each does every 15 seconds, with a higher clock', () => {
    jest.useFakeTimers();
    try {
      const sent: number[][] = [];
      const members = [0, 1, 2].map((number) => ({
        clientId: FIRST_CLIENT_ID + number,
        sendAwareness: (update: Uint8Array) => sent.push(caretsIn(update)),
      })) as unknown as Member[];
      const renewals = [new Renewal(coscribe, members), new Renewal(yWebsocket, members)];
      jest.advanceTimersByTime(15_000);
      expect(sent).toEqual([
        [0, 1],
        [1, 1],
        [2, 1],
      ]);
      jest.advanceTimersByTime(15_000);
      expect(sent.slice(3)).toEqual([
        [0, 2],
        [1, 2],
        [2, 2],
      ]);
      for (const renewal of renewals) renewal.stop();
      jest.advanceTimersByTime(60_000);
      expect(sent).toHaveLength(6);
    } finally {
      jest.useRealTimers();
    }
  });

  test('[BENCH36] all get in and are counted; with the server gone it is told why nobody does', async () => {
    await withContext('coscribe-memory', async (context) => {
      const sitting = new Sitting(context);
      expect(await sitting.enter(seats(20), PACE)).toMatchObject({ joined: 20 });
      const { resident, serverShare } = await sitting.quiet(100);
      expect(resident).toBeGreaterThan(1e7);
      expect(serverShare).toBeLessThan(1);
      expect([sitting.joined, sitting.failures]).toEqual([20, {}]);
      await sitting.leave();
      const late = new Sitting(context);
      await context.process.kill();
      const entered = await late.enter(seats(3), PACE);
      expect(entered).toMatchObject({ joined: 0, problem: expect.stringContaining('ECONNREFUSED') });
      await late.leave();
    });
  });

  test('[BENCH36] memory is told by session, and by document with its session', async () => {
    const options = { first: 10, more: 30, quietMs: 50, storedAfterMs: 0 };
    const figures = await withContext('coscribe', (context) => measureMemory(context, options));
    expect(figures.sessions.after).toBeGreaterThan(1e7);
    expect(figures.contentBytes).toBeGreaterThan(1_500);
    expect(figures.documentBytes).toBe((figures.openBytes ?? 0) - figures.sessionBytes);
    const relay = await withContext('ws-relay', (context) => measureMemory(context, options));
    expect(relay.documents).toBeNull();
  });
});
