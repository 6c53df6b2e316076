import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { KeepHost } from '../../client/keeping.js';
import { CoscribeProvider } from '../../client/provider.js';
import { hashContent } from '../../shared/content-hash.js';
import type { Role } from '../../shared/protocol.js';
import { FakeChannel } from '../support/fake-channel.js';
import { ManualClock } from '../support/manual-clock.js';

/**
 * What two people do at once, again and again: one formats what the other deletes. What is left of the format has no effect, and Yjs deletes it
 * in every copy that gets the two one after the other.
 */
class TwoEditors {
  readonly ann = new Y.Doc();
  readonly ben = new Y.Doc();
  /** All that is in the log. */
  readonly log: Uint8Array[] = [];

  constructor() {
    this.write(this.ann, (text) => text.insert(0, 'hello brave new world'));
    this.catchUp();
  }

  /** @returns two updates; the later one gives a copy something to tidy */
  clash(): readonly [Uint8Array, Uint8Array] {
    const at = this.log.length;
    const formats = this.write(this.ben, (text) => text.format(at, 2, { bold: true }));
    const deletes = this.write(this.ann, (text) => text.delete(at, 2));
    this.catchUp();
    return [formats, deletes];
  }

  /** A copy of the log, as nobody has tidied it. */
  copy(): Y.Doc {
    const doc = new Y.Doc();
    for (const update of this.log) Y.applyUpdate(doc, update);
    return doc;
  }

  private write(doc: Y.Doc, change: (text: Y.Text) => void): Uint8Array {
    const made: Uint8Array[] = [];
    const note = (update: Uint8Array): void => void made.push(update);
    doc.on('update', note);
    change(doc.getText('text'));
    doc.off('update', note);
    const update = Y.mergeUpdates(made);
    this.log.push(update);
    return update;
  }

  /** As a whole, so that they tidy nothing themselves. */
  private catchUp(): void {
    const whole = Y.mergeUpdates(this.log);
    for (const doc of [this.ann, this.ben]) {
      doc.on('afterTransaction', untidied);
      Y.applyUpdate(doc, whole);
      doc.off('afterTransaction', untidied);
    }
  }
}

function untidied(transaction: Y.Transaction): void {
  transaction._needFormattingCleanup = false;
}

function setUp() {
  const channel = new FakeChannel();
  const clock = new ManualClock();
  const doc = new Y.Doc();
  const text = doc.getText('text');
  const editors = new TwoEditors();
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    doc,
    connectChannel: channel.connect,
    clock,
    random: () => 1,
  });
  const rejected: unknown[] = [];
  provider.on('rejected', (error) => rejected.push(error));
  /** Two frames with what two people did at once. */
  const clash = (): void => {
    const from = editors.log.length + 1;
    for (const [n, update] of editors.clash().entries()) channel.frame(from + n, [update]);
  };
  const welcome = (role: Role): void => channel.welcome({ updates: editors.log, role });
  return { channel, clock, doc, text, editors, provider, rejected, clash, welcome };
}

test('[PROV52] in a viewer’s copy nothing is tidied, where an editor’s copy is: it stays what the log says', () => {
  const viewer = setUp();
  viewer.welcome('viewer');
  for (let n = 0; n < 3; n++) viewer.clash();
  expect(viewer.channel.updates).toEqual([]);
  expect([viewer.provider.status, viewer.provider.unsavedChanges, viewer.rejected]).toEqual([
    'synced',
    0,
    [],
  ]);
  expect(Y.encodeStateAsUpdate(viewer.doc)).toEqual(Y.encodeStateAsUpdate(viewer.editors.copy()));

  const editor = setUp();
  editor.welcome('editor');
  editor.clash();
  expect(editor.channel.updates).toHaveLength(1);
  expect(Y.encodeStateAsUpdate(editor.doc)).not.toEqual(Y.encodeStateAsUpdate(editor.editors.copy()));
  expect(hashContent(editor.doc)).toBe(hashContent(editor.editors.copy()));
});

test('[PROV52] it is tidied again from when he may write, and not from when he may no longer', () => {
  const { channel, clash, welcome, provider, doc, editors } = setUp();
  welcome('viewer');
  clash();
  channel.server.access('editor');
  expect(channel.updates).toEqual([]);
  clash();
  expect(channel.updates).toHaveLength(1);
  channel.confirm(editors.log.length + 1);
  editors.log.push(channel.updates[0]?.message.update ?? new Uint8Array());
  channel.server.access('viewer');
  clash();
  expect(channel.updates).toHaveLength(1);
  expect([provider.status, provider.unsavedChanges]).toEqual(['synced', 0]);
  expect(Y.encodeStateAsUpdate(doc)).toEqual(Y.encodeStateAsUpdate(editors.copy()));
});

test.each([
  ['editor', 'viewer', 0],
  ['viewer', 'editor', 1],
  ['viewer', 'owner', 1],
] as const)(
  '[PROV52] what a join brings counts for the role that it says: %s before, %s now',
  (before, now, sent) => {
    const { channel, clock, editors, provider, rejected, welcome } = setUp();
    welcome(before);
    const head = editors.log.length;
    const [formats, deletes] = editors.clash();
    channel.frame(head + 1, [formats]);
    channel.server.closed();
    clock.advance(500);
    channel.welcome({ updates: [deletes], head: head + 2, role: now });
    expect(channel.updates).toHaveLength(sent);
    expect([provider.status, provider.role, rejected]).toEqual(['synced', now, []]);
  },
);

test('[PROV52] a copy that was kept stays as it was kept, as long as nobody has said what its owner may do', async () => {
  const editors = new TwoEditors();
  const [base, ...later] = [Y.mergeUpdates(editors.log), ...editors.clash()];
  const channel = new FakeChannel();
  const doc = new Y.Doc();
  doc.getText('text');
  const provider = new CoscribeProvider({
    document: 'acme/notes',
    doc,
    connectChannel: channel.connect,
    clock: new ManualClock(),
    offline: (host: KeepHost) => ({
      keeping: 'kept',
      load(loaded) {
        queueMicrotask(() => {
          for (const update of [base, ...later]) Y.applyUpdate(host.doc, update, host);
          host.restore({ generation: 'generation-1', seq: 3 }, undefined);
          loaded();
        });
      },
      added() {},
      saved() {},
      logged() {},
      lineChanged() {},
      ended() {},
      forget: () => Promise.resolve(),
      destroy() {},
    }),
  });
  await provider.whenLoaded();
  expect(provider.unsavedChanges).toBe(0);
  channel.welcome({ head: 3, role: 'viewer' });
  expect([provider.status, channel.updates]).toEqual(['synced', []]);
  expect(Y.encodeStateAsUpdate(doc)).toEqual(Y.encodeStateAsUpdate(editors.copy()));
});

test('[PROV24] [PROV52] a document that has lost its provider is as any other', () => {
  const { doc, editors, provider, welcome } = setUp();
  welcome('viewer');
  provider.destroy();
  const made: unknown[] = [];
  const clash = editors.clash();
  doc.on('update', (_update: Uint8Array, origin: unknown) => made.push(origin));
  for (const update of clash) Y.applyUpdate(doc, update, 'elsewhere');
  expect(made).toEqual(['elsewhere', 'elsewhere', null]);
});
