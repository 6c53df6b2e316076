import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import { hashContent } from '../../shared/content-hash.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock } from '../support/manual-clock.js';
import { crossedOrigins } from '../support/wrong-copies.js';

/** A provider with the text "hello" at `seq` 3, and what it should show. */
function setUp() {
  const channel = new FakeChannel();
  const clock = new ManualClock();
  const server = new Y.Doc();
  server.getText('text').insert(0, 'hello');
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    connectChannel: channel.connect,
    clock,
    random: () => 1,
  });
  const told: string[] = [];
  provider.on('diverged', (check, own) => told.push(`${check?.seq} ${check?.hash} ${own}`));
  channel.welcome({ updates: [Y.encodeStateAsUpdate(server)], head: 3 });
  const text = provider.doc.getText('text');
  return { channel, clock, provider, text, told, right: hashContent(server) };
}

function longUpdate(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'x'.repeat(1_000_000));
  return Y.encodeStateAsUpdate(doc);
}

const WRONG = '1:of something else';
const OTHER = { deep: 60_000 };

describe('a client that is asked to compare', () => {
  test('[CHECK9] says nothing when it shows the same', () => {
    const { channel, clock, provider, told, right } = setUp();
    channel.server.check(3, right);
    clock.advance(1_000);
    expect(channel.divergedSent).toEqual([]);
    expect(told).toEqual([]);
    expect(provider.status).toBe('synced');
    expect(clock.pending).toBe(0);
  });

  test('[CHECK9] tells the server and its application when it shows something else, and takes part no longer', () => {
    const { channel, clock, provider, text, told, right } = setUp();
    channel.server.check(3, WRONG);
    clock.advance(1_000);
    expect(channel.divergedSent).toEqual([{ seq: 3, hash: right }]);
    expect(told).toEqual([`3 ${WRONG} ${right}`]);
    expect(provider.status).toBe('diverged');
    expect(provider.error?.code).toBe('copy-diverged');
    const { opens } = channel;
    text.insert(0, 'into the wrong copy');
    provider.connect();
    provider.disconnect();
    provider.connect();
    channel.server.reachable();
    clock.advance(60_000);
    expect(channel.updates).toEqual([]);
    expect(channel.opens).toBe(opens);
    expect(provider.status).toBe('diverged');
    expect(told).toHaveLength(1);
  });

  test('[CHECK9] finds what no state vector shows: crossed origins that came live', () => {
    const { channel, clock, provider, told } = setUp();
    const { updates, fresh } = crossedOrigins();
    channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    channel.answerJoin({ updates: [updates[0] ?? new Uint8Array()], head: 4 });
    channel.frame(5, updates.slice(1));
    Y.applyUpdate(fresh, Y.encodeStateAsUpdate(provider.doc));
    expect(Y.encodeStateVector(fresh)).toEqual(Y.encodeStateVector(provider.doc));
    channel.server.check(3 + updates.length, hashContent(fresh));
    clock.advance(1_000);
    expect(told).toHaveLength(1);
  });

  test.each<[string, (set: ReturnType<typeof setUp>) => void]>([
    ['has something unsaved', ({ text }) => text.insert(0, 'x')],
    ['has got on', ({ channel }) => channel.frame(4, [new Uint8Array([0, 0])])],
    [
      'has something of its own that is ahead',
      ({ channel, text }) => {
        text.insert(0, 'x');
        channel.confirm(7);
      },
    ],
    ['is not connected', ({ channel }) => channel.server.closed()],
    ['is gone', ({ provider }) => provider.destroy()],
  ])('[CHECK10] does not compare while it %s', (_, happen) => {
    for (const before of [true, false]) {
      const set = setUp();
      if (before) happen(set);
      set.channel.server.check(3, WRONG);
      if (!before) happen(set);
      set.clock.advance(100);
      expect(set.told).toEqual([]);
      expect(set.channel.divergedSent).toEqual([]);
    }
  });

  test('[CHECK10] gives up when anything changes while it compares, and takes another check for what is then', () => {
    const { channel, clock, text, told } = setUp();
    channel.frame(4, [longUpdate()]);
    channel.server.check(4, WRONG);
    clock.advance(60);
    text.insert(0, 'y');
    channel.confirm(5);
    clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
    channel.server.check(5, WRONG);
    clock.advance(60_000);
    expect(told).toHaveLength(1);
  });

  test('[CHECK10] hashes a long text in steps, with pauses between them', () => {
    const { channel, clock, provider, told } = setUp();
    channel.frame(4, [longUpdate()]);
    channel.server.check(4, hashContent(provider.doc));
    let steps = 0;
    for (; clock.pending > 0; steps++) clock.advance(20);
    expect(steps).toBeGreaterThanOrEqual(10);
    expect(told).toEqual([]);
  });

  test('[CHECK10] takes no notice of hashes that it cannot compare with', () => {
    const { channel, clock, provider, told } = setUp();
    channel.server.check(3, '2:a better hash');
    clock.advance(1_000);
    expect(told).toEqual([]);
    expect(provider.status).toBe('synced');
  });

  test('[PROV22] junk in place of a check ends the connection, and nothing else', () => {
    const { channel, provider } = setUp();
    channel.server.check('three', OTHER);
    expect(provider.status).toBe('offline');
    expect(provider.error?.code).toBe('bad-request');
  });
});
