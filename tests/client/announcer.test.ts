import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import { CoscribeError } from '../../shared/errors.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock, settle } from '../support/manual-clock.js';

function setUp() {
  const channel = new FakeChannel();
  const clock = new ManualClock();
  const doc = new Y.Doc();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    doc,
    connectChannel: channel.connect,
    clock,
    random: () => 1,
  });
  return { channel, clock, provider, doc, text: doc.getText('text') };
}

const NO_ACCESS = { code: 'no-access', message: 'no', retryable: false } as const;

/** What has become of a promise so far. */
function outcome(promise: Promise<void>): { now: string } {
  const seen = { now: 'waits' };
  promise.then(
    () => {
      seen.now = 'fulfilled';
    },
    (error: unknown) => {
      seen.now = error instanceof CoscribeError ? error.code : String(error);
    },
  );
  return seen;
}

describe('what a provider tells', () => {
  test('[PROV51] status, synced, unsaved and saved are told when they change, and only then', () => {
    const { channel, clock, provider, text } = setUp();
    const told: unknown[] = [];
    provider.on('status', (status) => told.push(status));
    provider.on('synced', (isSynced) => told.push(isSynced));
    provider.on('unsaved', (count) => told.push(count));
    provider.on('saved', () => told.push('saved'));
    channel.welcome();
    expect(told.splice(0)).toEqual(['synced', true]);
    text.insert(0, 'a');
    text.insert(1, 'b');
    channel.confirm(1);
    channel.confirm(2);
    expect(told.splice(0)).toEqual([1, 2, 1, 'saved']);
    channel.server.saving(false);
    provider.awareness.setLocalStateField('cursor', 1);
    expect(told).toEqual([]);
    channel.server.closed();
    clock.advance(500);
    channel.welcome();
    provider.destroy();
    expect(told).toEqual(['offline', false, 'connecting', 'synced', true, 'destroyed', false]);
  });

  test('[PROV51] a listener that changes the status itself is told in the end what is true', () => {
    const { channel, provider } = setUp();
    const told: unknown[] = [];
    provider.on('status', (status) => {
      told.push(status);
      if (status === 'synced') provider.disconnect();
    });
    provider.on('synced', (isSynced) => told.push(isSynced));
    channel.welcome();
    expect(told).toEqual(['synced', 'offline']);
  });

  test('[PROV45] the promises fulfil when it is so, at once if it is so already', async () => {
    const { channel, provider, text } = setUp();
    const loaded = outcome(provider.whenLoaded());
    const synced = outcome(provider.whenSynced());
    const saved = outcome(provider.whenSaved());
    await settle();
    expect([loaded.now, synced.now, saved.now]).toEqual(['fulfilled', 'waits', 'fulfilled']);
    channel.welcome();
    await settle();
    expect(synced.now).toBe('fulfilled');
    await provider.whenSynced();
    text.insert(0, 'now');
    const now = outcome(provider.whenSaved());
    text.insert(3, ' and later');
    channel.confirm(1);
    await settle();
    expect(now.now).toBe('fulfilled');
    expect(provider.unsavedChanges).toBe(1);
    const later = outcome(provider.whenSaved());
    await settle();
    expect(later.now).toBe('waits');
    channel.confirm(2);
    await settle();
    expect(later.now).toBe('fulfilled');
  });

  test('[PROV45] they fail with the coded error when the provider is denied or destroyed, before or after', async () => {
    const { channel, provider, text } = setUp();
    text.insert(0, 'not saved');
    const waiting = [outcome(provider.whenSynced()), outcome(provider.whenSaved())];
    channel.server.refused(NO_ACCESS);
    waiting.push(outcome(provider.whenSynced()), outcome(provider.whenSaved()));
    await settle();
    expect(waiting.map(({ now }) => now)).toEqual(waiting.map(() => 'no-access'));
    await expect(provider.whenSynced()).rejects.toThrow(/There is no such document.*\(no\)/);
    provider.connect();
    const again = outcome(provider.whenSynced());
    await settle();
    expect(again.now).toBe('waits');
    provider.destroy();
    await expect(provider.whenSynced()).rejects.toThrow(/^The provider was destroyed; make a new one\.$/);
    const after = [
      outcome(provider.whenSynced()),
      outcome(provider.whenSaved()),
      outcome(provider.whenLoaded()),
    ];
    await settle();
    expect([again, ...after].map(({ now }) => now)).toEqual([
      'not-joined',
      'not-joined',
      'not-joined',
      'fulfilled',
    ]);
  });

  test('[PROV45] who waits without a network waits on, and everybody is told once', async () => {
    const { channel, clock, provider } = setUp();
    let fulfilled = 0;
    for (let n = 0; n < 100; n++) provider.whenSynced().then(() => fulfilled++);
    for (let n = 0; n < 5; n++) {
      channel.server.closed();
      clock.advance(10_000);
    }
    await settle();
    expect(fulfilled).toBe(0);
    channel.welcome();
    channel.server.closed();
    clock.advance(10_000);
    channel.welcome();
    await settle();
    expect(fulfilled).toBe(100);
    provider.destroy();
    expect(clock.pending).toBe(0);
  });
});
