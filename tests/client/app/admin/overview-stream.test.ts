import { describe, expect, test } from '@jest/globals';
import { OverviewStream, type StreamState } from '../../../../client/app/admin/overview-stream.js';
import { ApiError } from '../../../../client/app/api.js';
import type { AdminOverview } from '../../../../shared/admin.js';
import { CoscribeError, type ErrorCode } from '../../../../shared/errors.js';
import { overview, report } from '../../../support/admin-overview.js';
import { ManualClock, settle } from '../../../support/manual-clock.js';

/** A stream whose server is the test. */
function world() {
  const clock = new ManualClock();
  const states: StreamState[] = [];
  const overviews: AdminOverview[] = [];
  const lines: ReadableStreamDefaultController<Uint8Array>[] = [];
  const state = { refusal: undefined as ErrorCode | undefined, silent: false, opened: 0, open: 0 };
  const stream = new OverviewStream({
    clock,
    random: () => 1,
    onOverview: (said) => overviews.push(said),
    onState: (next) => states.push(next),
    async open(signal) {
      state.opened++;
      if (state.silent) await new Promise((_, reject) => signal.addEventListener('abort', reject));
      if (state.refusal !== undefined) throw new ApiError(new CoscribeError(state.refusal).toWire());
      const body = new ReadableStream<Uint8Array>({ start: (line) => void lines.push(line) });
      state.open++;
      signal.addEventListener('abort', () => {
        state.open--;
        lines.at(-1)?.error(new DOMException('aborted', 'AbortError'));
      });
      return new Response(body);
    },
  });
  return {
    ...{ clock, states, overviews, state, stream },
    kinds: () => states.map(({ kind }) => kind),
    async say(text: string): Promise<void> {
      lines.at(-1)?.enqueue(new TextEncoder().encode(text));
      await settle();
    },
    async tell(at: number): Promise<void> {
      await this.say(`event: overview\ndata: ${JSON.stringify(overview([report('a')], { at }))}\n\n`);
    },
    async end(): Promise<void> {
      lines.at(-1)?.close();
      await settle();
    },
    async pass(ms: number): Promise<void> {
      clock.advance(ms);
      await settle();
    },
  };
}

describe('the stream of overviews', () => {
  test('[ADMPAGE2] shows each one, and is live from the first one on', async () => {
    const its = world();
    its.stream.start();
    await settle();
    await its.say(': heartbeat\n\n');
    expect(its.kinds()).toEqual(['connecting']);
    await its.tell(1);
    await its.tell(2);
    expect(its.kinds()).toEqual(['connecting', 'live']);
    expect(its.overviews.map(({ at }) => at)).toEqual([1, 2]);
  });

  test('[ADMPAGE11] is opened again when it ends, ever later while nothing comes, and at once after that', async () => {
    const its = world();
    its.stream.start();
    await settle();
    await its.tell(1);
    await its.end();
    expect(its.kinds()).toEqual(['connecting', 'live', 'lost']);
    const waited: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const { opened } = its.state;
      let ms = 0;
      for (; its.state.opened === opened; ms += 500) await its.pass(500);
      waited.push(ms);
      await its.end();
    }
    expect(waited).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    await its.pass(10_000);
    await its.tell(2);
    expect(its.kinds().at(-1)).toBe('live');
    await its.end();
    const { opened } = its.state;
    await its.pass(500);
    expect(its.state.opened).toBe(opened + 1);
  });

  test('[ADMPAGE11] is given up when nothing comes, before the answer or after it, and leaves nothing open', async () => {
    const its = world();
    its.stream.start();
    await settle();
    await its.tell(1);
    await its.pass(7_999);
    expect(its.kinds().at(-1)).toBe('live');
    its.state.silent = true;
    await its.pass(1);
    expect(its.kinds().at(-1)).toBe('lost');
    expect(its.state.open).toBe(0);
    await its.pass(500);
    expect(its.state.opened).toBe(2);
    await its.pass(8_000);
    await its.pass(1_000);
    expect(its.state.opened).toBe(3);
  });

  test.each(['unauthenticated', 'token-expired', 'not-allowed'] as const)(
    '[ADMPAGE1] asks no more when it is refused with %s, until it is started with another token',
    async (code) => {
      const its = world();
      its.state.refusal = code;
      its.stream.start();
      await settle();
      expect(its.states.at(-1)).toMatchObject({ kind: 'refused', error: { code } });
      await its.pass(60_000);
      expect(its.state.opened).toBe(1);
      its.state.refusal = undefined;
      its.stream.start();
      await settle();
      await its.tell(1);
      expect(its.kinds().at(-1)).toBe('live');
    },
  );

  test('[ADMPAGE11] says why it is refused for a while, and tries again', async () => {
    const its = world();
    its.state.refusal = 'too-many-requests';
    its.stream.start();
    await settle();
    expect(its.states.at(-1)).toMatchObject({ kind: 'lost', error: { code: 'too-many-requests' } });
    its.state.refusal = undefined;
    await its.pass(500);
    await its.tell(1);
    expect(its.kinds().at(-1)).toBe('live');
    const error = JSON.stringify(new CoscribeError('unauthenticated').toWire());
    await its.say(`event: end\ndata: ${error}\n\n`);
    expect(its.states.at(-1)).toMatchObject({ kind: 'refused', error: { code: 'unauthenticated' } });
  });

  test.each(['not json', '7', '{}', '{"at":1,"nodes":{},"errors":[]}'])(
    '[ADMPAGE11] takes %s for no overview',
    async (data) => {
      const its = world();
      its.stream.start();
      await settle();
      await its.say(`event: overview\ndata: ${data}\n\n`);
      expect(its.kinds()).toEqual(['connecting', 'lost']);
      expect(its.overviews).toEqual([]);
      expect(its.state.open).toBe(0);
    },
  );

  test('[ADMPAGE12] is closed while nobody looks', async () => {
    const its = world();
    its.stream.start();
    await settle();
    await its.tell(1);
    its.stream.stop();
    await settle();
    expect([its.kinds().at(-1), its.state.open, its.clock.pending]).toEqual(['paused', 0, 0]);
    await its.pass(60_000);
    expect(its.state.opened).toBe(1);
    its.stream.start();
    its.stream.start();
    await settle();
    expect(its.state.open).toBe(1);
  });
});
