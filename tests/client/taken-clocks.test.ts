import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import type { RejectedEdits } from '../../client/rejected-edits.js';
import { FakeChannel } from '../support/fake-channel.js';
import { FakeLines } from '../support/fake-lines.js';
import { ManualClock } from '../support/manual-clock.js';
import { binary, buildUpdate, deleted, gc, string } from '../support/update-builder.js';

const COLLISION = { code: 'client-id-in-use', message: 'taken', retryable: false };

/** A provider, and all that it tells. */
function setUp(doc = new Y.Doc(), channel = new FakeChannel(), connect = channel.connect) {
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    doc,
    connectChannel: connect,
    clock,
    random: () => 1,
  });
  const told: string[] = [];
  const handedBack: RejectedEdits[] = [];
  provider.on('rejected', ({ code }, edits) => {
    told.push(`${provider.status}: rejected ${code}`);
    handedBack.push(edits);
  });
  provider.on('diverged', (...check) => told.push(`${provider.status}: diverged ${check.length}`));
  return { channel, clock, provider, doc, text: doc.getText('text'), told, handedBack };
}

const TOLD = ['diverged: rejected copy-diverged', 'diverged: diverged 0'];

/** A provider that has joined, and the client of its copy. */
function joined() {
  const set = setUp();
  set.channel.welcome();
  return { ...set, client: set.doc.clientID };
}

/** What somebody else writes at the first clocks of a client. */
function fake(client: number, words: string): Uint8Array {
  return buildUpdate([{ client, clock: 0, structs: [string(words)] }]);
}

describe('whose clocks somebody else uses up', () => {
  test('[PROV41] takes part no longer, at once, and is handed back what is lost and what is not saved', () => {
    const { channel, clock, provider, text, client, told, handedBack } = joined();
    text.insert(0, 'saved ');
    channel.confirm(2);
    text.insert(6, 'and ');
    text.insert(0, 'not ');
    expect(provider.unsavedChanges).toBe(2);
    channel.frame(1, [fake(client, 'false')]);
    expect(told).toEqual(TOLD);
    expect(provider.error?.code).toBe('copy-diverged');
    expect(handedBack).toMatchObject([
      { text: 'not saved and ', inserted: ['saved and ', 'not '], changes: 2 },
    ]);
    expect(text.toString()).toBe('not saved and ');
    const { updates, opens } = channel;
    const sent = updates.length;
    text.insert(0, 'into the wrong copy');
    updates.at(-1)?.answer({ ok: true, seq: 3 });
    provider.connect();
    channel.server.reachable();
    clock.advance(60_000);
    expect(channel.updates).toHaveLength(sent);
    expect(channel.opens).toBe(opens);
    expect(told).toEqual(TOLD);
  });

  test('[PROV41] is handed back one change when everything was called saved, and what is no text as an update', () => {
    const { channel, doc, client, handedBack } = joined();
    doc.getMap('map').set('key', 'value');
    channel.confirm(2);
    channel.frame(1, [fake(client, 'f')]);
    expect(handedBack).toMatchObject([{ text: '', inserted: [], changes: 1 }]);
    const copy = new Y.Doc();
    for (const { update } of handedBack) Y.applyUpdate(copy, update);
    expect(copy.getMap('map').get('key')).toBe('value');
  });

  test('[PROV41] finds it in what a join brings, and sends nothing then', () => {
    const { channel, clock, text, client, told } = joined();
    channel.server.closed();
    text.insert(0, 'offline');
    clock.advance(500);
    channel.welcome({ updates: [fake(client, 'fake')] });
    expect(told).toEqual(TOLD);
    expect(channel.updates).toEqual([]);
    expect(channel.closes).toBeGreaterThan(1);
  });

  test('[PROV41] finds it in what the join over a second line brings', () => {
    const lines = new FakeLines();
    const { clock, provider, text, doc, told } = setUp(new Y.Doc(), new FakeChannel(), lines.connect);
    const first = lines.last;
    first.welcome();
    text.insert(0, 'under way');
    first.server.move(0);
    clock.advance(0);
    const second = lines.last;
    expect(second).not.toBe(first);
    second.server.opened();
    second.answerJoin({ updates: [fake(doc.clientID, 'fake')] });
    expect(told).toEqual(TOLD);
    expect(second.updates).toEqual([]);
    expect(provider.status).toBe('diverged');
  });

  test.each([
    ['that clientID is in use', false],
    ['another provider takes over the document, too', true],
  ])('[PROV41] loses nothing silently when %s', (_, another) => {
    const before = setUp();
    const { doc, text } = before;
    const client = doc.clientID;
    text.insert(0, 'mine');
    before.channel.server.opened();
    before.channel.joins[0]?.answer({ ok: false, error: COLLISION });
    expect(doc.clientID).not.toBe(client);
    text.insert(4, ' and mine');
    if (another) before.provider.destroy();
    const { channel, clock, told, handedBack } = another ? setUp(doc) : before;
    clock.advance(500);
    channel.server.opened();
    // What it has to get back of its own, under whichever clientID, it does not claim to have.
    expect(channel.joins.at(-1)?.message.stateVector).toEqual(Uint8Array.of(0));
    channel.answerJoin({ updates: [fake(client, 'fa')] });
    expect(told).toEqual(TOLD);
    expect(handedBack[0]?.text).toBe('mine and mine');
    expect([...(handedBack[0]?.inserted ?? [])].sort()).toEqual([' and mine', 'mine']);
    expect(channel.updates).toEqual([]);
  });

  test('[PROV41] goes on where nothing was taken that is written here', () => {
    const { channel, provider, text, doc, client, told } = joined();
    channel.frame(1, [fake(client, 'never typed here ')]);
    text.insert(text.length, 'mine');
    expect(doc.clientID).not.toBe(client);
    channel.answerJoin({ head: 1 });
    channel.confirm(2);
    expect(told).toEqual([]);
    expect(provider.status).toBe('synced');
    expect(text.toString()).toBe('never typed here mine');
  });
});

describe('a place in the document', () => {
  // "ab" of others, and "xy" of one's own between the two.
  const OTHERS = 7;
  const between = { origin: [OTHERS, 0], right: [OTHERS, 1] } as const;

  function typed(edit: (text: Y.Text) => void = () => {}) {
    const set = setUp();
    const others = buildUpdate([{ client: OTHERS, clock: 0, structs: [string('ab')] }]);
    set.channel.welcome({ updates: [others] });
    set.text.insert(1, 'xy');
    edit(set.text);
    return { ...set, client: set.doc.clientID };
  }

  test.each([
    ['the same', string('xy', between), false],
    ['the same, and more', string('xyz', between), false],
    ['a part of it', string('x', between), false],
    ['something else', string('xz', between), true],
    ['the same in another place', string('xy', { origin: [OTHERS, 1] }), true],
    ['the same before something else', string('xy', { origin: [OTHERS, 0] }), true],
    ['the same in another root', string('xy', { parent: 'title' }), true],
    ['something deleted in another place', deleted(2, { origin: [OTHERS, 1] }), true],
    ['something without a place', gc(2), true],
    ['something of another kind', binary(Uint8Array.of(1), between), true],
  ])('[PROV40] in which %s comes under one’s own clientID: noticed or honest', (_, struct, noticed) => {
    const { channel, provider, client, told } = typed();
    channel.frame(2, [buildUpdate([{ client, clock: 0, structs: [struct] }])]);
    expect(told).toEqual(noticed ? TOLD : []);
    expect(provider.status).not.toBe('offline');
  });

  test('[PROV40] at which the same comes as deleted is deleted: the update that says so may come later', () => {
    const { channel, text, client, told } = typed();
    channel.frame(2, [buildUpdate([{ client, clock: 0, structs: [deleted(1, between)] }])]);
    expect(text.toString()).toBe('ayb');
    channel.frame(3, [buildUpdate([], [{ client, ranges: [[0, 1]] }])]);
    expect(text.toString()).toBe('ayb');
    expect(told).toEqual([]);
  });

  test('[PROV40] of which this copy has the beginning, collected, is nobody else’s to go on with', () => {
    const { channel, doc, client, told } = typed((text) => {
      text.delete(1, 2);
      const list = text.doc?.getArray('list');
      list?.push([new Y.Text('gone')]);
      list?.delete(0, 1);
    });
    expect(doc.store.clients.get(client)?.at(-1)).toBeInstanceOf(Y.GC);
    const clock = Y.getState(doc.store, client);
    const longer = string('longer', { parent: 'list' });
    channel.frame(2, [buildUpdate([{ client, clock: clock - 2, structs: [longer] }])]);
    expect(told).toEqual(TOLD);
  });
});

describe('clocks that are in the log', () => {
  test('[PROV42] are taken by nobody: who uses them later changes nothing, for anybody', () => {
    const { channel, provider, text, client, told } = joined();
    text.insert(0, 'first');
    channel.confirm(1);
    channel.frame(2, [fake(client, 'later')]);
    text.insert(5, ', and last');
    // Its own comes in a frame before the answer.
    const own = channel.updates.at(-1)?.message.update ?? new Uint8Array();
    channel.frame(3, [own, buildUpdate([{ client, clock: 5, structs: [string('XX')] }])]);
    channel.confirm(3);
    expect(told).toEqual([]);
    expect(provider.status).toBe('synced');
    expect(text.toString()).toBe('first, and last');
  });

  test('[PROV42] are not yet one’s own while a row before them is missing', () => {
    const { channel, text, client, told } = joined();
    text.insert(0, 'second');
    channel.confirm(2);
    const own = channel.updates.at(-1)?.message.update ?? new Uint8Array();
    channel.frame(1, [fake(client, 'first'), own]);
    expect(told).toEqual(TOLD);
  });

  test.each([
    ['in a frame', true],
    ['by an answer', false],
  ])('[PROV42] do not hide others before them: a later change that is known %s', (_, inFrame) => {
    const { channel, text, client, told } = joined();
    text.insert(0, 'first');
    const lost = channel.updates.at(-1);
    text.insert(5, ', then');
    // The server has never had the first one.
    lost?.answer({ ok: true, seq: 9 });
    const then = channel.updates.at(-1)?.message.update ?? new Uint8Array();
    if (inFrame) channel.frame(1, [then]);
    else channel.confirm(1);
    channel.frame(2, [fake(client, 'fake')]);
    expect(told).toEqual(TOLD);
  });

  test('[PROV43] are what a join claims to have of its own, and no more', () => {
    const { channel, clock, text, doc, client } = joined();
    const claimed = (): Map<number, number> => {
      channel.server.closed();
      clock.advance(20_000);
      channel.server.opened();
      return Y.decodeStateVector(channel.joins.at(-1)?.message.stateVector ?? new Uint8Array());
    };
    channel.frame(1, [fake(7, 'theirs')]);
    text.insert(0, 'typed');
    expect(claimed()).toEqual(new Map([[7, 6]]));
    channel.answerJoin({ head: 1 });
    channel.confirm(3);
    expect(claimed()).toEqual(new Map([[7, 6]]));
    channel.answerJoin({ head: 3 });
    text.insert(5, ' more');
    const has = new Map([
      [7, 6],
      [client, 5],
    ]);
    expect(claimed()).toEqual(has);
    expect(Y.getState(doc.store, client)).toBe(10);
  });
});
