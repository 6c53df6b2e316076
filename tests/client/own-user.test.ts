import { describe, expect, test } from '@jest/globals';
import * as decoding from 'lib0/decoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import type { JoinedUser } from '../../shared/protocol.js';
import { FakeLines } from '../support/fake-lines.js';
import { ManualClock } from '../support/manual-clock.js';

const GUEST = { name: 'Guest', color: '#112233' };

function setUp(options: { presence?: typeof GUEST; doc?: Y.Doc } = { presence: GUEST }) {
  const lines = new FakeLines();
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    ...options,
    connectChannel: lines.connect,
    clock,
    random: () => 1,
  });
  const own = () => provider.awareness.getLocalState();
  return { lines, channel: lines.last, clock, provider, awareness: provider.awareness, own };
}

/** What an awareness message says of its sender. */
function said(message: Uint8Array | undefined): unknown {
  const decoder = decoding.createDecoder(message ?? new Uint8Array());
  expect(decoding.readVarUint(decoder)).toBe(1);
  decoding.readVarUint(decoder);
  decoding.readVarUint(decoder);
  return JSON.parse(decoding.readVarString(decoder));
}

describe('the name that the server gives', () => {
  test('[PROV37] stands in the own state instead of the own one, and nothing else is ever sent', () => {
    const { channel, clock, awareness, own } = setUp();
    awareness.setLocalStateField('cursor', { at: 1 });
    channel.welcome({ user: { name: 'Ann', color: '#abcdef' } });
    expect(own()).toEqual({ user: { name: 'Ann', color: '#abcdef' }, cursor: { at: 1 } });
    awareness.setLocalStateField('user', { name: 'Somebody else', color: '#000000' });
    clock.advance(100);
    for (const message of channel.awarenessSent) {
      expect(said(message)).toEqual({ user: { name: 'Ann', color: '#abcdef' }, cursor: { at: 1 } });
    }
  });

  test.each<[JoinedUser | undefined, object]>([
    [{ name: 'Ann' }, { name: 'Ann', color: '#112233' }],
    [{ color: '#ABCDEF' }, { name: 'Guest', color: '#ABCDEF' }],
    [{}, GUEST],
    [undefined, GUEST],
    [
      { name: 'An\u202en', color: 'red' },
      { name: 'Ann', color: '#112233' },
    ],
    [{ name: 7, color: null } as unknown as JoinedUser, GUEST],
    ['Ann' as unknown as JoinedUser, GUEST],
  ])('[PROV37] given %j, only that counts', (user, shown) => {
    const { channel, own } = setUp();
    channel.welcome(user === undefined ? {} : { user });
    expect(own()?.user).toEqual(shown);
  });

  test('[PROV37] goes when the server gives none any more; what the application wanted last is back', () => {
    const { channel, clock, awareness, own } = setUp();
    const again = (user: JoinedUser): unknown => {
      channel.server.closed();
      clock.advance(8_000);
      channel.welcome({ user });
      return own()?.user;
    };
    channel.welcome({ user: { name: 'Ann' } });
    expect(again({})).toEqual(GUEST);
    expect(again({ name: 'Ann' })).toEqual({ ...GUEST, name: 'Ann' });
    awareness.setLocalStateField('user', { name: 'Bob', color: '#445566', team: 'blue' });
    expect(own()?.user).toEqual({ name: 'Ann', color: '#445566', team: 'blue' });
    expect(again({})).toEqual({ name: 'Bob', color: '#445566', team: 'blue' });
    awareness.setLocalStateField('user', GUEST);
    expect(own()?.user).toEqual(GUEST);
    awareness.setLocalStateField('user', { name: 'Bob', color: '#445566' });
    expect(own()?.user).toEqual({ name: 'Bob', color: '#445566' });
  });

  test('[PROV37] is there for an application that never said who it is, and then nobody is again', () => {
    const { channel, clock, own } = setUp({});
    channel.welcome({ user: { name: 'Ann' } });
    expect(own()).toEqual({ user: { name: 'Ann' } });
    channel.server.closed();
    clock.advance(500);
    channel.welcome();
    expect(own()?.user).toBeUndefined();
  });

  test('[PROV37] goes along to another line, and to another clientID', () => {
    const { lines, channel, clock, provider, own } = setUp();
    channel.welcome({ user: { name: 'Ann' } });
    channel.server.move(0);
    clock.advance(0);
    lines.last.welcome({ user: { name: 'Ann at another node' } });
    expect(own()?.user).toEqual({ ...GUEST, name: 'Ann at another node' });
    lines.last.server.closed();
    provider.doc.clientID = 4711;
    clock.advance(500);
    lines.last.welcome({ user: { name: 'Ann' } });
    expect(provider.awareness.clientID).toBe(4711);
    expect(own()?.user).toEqual({ ...GUEST, name: 'Ann' });
  });
});

describe('somebody who does not want to be seen', () => {
  test('[PROV38] sets the state to null, and is seen by nobody: over reconnects, rejoins and moves, named or not', () => {
    const { lines, channel, clock, provider, awareness } = setUp();
    channel.welcome();
    expect(said(channel.awarenessSent.at(-1))).toEqual({ user: GUEST });
    awareness.setLocalState(null);
    clock.advance(50);
    expect(said(channel.awarenessSent.at(-1))).toBeNull();
    const until = channel.awarenessSent.length;
    channel.server.closed();
    clock.advance(500);
    channel.welcome({ user: { name: 'Ann' } });
    awareness.setLocalStateField('cursor', { at: 3 });
    channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    clock.advance(100);
    channel.answerJoin();
    clock.advance(100);
    channel.server.access('viewer');
    channel.server.renew();
    channel.server.move(0);
    clock.advance(50);
    lines.last.welcome({ user: { name: 'Ann' } });
    provider.doc.clientID = 4711;
    lines.last.server.closed();
    clock.advance(500);
    lines.last.welcome();
    clock.advance(100);
    const messages = [...channel.awarenessSent.slice(until), ...lines.last.awarenessSent];
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.map(said)).toEqual(messages.map(() => null));
    expect(awareness.getLocalState()).toBeNull();
  });

  test('[PROV38] is seen again, as before, with the next state', () => {
    const { channel, clock, awareness, own } = setUp();
    channel.welcome({ user: { name: 'Ann' } });
    awareness.setLocalState(null);
    clock.advance(100);
    awareness.setLocalState({});
    clock.advance(100);
    expect(said(channel.awarenessSent.at(-1))).toEqual({ user: { ...GUEST, name: 'Ann' } });
    awareness.setLocalState(null);
    awareness.setLocalState({ user: { name: 'Bob', color: '#000000' }, cursor: null });
    expect(own()).toEqual({ user: { name: 'Ann', color: '#000000' }, cursor: null });
  });

  test('[PROV38] is not made visible by what the server remembers of an earlier provider', () => {
    const doc = new Y.Doc();
    const before = new Awareness(doc);
    clearInterval(before._checkInterval);
    for (let n = 0; n < 9; n++) before.setLocalState({ user: { name: 'before' }, n });
    const { channel, awareness } = setUp({ presence: GUEST, doc });
    awareness.setLocalState(null);
    channel.welcome({ awareness: encodeAwarenessUpdate(before, [doc.clientID]) });
    expect(awareness.getLocalState()).toBeNull();
    expect(said(channel.awarenessSent.at(-1))).toBeNull();
    expect(awareness.meta.get(doc.clientID)?.clock).toBeGreaterThan(
      before.meta.get(doc.clientID)?.clock ?? 99,
    );
  });

  test('[PROV37] nor is somebody given the state of an earlier provider', () => {
    const doc = new Y.Doc();
    const before = new Awareness(doc);
    clearInterval(before._checkInterval);
    for (let n = 0; n < 9; n++) before.setLocalState({ user: { name: 'before' }, n });
    const { channel, own } = setUp({ presence: GUEST, doc });
    channel.welcome({ awareness: encodeAwarenessUpdate(before, [doc.clientID]) });
    expect(own()).toEqual({ user: GUEST });
  });
});
