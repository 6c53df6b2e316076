import { describe, expect, test } from '@jest/globals';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { KeepOffline } from '../../client/keeping.js';
import { keepOffline } from '../../client/offline/keep-offline.js';
import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import type { WireError } from '../../shared/errors.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock } from '../support/manual-clock.js';

function setUp(doc = new Y.Doc()) {
  const channel = new FakeChannel();
  const clock = new ManualClock();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    doc,
    connectChannel: channel.connect,
    clock,
    random: () => 1,
  });
  return { channel, clock, provider, doc, text: doc.getText('text') };
}

function updateOf(words: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, words);
  return Y.encodeStateAsUpdate(doc);
}

const SHUTTING_DOWN: WireError = { code: 'shutting-down', message: 'soon', retryable: true };
const DENIED: WireError = { code: 'read-only', message: 'no', retryable: false };

describe('the provider', () => {
  test('[PROV9] joins, and has what the server has; a bad name is refused before anything is sent', () => {
    const { channel, provider, text } = setUp();
    expect(provider.status).toBe('connecting');
    channel.welcome({ updates: [updateOf('hello')] });
    expect(provider.status).toBe('synced');
    expect(text.toString()).toBe('hello');
    expect(provider.unsavedChanges).toBe(0);
    expect(() => new CoscribeProvider({ document: '../etc', connectChannel: channel.connect })).toThrow(
      expect.objectContaining({ code: 'invalid-document-id' }),
    );
  });

  test('[PROV53] when the application destroys the document, the provider ends, and calls nothing saved', async () => {
    const { channel, provider, doc, text } = setUp();
    channel.welcome();
    const states: string[] = [];
    provider.on('status', (status) => states.push(status));
    text.insert(0, 'under way');
    const saved = provider.whenSaved();
    doc.destroy();
    expect(provider.status).toBe('destroyed');
    expect(states).toEqual(['destroyed']);
    expect(channel.destroyed).toBe(true);
    await expect(saved).rejects.toThrow('The provider was destroyed; make a new one.');
    text.insert(0, 'after that');
    await expect(provider.whenSaved()).rejects.toThrow('The provider was destroyed; make a new one.');
    provider.destroy();
    doc.destroy();
    expect(states).toEqual(['destroyed']);
  });

  test.each<[string, (provider: CoscribeProvider) => void]>([
    ['the document', ({ doc }) => doc.destroy()],
    ['the provider', (provider) => provider.destroy()],
  ])(
    '[PROV53] nothing that is written after %s was destroyed is called saved, though all before it was',
    async (_what, destroy) => {
      const { channel, provider, text } = setUp();
      channel.welcome();
      await provider.whenSaved();
      destroy(provider);
      text.insert(0, 'after that');
      await expect(provider.whenSaved()).rejects.toThrow('The provider was destroyed; make a new one.');
    },
  );

  test('[PROV53] a provider that is destroyed first, by whoever then destroys the document, ends once', () => {
    const { channel, provider, doc } = setUp();
    channel.welcome();
    let ends = 0;
    provider.on('status', (status) => {
      ends++;
      // In the middle of its end.
      if (status === 'destroyed') doc.destroy();
    });
    provider.destroy();
    doc.destroy();
    expect(ends).toBe(1);
    expect(channel.destroyed).toBe(true);
  });

  test('[PROV54] a document has one provider at a time', () => {
    const { channel, provider, doc } = setUp();
    const second = (document: string) =>
      new CoscribeProvider({ document, doc, connectChannel: new FakeChannel().connect });
    for (const document of ['acme/notes', 'acme/other'])
      expect(() => second(document)).toThrow(
        new TypeError('`doc` has a provider already; destroy that first.'),
      );
    channel.welcome();
    expect(provider.status).toBe('synced');
    provider.destroy();
    const next = second('acme/notes');
    next.destroy();
    next.destroy();
    second('acme/notes').destroy();
  });

  test('[PROV54] a provider that could not be made leaves the document free', () => {
    const doc = new Y.Doc();
    const make = (options: Partial<ProviderOptions>) =>
      new CoscribeProvider({ document: 'a/b', doc, connectChannel: new FakeChannel().connect, ...options });
    expect(() => make({ document: '../etc' })).toThrow();
    expect(() => make({ path: 'socket.io' })).toThrow(TypeError);
    expect(() => make({ offline: keepOffline as unknown as KeepOffline })).toThrow(TypeError);
    make({}).destroy();
  });

  test('[PROV10] a change is unsaved until the server has confirmed it', () => {
    const { channel, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'a');
    text.insert(1, 'b');
    expect(provider.unsavedChanges).toBe(2);
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(1);
    channel.confirm(2);
    expect(provider.unsavedChanges).toBe(0);
    expect(channel.updates.map(({ message }) => message.kind)).toEqual(['live', 'live']);
  });

  test('[PROV11] what was typed offline arrives when the connection is back, what was under way is sent again', () => {
    const { channel, clock, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'sent');
    channel.server.closed();
    expect(provider.status).toBe('offline');
    text.insert(4, ' and offline');
    expect(provider.unsavedChanges).toBe(2);
    clock.advance(500);
    expect(channel.opens).toBe(2);
    channel.welcome();
    channel.confirm(1);
    channel.confirm(2);
    expect(provider.unsavedChanges).toBe(0);
    const server = new Y.Doc();
    for (const { message } of channel.updates) Y.applyUpdate(server, message.update);
    expect(server.getText('text').toString()).toBe('sent and offline');
  });

  test('[PROV11] an answer that comes late, from a connection that is gone, changes nothing', () => {
    const { channel, clock, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'x');
    const late = channel.updates[0];
    channel.server.closed();
    late?.answer({ ok: true, seq: 1 });
    expect(provider.unsavedChanges).toBe(1);
    const lateJoin = channel.joins[0];
    clock.advance(500);
    lateJoin?.answer({ ok: false, error: DENIED });
    expect(provider.status).toBe('offline');
  });

  test('[PROV12] attempts come with growing pauses, and at once when the network is back', () => {
    const { channel, clock } = setUp();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const before = channel.opens;
      const start = clock.monotonic();
      channel.server.closed();
      while (channel.opens === before) clock.advance(1);
      pauses.push(clock.monotonic() - start);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    channel.server.closed();
    channel.server.reachable();
    expect(channel.opens).toBe(10);
  });

  test('[PROV13] after a reconnect it asks for what came after the last number it has', () => {
    const { channel, clock, text } = setUp();
    channel.welcome({ updates: [updateOf('one')], head: 5 });
    channel.frame(6, [updateOf('two'), updateOf('three')]);
    text.insert(0, 'own');
    channel.confirm(8);
    expect(channel.joins[0]?.message).not.toHaveProperty('seq');
    channel.server.closed();
    clock.advance(500);
    channel.server.opened();
    expect(channel.joins[1]?.message).toMatchObject({ generation: 'generation-1', seq: 8 });
    expect(channel.joins[1]?.message.clientKey).toBe(channel.joins[0]?.message.clientKey);
  });

  test('[PROV13] it says what its copy has, unless that is nothing or too much to say', () => {
    const { channel, clock, doc, text } = setUp();
    channel.welcome();
    text.insert(0, 'typed');
    channel.confirm(1);
    const again = (): unknown => {
      channel.server.closed();
      clock.advance(20_000);
      channel.server.opened();
      return channel.joins.at(-1)?.message.stateVector;
    };
    expect(channel.joins[0]?.message).not.toHaveProperty('stateVector');
    expect(again()).toEqual(Y.encodeStateVector(doc));
    for (let client = 1; client <= 14_000; client++) {
      doc.store.clients.set(client * 100_000, [new Y.GC(Y.createID(client * 100_000, 0), 1)]);
    }
    expect(again()).toBeUndefined();
  });

  test('[PROV14] a frame after a hole is not taken; joining again fills the hole', () => {
    const { channel, provider, text } = setUp();
    channel.welcome({ head: 3 });
    channel.frame(5, [updateOf('later')]);
    expect(text.toString()).toBe('');
    expect(provider.status).toBe('connecting');
    channel.frame(6, [updateOf('dropped')]);
    expect(channel.joins).toHaveLength(2);
    channel.answerJoin({ updates: [updateOf('all')], head: 6 });
    expect(text.toString()).toBe('all');
    expect(provider.status).toBe('synced');
  });

  test('[PROV14] a server that interrupts again and again is left alone for a while', () => {
    const { channel, clock, provider } = setUp();
    channel.welcome();
    for (let n = 0; n < 3; n++) {
      channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
      channel.answerJoin();
    }
    expect(provider.status).toBe('synced');
    channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    expect(provider.status).toBe('offline');
    clock.advance(500);
    expect(channel.opens).toBe(2);
  });

  test('[PROV15] a frame with hundreds of edits is one transaction', () => {
    const { channel, doc, text } = setUp();
    const other = new Y.Doc();
    const updates: Uint8Array[] = [];
    other.on('update', (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 300; n++) other.getText('text').insert(0, 'x');
    channel.welcome();
    let transactions = 0;
    doc.on('afterTransaction', () => {
      transactions++;
    });
    channel.frame(1, updates);
    expect(text.length).toBe(300);
    expect(transactions).toBe(1);
  });

  test('[PROV16] content that was there before the provider is sent too', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'from a file');
    const { channel, provider } = setUp(doc);
    expect(provider.unsavedChanges).toBe(1);
    channel.welcome();
    expect(channel.updates[0]?.message.kind).toBe('catch-up');
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(0);
  });

  test('[PROV17] a clientID that somebody else uses is replaced, and nothing is lost', () => {
    const { channel, clock, doc, provider, text } = setUp();
    text.insert(0, 'mine');
    const before = doc.clientID;
    channel.server.opened();
    channel.joins[0]?.answer({
      ok: false,
      error: { code: 'client-id-in-use', message: 'taken', retryable: false },
    });
    expect(doc.clientID).not.toBe(before);
    clock.advance(500);
    channel.welcome();
    expect(channel.joins[1]?.message.clientId).toBe(doc.clientID);
    expect(provider.awareness.clientID).toBe(doc.clientID);
    expect(channel.updates[0]?.message.kind).toBe('catch-up');
  });

  test('[PROV18] a refusal for good ends the attempts and says why; connect tries again', () => {
    const { channel, clock, provider } = setUp();
    channel.server.refused(DENIED);
    expect(provider.status).toBe('denied');
    expect(provider.error).toEqual(DENIED);
    clock.advance(100_000);
    expect(channel.opens).toBe(1);
    provider.connect();
    channel.welcome();
    expect(provider.status).toBe('synced');
    expect(provider.error).toBeUndefined();
  });

  test('[PROV19] a change that is refused for good is reported, and is never called saved', () => {
    const { channel, provider, text } = setUp();
    const rejected: WireError[] = [];
    provider.on('rejected', (error) => rejected.push(error));
    channel.welcome();
    text.insert(0, 'too much');
    channel.refuse('document-too-large', false);
    expect(rejected.map(({ code }) => code)).toEqual(['document-too-large']);
    expect(provider.status).toBe('denied');
    expect(provider.unsavedChanges).toBe(1);
  });

  test('[PROV29] a change that the server cannot take now is sent again after a pause, over the same connection', () => {
    const { channel, clock, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'x');
    channel.refuse('document-busy', true);
    text.insert(1, 'y');
    expect(channel.updates).toHaveLength(1);
    expect(provider.status).toBe('synced');
    clock.advance(500);
    expect(channel.updates).toHaveLength(2);
    channel.refuse('document-busy', true);
    clock.advance(999);
    expect(channel.updates).toHaveLength(2);
    clock.advance(1);
    channel.confirm(1);
    channel.confirm(2);
    expect(provider.unsavedChanges).toBe(0);
    expect(provider.error).toBeUndefined();
    expect(channel.opens).toBe(1);
  });

  test('[PROV20] a server that stops says when to come back', () => {
    const { channel, clock, provider } = setUp();
    channel.welcome();
    channel.server.bye(SHUTTING_DOWN, 3_000);
    expect(provider.status).toBe('offline');
    clock.advance(2_999);
    expect(channel.opens).toBe(1);
    clock.advance(1);
    expect(channel.opens).toBe(2);
  });

  test('[PROV21] a server that cannot save says so, and the provider repeats it', () => {
    const { channel, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'x');
    channel.server.saving(false);
    expect(provider.saving).toBe(false);
    expect(provider.unsavedChanges).toBe(1);
    channel.server.saving(true);
    channel.confirm(1);
    expect(provider.saving).toBe(true);
  });

  test.each([
    ['a join with nothing', (c: FakeChannel) => c.joins.at(-1)?.answer(undefined)],
    ['a join with a string', (c: FakeChannel) => c.joins.at(-1)?.answer('ok')],
    ['a join without content', (c: FakeChannel) => c.joins.at(-1)?.answer({ ok: true })],
    [
      'a join with content that is no list',
      (c: FakeChannel) => c.answerJoin({ updates: [], ...{ content: new Uint8Array([9]) } }),
    ],
    [
      'a join with updates that are none',
      (c: FakeChannel) => c.answerJoin({ updates: [new Uint8Array([255, 255, 1])] }),
    ],
    ['awareness that is none', (c: FakeChannel) => c.answerJoin({ awareness: new Uint8Array([3, 200]) })],
  ])('[PROV22] garbage as the answer to %s ends the attempt, not the page', (_what, answer) => {
    const { channel, clock, provider, text } = setUp();
    channel.server.opened();
    answer(channel);
    expect(provider.status).toBe('offline');
    expect(provider.error?.message).toBeTruthy();
    text.insert(0, 'still usable');
    expect(provider.unsavedChanges).toBe(1);
    clock.advance(1_000);
    channel.welcome();
    expect(provider.status).toBe('synced');
  });

  test.each([
    ['a frame that is text', (c: FakeChannel) => c.server.updates('x')],
    ['a frame that does not decode', (c: FakeChannel) => c.server.updates(new Uint8Array([1, 200, 1]))],
    ['a frame with an update that is none', (c: FakeChannel) => c.frame(1, [new Uint8Array([7, 7, 7])])],
    ['awareness that is none', (c: FakeChannel) => c.server.awareness(new Uint8Array([1, 1]))],
    ['an answer that is none', (c: FakeChannel) => c.updates.at(-1)?.answer(42)],
  ])('[PROV22] %s ends the connection, and the next one works', (_what, send) => {
    const { channel, clock, provider, text } = setUp();
    channel.welcome();
    text.insert(0, 'mine');
    send(channel);
    expect(provider.status).toBe('offline');
    clock.advance(1_000);
    channel.welcome();
    expect(provider.status).toBe('synced');
    expect(provider.unsavedChanges).toBe(1);
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(0);
  });

  test('[PROV23] a join that is never answered is given up and tried again', () => {
    const { channel, clock, provider } = setUp();
    channel.server.opened();
    clock.advance(30_000);
    expect(provider.status).toBe('offline');
    clock.advance(500);
    expect(channel.opens).toBe(2);
  });

  test('[PROV24] destroy leaves nothing behind', () => {
    const { channel, clock, provider, doc } = setUp();
    channel.welcome();
    provider.destroy();
    provider.destroy();
    doc.getText('text').insert(0, 'nobody listens');
    expect(channel.destroyed).toBe(true);
    expect(channel.updates).toHaveLength(0);
    expect(provider.status).toBe('destroyed');
    expect(clock.pending).toBe(0);
  });

  test('[PROV25] disconnect keeps changes until connect', () => {
    const { channel, clock, provider, text } = setUp();
    channel.welcome();
    provider.disconnect();
    text.insert(0, 'kept');
    clock.advance(60_000);
    expect(channel.opens).toBe(1);
    expect(provider.status).toBe('offline');
    provider.connect();
    channel.welcome();
    channel.confirm(1);
    expect(provider.unsavedChanges).toBe(0);
  });
});

describe('presence', () => {
  function somebody(state: Record<string, unknown>) {
    const awareness = new Awareness(new Y.Doc());
    clearInterval(awareness._checkInterval);
    awareness.setLocalState(state);
    return { awareness, update: () => encodeAwarenessUpdate(awareness, [awareness.clientID]) };
  }

  const others = (provider: CoscribeProvider) =>
    [...provider.awareness.getStates()]
      .filter(([id]) => id !== provider.doc.clientID)
      .map(([, state]) => state);

  test('[PROV26] others are known while connected, and again after a reconnect although nothing about them changed', () => {
    const { channel, clock, provider } = setUp();
    const bob = somebody({ name: 'bob' });
    bob.awareness.setLocalState({ name: 'bob' });
    channel.welcome({ awareness: bob.update() });
    expect(others(provider)).toEqual([{ name: 'bob' }]);
    channel.server.closed();
    expect(others(provider)).toEqual([]);
    clock.advance(500);
    channel.welcome({ awareness: bob.update() });
    expect(others(provider)).toEqual([{ name: 'bob' }]);
    channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    channel.answerJoin({ awareness: bob.update() });
    expect(others(provider)).toEqual([{ name: 'bob' }]);
    channel.server.resync({ code: 'too-slow', message: 'slow', retryable: true });
    channel.answerJoin();
    expect(others(provider)).toEqual([]);
  });

  test('[PROV27] own presence is sent after each join and at most every 50 ms, the last state last', () => {
    const { channel, clock, provider } = setUp();
    provider.awareness.setLocalStateField('user', { name: 'ann' });
    expect(channel.awarenessSent).toHaveLength(0);
    channel.welcome();
    expect(channel.awarenessSent).toHaveLength(1);
    for (let n = 0; n < 100; n++) {
      provider.awareness.setLocalStateField('n', n);
      clock.advance(1);
    }
    clock.advance(50);
    expect(channel.awarenessSent.length).toBeLessThanOrEqual(4);
    expect(new TextDecoder().decode(channel.awarenessSent.at(-1))).toContain('"n":99');
  });

  test('[PROV28] an idle page sends nothing', () => {
    const { channel, clock } = setUp();
    channel.welcome();
    const sent = channel.awarenessSent.length;
    clock.advance(3_600_000);
    expect(channel.awarenessSent).toHaveLength(sent);
    expect(clock.pending).toBe(0);
  });
});
