import { describe, expect, test } from '@jest/globals';
import { CoscribeProvider } from '../../client/provider.js';
import type { GetToken } from '../../client/token-source.js';
import type { ErrorCode, WireError } from '../../shared/errors.js';
import { FakeLines } from '../support/fake-lines.js';
import { ManualClock, settle } from '../support/manual-clock.js';

function setUp(access: { token?: string; getToken?: GetToken } = {}) {
  const lines = new FakeLines();
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    ...access,
    connectChannel: lines.connect,
    clock,
    random: () => 1,
  });
  const seen: string[] = [];
  provider.on('change', () => {
    if (seen.at(-1) !== provider.status) seen.push(provider.status);
  });
  return { lines, channel: lines.last, clock, provider, text: provider.doc.getText('text'), seen };
}

/** A `getToken` that answers when the test says so. */
class Desk {
  readonly questions: { give(token: string | undefined): void; fail(reason: unknown): void }[] = [];

  readonly getToken: GetToken = () =>
    new Promise((give, fail) => {
      this.questions.push({ give, fail });
    });

  async give(question: number, token: string | undefined): Promise<void> {
    this.questions[question]?.give(token);
    await settle();
  }

  async fail(question: number, reason: unknown): Promise<void> {
    this.questions[question]?.fail(reason);
    await settle();
  }
}

/** A `getToken` that numbers what it gives. */
function numbered(): { getToken: GetToken; asked: () => number } {
  let asked = 0;
  return { getToken: () => `token ${++asked}`, asked: () => asked };
}

function error(code: ErrorCode, retryable = false): WireError {
  return { code, message: code, retryable };
}

describe('the token of an attempt', () => {
  test('[PROV31] is `token`, the same each time, or none at all', () => {
    const { channel, clock } = setUp({ token: 'link_1' });
    channel.server.closed();
    clock.advance(500);
    expect(channel.tokens).toEqual(['link_1', 'link_1']);
    expect(setUp().channel.tokens).toEqual([undefined]);
  });

  test('[PROV31] is what getToken says just then, and goes before `token`', async () => {
    const desk = new Desk();
    const { channel, clock, provider } = setUp({ token: 'not this', getToken: desk.getToken });
    expect(channel.tokens).toEqual([]);
    expect(provider.status).toBe('connecting');
    await desk.give(0, 'first');
    channel.server.closed();
    clock.advance(500);
    await desk.give(1, undefined);
    expect(channel.tokens).toEqual(['first', undefined]);
    channel.welcome();
    expect(provider.status).toBe('synced');
    expect(desk.questions).toHaveLength(2);
  });

  test('[PROV31] is a new one for the second line of a move', async () => {
    const desk = new Desk();
    const { lines, channel, clock, provider, seen } = setUp({ getToken: desk.getToken });
    await desk.give(0, 'first');
    channel.welcome();
    channel.server.move(1_000);
    clock.advance(1_000);
    expect(lines.last.tokens).toEqual([]);
    await desk.give(1, 'second');
    expect(lines.last.tokens).toEqual(['second']);
    lines.last.welcome();
    clock.advance(1_000);
    expect(lines.alive).toEqual([lines.last]);
    expect(provider.error).toBeUndefined();
    expect(seen).toEqual(['connecting', 'synced']);
  });

  test('[PROV32] a getToken that fails while a second line is wanted leaves the first as it is', async () => {
    const desk = new Desk();
    const { lines, channel, clock, provider, seen } = setUp({ getToken: desk.getToken });
    await desk.give(0, 'first');
    channel.welcome();
    channel.server.move(0);
    clock.advance(0);
    await desk.fail(1, new Error('no network'));
    expect(provider.error).toBeUndefined();
    clock.advance(200);
    await desk.give(2, 'second');
    lines.last.welcome();
    clock.advance(1_000);
    expect(lines.alive).toEqual([lines.last]);
    expect(lines.last.tokens).toEqual(['second']);
    expect(seen).toEqual(['connecting', 'synced']);
  });
});

describe('getToken', () => {
  test.each<[string, GetToken]>([
    ['rejects', () => Promise.reject(new Error('no network'))],
    [
      'throws',
      () => {
        throw new Error('no network');
      },
    ],
  ])(
    '[PROV32] that %s is asked again after growing pauses, and the error says so',
    async (_how, getToken) => {
      let works = false;
      let asked = 0;
      const { channel, clock, provider } = setUp({
        getToken: () => {
          asked++;
          return works ? 'good' : getToken();
        },
      });
      const pauses: number[] = [];
      for (let attempt = 1; attempt < 6; attempt++) {
        await settle();
        expect(provider.status).toBe('offline');
        const start = clock.monotonic();
        while (asked === attempt) clock.advance(1);
        pauses.push(clock.monotonic() - start);
      }
      await settle();
      expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
      expect(provider.error).toMatchObject({ code: 'unauthenticated', retryable: true });
      expect(provider.error?.message).toContain('getToken failed: no network');
      works = true;
      channel.server.reachable();
      await settle();
      channel.welcome();
      expect(channel.tokens).toEqual(['good']);
      expect(provider.error).toBeUndefined();
    },
  );

  test('[PROV32] has ten seconds; what it says later is ignored', async () => {
    const desk = new Desk();
    const { channel, clock, provider } = setUp({ getToken: desk.getToken });
    clock.advance(9_999);
    expect(provider.status).toBe('connecting');
    clock.advance(1);
    expect(provider.status).toBe('offline');
    expect(provider.error?.message).toContain('within 10 s');
    clock.advance(500);
    expect(desk.questions).toHaveLength(2);
    await desk.give(0, 'too late');
    expect(channel.tokens).toEqual([]);
    await desk.give(1, 'in time');
    expect(channel.tokens).toEqual(['in time']);
  });

  test('[PROV32] is asked one question at a time, and what an earlier attempt asked is not used', async () => {
    const desk = new Desk();
    const { channel, provider } = setUp({ getToken: desk.getToken });
    for (let n = 0; n < 5; n++) {
      provider.disconnect();
      provider.connect();
    }
    expect(desk.questions).toHaveLength(1);
    await desk.give(0, 'of somebody who has signed out');
    expect(desk.questions).toHaveLength(2);
    expect(channel.tokens).toEqual([]);
    await desk.give(1, 'of somebody else');
    expect(channel.tokens).toEqual(['of somebody else']);
    expect(desk.questions).toHaveLength(2);
  });

  test.each([[null], [42], [{ token: 'x' }]])('[PROV32] that gives %p gives no token', (value) => {
    const getToken = (() => Promise.resolve(value)) as unknown as GetToken;
    const { channel } = setUp({ getToken });
    return settle().then(() => expect(channel.tokens).toEqual([undefined]));
  });

  test('[PROV24] [PROV32] destroy while it is asked leaves nothing behind', async () => {
    const desk = new Desk();
    const { channel, clock, provider } = setUp({ getToken: desk.getToken });
    provider.destroy();
    expect(clock.pending).toBe(0);
    await desk.give(0, 'too late');
    expect(channel.tokens).toEqual([]);
    expect(desk.questions).toHaveLength(1);
  });
});

describe('a token that ends soon', () => {
  test('[PROV33] is replaced in the session, and nothing of it shows', async () => {
    const { channel, clock, provider, text, seen } = setUp({ getToken: numbered().getToken });
    channel.welcome();
    text.insert(0, 'typed');
    channel.server.renew();
    expect(channel.renewals.map(({ message }) => message)).toEqual(['token 2']);
    channel.renewals[0]?.answer({ ok: true, role: 'editor' });
    channel.confirm(1);
    expect(seen).toEqual(['connecting', 'synced']);
    expect(provider.error).toBeUndefined();
    expect(channel.opens).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('[PROV33] [PROV35] the answer tells what one may do with the new one', () => {
    const { channel, provider } = setUp({ getToken: numbered().getToken });
    channel.welcome({ role: 'owner' });
    channel.server.renew();
    channel.renewals[0]?.answer({ ok: true, role: 'viewer' });
    expect(provider.role).toBe('viewer');
  });

  test('[PROV33] refused, or without another one, changes nothing until the server ends the session', () => {
    const { channel, provider, seen } = setUp({ getToken: numbered().getToken });
    channel.welcome();
    channel.server.renew();
    channel.renewals[0]?.answer({ ok: false, error: error('unauthenticated') });
    expect(provider.error).toBeUndefined();
    const fixed = setUp({ token: 'link_1' });
    fixed.channel.welcome();
    fixed.channel.server.renew();
    expect(fixed.channel.renewals).toHaveLength(0);
    const nobody = setUp({ getToken: () => undefined });
    nobody.channel.welcome();
    nobody.channel.server.renew();
    expect(nobody.channel.renewals).toHaveLength(0);
    for (const one of [seen, fixed.seen, nobody.seen]) expect(one).toEqual(['connecting', 'synced']);
  });

  test('[PROV33] is asked for again, after pauses, when getToken fails; one question at a time', async () => {
    const desk = new Desk();
    const { channel, clock, provider, seen } = setUp({ getToken: desk.getToken });
    await desk.give(0, 'first');
    channel.welcome();
    channel.server.renew();
    channel.server.renew();
    expect(desk.questions).toHaveLength(2);
    await desk.fail(1, new Error('no network'));
    channel.server.renew();
    expect(desk.questions).toHaveLength(2);
    clock.advance(500);
    await desk.fail(2, new Error('no network'));
    clock.advance(999);
    expect(desk.questions).toHaveLength(3);
    clock.advance(1);
    await desk.give(3, 'second');
    expect(channel.renewals.map(({ message }) => message)).toEqual(['second']);
    channel.renewals[0]?.answer({ ok: true, role: 'editor' });
    channel.server.renew();
    await desk.give(4, 'third');
    expect(channel.renewals).toHaveLength(2);
    expect(provider.error).toBeUndefined();
    expect(seen).toEqual(['connecting', 'synced']);
  });

  test('[PROV33] an interrupted stream does not keep it from being renewed; a connection that is gone does', async () => {
    const desk = new Desk();
    const { channel, clock } = setUp({ getToken: desk.getToken });
    await desk.give(0, 'first');
    channel.welcome();
    channel.server.renew();
    channel.server.resync(error('too-slow', true));
    await desk.give(1, 'second');
    expect(channel.renewals).toHaveLength(1);
    channel.answerJoin();
    channel.server.renew();
    channel.server.closed();
    await desk.give(2, 'third');
    expect(channel.renewals).toHaveLength(1);
    clock.advance(500);
    await desk.give(3, 'fourth');
    channel.welcome();
    channel.renewals[0]?.answer({ ok: true, role: 'viewer' });
    expect(channel.tokens).toEqual(['first', 'fourth']);
  });

  test('[PROV22] [PROV33] an answer that makes no sense ends the connection, not the page', () => {
    const { channel, provider } = setUp({ getToken: numbered().getToken });
    channel.welcome();
    channel.server.renew();
    channel.renewals[0]?.answer({ ok: true, role: 'emperor' });
    expect(provider.status).toBe('offline');
    expect(provider.error?.code).toBe('bad-request');
  });
});

describe('a token that has ended', () => {
  test('[PROV34] is followed by another one at once; nobody sees a denial, and nothing is lost', () => {
    const { channel, clock, provider, text, seen } = setUp({ getToken: numbered().getToken });
    const rejected: unknown[] = [];
    provider.on('rejected', (cause) => rejected.push(cause));
    channel.welcome();
    text.insert(0, 'unsaved');
    channel.server.bye(error('token-expired'), 0);
    expect(channel.tokens).toEqual(['token 1', 'token 2']);
    channel.welcome();
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(0);
    expect(provider.error).toBeUndefined();
    expect(seen).toEqual(['connecting', 'synced', 'connecting', 'synced']);
    expect(rejected).toEqual([]);
    clock.advance(50);
    expect(clock.pending).toBe(0);
  });

  test.each(['unauthenticated', 'token-expired'] as const)(
    '[PROV34] refused with %s, another one is tried at once, then only after the usual pauses, and the error says so',
    (code) => {
      const { getToken, asked } = numbered();
      const { channel, clock, provider } = setUp({ getToken });
      channel.server.refused(error(code));
      expect(channel.tokens).toEqual(['token 1', 'token 2']);
      expect(provider.status).toBe('connecting');
      const pauses: number[] = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        const before = asked();
        const start = clock.monotonic();
        channel.server.refused(error(code));
        expect(provider.status).toBe('offline');
        expect(provider.error?.code).toBe(code);
        while (asked() === before) clock.advance(1);
        pauses.push(clock.monotonic() - start);
      }
      expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
      channel.welcome();
      expect(provider.status).toBe('synced');
      expect(provider.error).toBeUndefined();
    },
  );

  test('[PROV34] tokens that end as soon as they are there are not asked for faster and faster', () => {
    const { getToken, asked } = numbered();
    const { channel, clock, text } = setUp({ getToken });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      channel.welcome();
      // What is saved in between would begin the pauses anew.
      if (attempt === 1) text.insert(0, 'x');
      if (attempt === 1) channel.confirm(1);
      const before = asked();
      const start = clock.monotonic();
      channel.server.bye(error('token-expired'), 0);
      while (asked() === before) clock.advance(1);
      pauses.push(clock.monotonic() - start);
    }
    expect(pauses).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000]);
  });

  test('[PROV34] an hour later the next one is asked for at once again', () => {
    const { channel, clock } = setUp({ getToken: numbered().getToken });
    for (let hour = 1; hour <= 3; hour++) {
      channel.welcome();
      clock.advance(3_600_000);
      channel.server.bye(error('token-expired'), 0);
      expect(channel.opens).toBe(hour + 1);
    }
  });

  test('[PROV34] refused in the answer to a join, it counts in the same way', () => {
    const { channel, provider } = setUp({ getToken: numbered().getToken });
    channel.server.opened();
    channel.joins[0]?.answer({ ok: false, error: error('token-expired') });
    expect(channel.tokens).toEqual(['token 1', 'token 2']);
    channel.welcome();
    expect(provider.status).toBe('synced');
  });

  test.each<[string, (channel: FakeLines['last']) => void]>([
    ['by the connection', ({ server }) => server.refused(error('token-expired'))],
    ['as never valid', ({ server }) => server.refused(error('unauthenticated'))],
    [
      'in the session',
      (channel) => {
        channel.welcome();
        channel.server.bye(error('token-expired'), 0);
      },
    ],
  ])('[PROV34] without getToken it is a denial: %s', (_where, refuse) => {
    const { channel, clock, provider } = setUp({ token: 'link_1' });
    refuse(channel);
    expect(provider.status).toBe('denied');
    clock.advance(100_000);
    expect(channel.opens).toBe(1);
  });

  test('[PROV34] a goodbye for ever is one, also with getToken', () => {
    const { channel, clock, provider } = setUp({ getToken: numbered().getToken });
    channel.welcome();
    channel.server.bye(error('unauthenticated'), -1);
    expect(provider.status).toBe('denied');
    clock.advance(100_000);
    expect(channel.opens).toBe(1);
  });
});
