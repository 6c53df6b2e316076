import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import type { RejectedEdits } from '../../client/rejected-edits.js';
import type { ErrorCode, WireError } from '../../shared/errors.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock } from '../support/manual-clock.js';

function setUp(token?: string) {
  const channel = new FakeChannel();
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    connectChannel: channel.connect,
    ...(token !== undefined && { token }),
    clock,
    random: () => 1,
  });
  const rejected: { code: ErrorCode; edits: RejectedEdits; status: string }[] = [];
  provider.on('rejected', ({ code }, edits) => rejected.push({ code, edits, status: provider.status }));
  return { channel, clock, provider, text: provider.doc.getText('text'), rejected };
}

function error(code: ErrorCode): WireError {
  return { code, message: code, retryable: false };
}

describe('what one may do', () => {
  test('[PROV35] is told by the join, and changes when the server says so', () => {
    const { channel, provider } = setUp();
    expect(provider.role).toBeUndefined();
    channel.welcome({ role: 'owner' });
    const roles: unknown[] = [provider.role];
    provider.on('change', () => roles.push(provider.role));
    channel.server.access('viewer');
    channel.server.access('viewer');
    channel.server.access('editor');
    expect(roles).toEqual(['owner', 'viewer', 'editor']);
    expect(provider.status).toBe('synced');
  });

  test('[PROV22] [PROV35] a role that there is not ends the connection, not the page', () => {
    const { channel, provider } = setUp();
    channel.welcome({ role: 'viewer' });
    channel.server.access('emperor');
    expect(provider.role).toBe('viewer');
    expect(provider.status).toBe('offline');
    expect(provider.error?.code).toBe('bad-request');
  });

  test('[PROV35] somebody who becomes an editor again goes on as if nothing had been', () => {
    const { channel, provider, text, rejected } = setUp();
    channel.welcome();
    channel.server.access('viewer');
    channel.server.access('editor');
    text.insert(0, 'again');
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(0);
    expect(rejected).toEqual([]);
  });
});

describe('what is not saved when access ends', () => {
  test('[PROV36] is handed back when a viewer is refused it, who was an editor before, with what is under way', () => {
    const { channel, provider, text, rejected } = setUp();
    channel.welcome();
    text.insert(0, 'under way');
    text.insert(9, ' and waiting');
    text.insert(0, 'Here: ');
    channel.server.access('viewer');
    expect(rejected).toEqual([]);
    channel.refuse('read-only', false);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({
      code: 'read-only',
      status: 'denied',
      edits: {
        text: 'Here: under way and waiting',
        inserted: ['under way and waiting', 'Here: '],
        changes: 3,
      },
    });
    const copy = new Y.Doc();
    Y.applyUpdate(copy, rejected[0]?.edits.update ?? new Uint8Array());
    expect(copy.getText('text').toString()).toBe('Here: under way and waiting');
    expect(provider.unsavedChanges).toBe(3);
  });

  test('[PROV36] is handed back to an application that lets a viewer write', () => {
    const { channel, text, rejected } = setUp();
    channel.welcome({ role: 'viewer' });
    text.insert(0, 'not allowed');
    channel.refuse('read-only', false);
    expect(rejected.map(({ edits }) => edits.inserted)).toEqual([['not allowed']]);
  });

  test.each<[string, (channel: FakeChannel) => void, ErrorCode]>([
    ['a goodbye for ever', ({ server }) => server.bye(error('no-access'), -1), 'no-access'],
    ['a deletion', ({ server }) => server.bye(error('document-deleted'), -1), 'document-deleted'],
    ['a token that ends', ({ server }) => server.bye(error('token-expired'), 0), 'token-expired'],
    ['a refused change', (channel) => channel.refuse('update-refused', false), 'update-refused'],
    [
      'a refused connection',
      (channel) => {
        channel.server.closed();
        channel.server.reachable();
        channel.server.refused(error('no-access'));
      },
      'no-access',
    ],
    [
      'a refused join',
      (channel) => {
        channel.server.closed();
        channel.server.reachable();
        channel.server.opened();
        channel.joins.at(-1)?.answer({ ok: false, error: error('generation-changed') });
      },
      'generation-changed',
    ],
  ])('[PROV36] is handed back once: %s', (_what, end, code) => {
    const { channel, clock, provider, text, rejected } = setUp('link_1');
    channel.welcome();
    text.insert(0, 'mine');
    end(channel);
    channel.server.bye(error(code), -1);
    channel.server.refused(error(code));
    clock.advance(100_000);
    expect(provider.status).toBe('denied');
    expect(rejected).toMatchObject([{ code, edits: { text: 'mine', inserted: ['mine'], changes: 1 } }]);
  });

  test('[PROV36] nothing is handed back when everything is saved, or when the connection may come back', () => {
    const { channel, provider, text, rejected } = setUp();
    channel.welcome();
    text.insert(0, 'saved');
    channel.confirm(1);
    channel.server.bye(error('no-access'), -1);
    expect(provider.status).toBe('denied');
    provider.connect();
    channel.welcome();
    text.insert(0, 'kept');
    channel.server.closed();
    provider.disconnect();
    expect(rejected).toEqual([]);
  });

  test('[PROV36] is sent when somebody may write again and connects, and is handed back again if not', () => {
    const { channel, provider, text, rejected } = setUp();
    channel.welcome();
    text.insert(0, 'first');
    channel.server.bye(error('no-access'), -1);
    text.insert(5, ' second');
    provider.connect();
    channel.server.refused(error('no-access'));
    expect(rejected.map(({ edits }) => edits.inserted)).toEqual([['first'], ['first second']]);
    provider.connect();
    channel.welcome();
    channel.confirm(1);
    channel.confirm(2);
    expect(provider.status).toBe('synced');
    expect(provider.unsavedChanges).toBe(0);
    const server = new Y.Doc();
    for (const { message } of channel.updates) Y.applyUpdate(server, message.update);
    expect(server.getText('text').toString()).toBe('first second');
  });

  test('[PROV36] an application may connect, or let go, when it is handed back', () => {
    const again = setUp();
    again.provider.on('rejected', () => again.provider.connect());
    again.channel.welcome();
    again.text.insert(0, 'x');
    again.channel.refuse('read-only', false);
    expect(again.provider.status).toBe('connecting');
    expect(again.channel.opens).toBe(2);
    const gone = setUp();
    gone.provider.on('rejected', () => gone.provider.destroy());
    gone.channel.welcome();
    gone.text.insert(0, 'x');
    gone.channel.refuse('read-only', false);
    expect(gone.provider.status).toBe('destroyed');
    expect(gone.clock.pending).toBe(0);
  });
});

describe('a server that has too much to do', () => {
  const BUSY: readonly ErrorCode[] = [
    'too-many-joins',
    'server-busy',
    'document-full',
    'too-many-connections',
    'store-unavailable',
  ];

  const busy = (code: ErrorCode): WireError => ({ ...error(code), retryable: true });

  /** Pauses before the next attempts, each of which ends like this. */
  function pauses(end: (channel: FakeChannel) => void, meanwhile: (channel: FakeChannel) => void): number[] {
    const { channel, clock } = setUp();
    return [1, 2, 3, 4, 5, 6].map((opens) => {
      const start = clock.monotonic();
      end(channel);
      while (channel.opens === opens) {
        meanwhile(channel);
        clock.advance(1);
      }
      return clock.monotonic() - start;
    });
  }

  const USUAL = [500, 1_000, 2_000, 4_000, 8_000, 8_000];

  test.each(BUSY)(
    '[PROV39] and says %s is asked less and less often, whatever else gets through meanwhile',
    (code) => {
      expect(
        pauses(
          ({ server }) => server.refused(busy(code)),
          ({ server }) => server.reachable(),
        ),
      ).toEqual(USUAL);
      const refuseJoin = (channel: FakeChannel): void => {
        channel.server.opened();
        channel.joins.at(-1)?.answer({ ok: false, error: busy(code) });
      };
      expect(pauses(refuseJoin, ({ server }) => server.reachable())).toEqual(USUAL);
    },
  );

  test('[PROV20] [PROV39] lets people in and sends them away again: its pause is kept to, and the usual one', () => {
    const sendAway = (channel: FakeChannel): void => {
      channel.welcome();
      channel.server.bye(busy('server-busy'), 700);
    };
    expect(pauses(sendAway, ({ server }) => server.reachable())).toEqual([
      700, 1_000, 2_000, 4_000, 8_000, 8_000,
    ]);
  });

  test('[PROV12] a server that stops is left for another one as soon as something gets through', () => {
    const { channel } = setUp();
    channel.server.refused(busy('shutting-down'));
    channel.server.reachable();
    expect(channel.opens).toBe(2);
  });

  test('[PROV29] [PROV39] updates that are too many at once are sent again after growing pauses', () => {
    const { channel, clock, text } = setUp();
    channel.welcome();
    text.insert(0, 'x');
    const waits: number[] = [];
    for (let sent = 1; sent <= 6; sent++) {
      const start = clock.monotonic();
      channel.refuse('too-many-updates', true);
      while (channel.updates.length === sent) {
        text.insert(0, 'y');
        clock.advance(50);
      }
      waits.push(clock.monotonic() - start);
    }
    expect(waits).toEqual(USUAL);
    expect(channel.opens).toBe(1);
  });
});
