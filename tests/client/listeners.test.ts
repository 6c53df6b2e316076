import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock } from '../support/manual-clock.js';

const reported: unknown[] = [];
const { reportError } = globalThis;
beforeEach(() => {
  reported.length = 0;
  globalThis.reportError = (error) => void reported.push(error);
});
afterEach(() => {
  globalThis.reportError = reportError;
});

const FAULT = new Error('a fault of the application');

function fail(): void {
  throw FAULT;
}

function setUp() {
  const channel = new FakeChannel();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    connectChannel: channel.connect,
    clock: new ManualClock(),
  });
  return { channel, provider, text: provider.doc.getText('text') };
}

function updateOf(words: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, words);
  return Y.encodeStateAsUpdate(doc);
}

describe('what the application throws when it is told something', () => {
  test('[PROV44] of an edit: the edit is taken, and so is what comes after it', () => {
    const { channel, provider, text } = setUp();
    text.observe(fail);
    channel.welcome({ updates: [updateOf('one')] });
    channel.frame(2, [updateOf('two')]);
    expect(provider.status).toBe('synced');
    expect(text.toString()).toHaveLength('onetwo'.length);
    expect(reported).toEqual([FAULT, FAULT]);
  });

  test('[PROV44] of somebody else: he is here, and other listeners hear of it', () => {
    const { channel, provider } = setUp();
    const heard: number[] = [];
    provider.awareness.on('change', fail);
    provider.awareness.on('change', ({ added }: { readonly added: number[] }) => heard.push(...added));
    const other = new Awareness(new Y.Doc());
    other.setLocalState({ user: { name: 'Ada' } });
    channel.welcome({ awareness: encodeAwarenessUpdate(other, [other.clientID]) });
    expect(provider.status).toBe('synced');
    expect(heard).toContain(other.clientID);
    expect(reported).toContain(FAULT);
    other.destroy();
  });

  test('[PROV44] of the provider: it goes on, and other listeners hear of it', () => {
    const { channel, provider, text } = setUp();
    const heard: string[] = [];
    for (const event of ['change', 'status', 'synced', 'saved'] as const) {
      provider.on(event, fail);
      provider.on(event, () => heard.push(event));
    }
    channel.welcome();
    text.insert(0, 'a');
    channel.confirm(1);
    expect(provider.status).toBe('synced');
    expect(provider.unsavedChanges).toBe(0);
    expect(new Set(heard)).toEqual(new Set(['change', 'status', 'synced', 'saved']));
    expect(new Set(reported)).toEqual(new Set([FAULT]));
  });

  test('[PROV44] bytes that are no update are still the fault of whoever sent them', () => {
    const { channel, provider } = setUp();
    channel.welcome();
    channel.frame(1, [Uint8Array.of(1, 2, 3)]);
    expect(provider.status).not.toBe('synced');
    expect(reported).toEqual([]);
  });
});
