import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { forgetMessage } from '../../../client/offline/tab-message.js';
import { KeptDevice } from '../../support/kept-device.js';
import { KeptPerson } from '../../support/kept-person.js';
import { LittleServer } from '../../support/little-server.js';
import { buildUpdate, string } from '../../support/update-builder.js';

function setUp() {
  return { device: new KeptDevice(), server: new LittleServer() };
}

/** Somebody who has opened the document, and hears what he is told. */
async function opened(...args: ConstructorParameters<typeof KeptPerson>): Promise<KeptPerson> {
  const person = new KeptPerson(...args).listens();
  await person.pass();
  return person;
}

/** A device on which something saved and something unsaved is kept, by a tab that is gone. */
async function keptBefore(words = 'not saved') {
  const { device, server } = setUp();
  const person = await opened(device, server);
  person.type('saved, ');
  await person.pass(2_000);
  server.reachable = false;
  person.type(words);
  await person.pass();
  person.crash();
  server.reachable = true;
  return { device, server };
}

describe('what is kept', () => {
  test('[OFF1] is there without a network, and only what came after is asked for', async () => {
    const { device, server } = setUp();
    const first = await opened(device, server);
    first.type('hello');
    await first.pass(2_000);
    await first.close();
    expect(device.everything).toMatchObject({ heads: [{ generation: 'generation-1', seq: 1 }], unsaved: [] });
    const second = await opened(device, server, { online: false });
    expect(second.text).toBe('hello');
    expect(second.provider.keeping).toBe('kept');
    expect(second.provider.unsavedChanges).toBe(0);
    expect(second.provider.role).toBe('editor');
    const { received } = server;
    await second.goOnline();
    expect(second.provider.synced).toBe(true);
    expect(server.received).toBe(received);
    expect(server.joins.at(-1)).toMatchObject({ generation: 'generation-1', seq: 1 });
    await second.close();
  });

  test('[OFF2] without a network survives the crash of its tab, and the next one saves it, under a clientID of its own', async () => {
    const { device, server } = await keptBefore();
    const [written] = server.joins;
    const second = await opened(device, server);
    await second.pass(2_000);
    expect(second.provider.doc.clientID).not.toBe(written?.clientId);
    expect([second.text, server.text]).toEqual(['saved, not saved', 'saved, not saved']);
    expect(second.provider.unsavedChanges).toBe(0);
    expect(device.everything.unsaved).toEqual([]);
    await second.close();
  });

  test('[OFF2] so does what was typed before the kept copy was there, also if the document is closed before', async () => {
    const { device, server } = await keptBefore('unsaved ');
    let open = (): void => {};
    device.opening = new Promise((resolve) => {
      open = resolve;
    });
    const early = new KeptPerson(device, server, { online: false });
    early.type('early');
    expect(early.provider.keeping).toBe('loading');
    early.provider.destroy();
    open();
    await early.pass();
    const next = await opened(device, server);
    await next.pass(2_000);
    expect([...server.text].sort().join('')).toBe([...'saved, unsaved early'].sort().join(''));
    await next.close();
  });

  test('[OFF2] so does a document that was there before its provider, and is sent as a whole', async () => {
    const { device, server } = setUp();
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'from a file');
    const person = await opened(device, server, { doc, online: false });
    person.crash();
    const next = await opened(device, server);
    await next.pass(2_000);
    expect(server.text).toBe('from a file');
    await next.close();
  });

  test('[OFF6] grows with the document and not with its history, and is not written anew for every key', async () => {
    const { device, server } = setUp();
    const person = await opened(device, server);
    for (let n = 0; n < 300; n++) {
      person.type('x');
      await person.pass();
      await person.pass(1_000);
    }
    expect(device.everything.rows).toBeLessThan(110);
    const { writes } = device;
    expect(writes).toBeLessThan(700);
    await person.close();
    const next = await opened(device, server, { online: false });
    expect(next.text).toBe('x'.repeat(300));
    await next.close();
  });

  test('[OFF7] is the server’s for a viewer, who sends nothing and gets nothing handed back', async () => {
    const { device, server } = setUp();
    const editor = await opened(device, server);
    editor.type('read me');
    await editor.pass(2_000);
    await editor.close();
    server.role = 'viewer';
    const { received } = server;
    const viewer = await opened(device, server);
    await viewer.pass(2_000);
    expect([viewer.text, viewer.provider.status, viewer.provider.role]).toEqual([
      'read me',
      'synced',
      'viewer',
    ]);
    expect(server.received).toBe(received);
    expect(viewer.rejected).toEqual([]);
    await viewer.close();
    const offline = await opened(device, server, { online: false });
    expect(offline.provider.role).toBe('viewer');
    await offline.close();
  });

  test('[OFF7] and is handed back to whoever may write no longer, once; saved leftovers are not', async () => {
    const { device, server } = await keptBefore();
    server.role = 'viewer';
    const viewer = await opened(device, server);
    await viewer.pass(2_000);
    expect(viewer.rejected).toMatchObject([{ code: 'read-only', edits: { inserted: ['not saved'] } }]);
    await viewer.close();
    const again = await opened(device, server);
    await again.pass(2_000);
    expect([again.text, again.provider.status, again.rejected]).toEqual(['saved, ', 'synced', []]);
    await again.close();
  });

  test('[OFF8] belongs to a scope: nobody sees or sends what another one’s holds', async () => {
    const { device, server } = setUp();
    const ann = await opened(device, server, { scope: 'ann', online: false });
    ann.type('ann’s');
    await ann.pass();
    const bob = await opened(device, server, { scope: 'bob' });
    await bob.pass(2_000);
    expect([bob.text, server.text]).toEqual(['', '']);
    await bob.close();
    ann.crash();
    const again = await opened(device, server, { scope: 'ann' });
    await again.pass(2_000);
    expect(server.text).toBe('ann’s');
    await again.close();
  });

  test('[OFF8] is wiped by forget, in every tab, and nothing is kept afterwards; other documents stay', async () => {
    const { device, server } = setUp();
    const other = await opened(device, new LittleServer(), { document: 'acme/other', online: false });
    other.type('stays');
    const [one, two] = [await opened(device, server), await opened(device, server)];
    one.type('gone');
    await one.pass(2_000);
    await two.pass(2_000);
    await one.provider.forget();
    await two.pass();
    expect([one.provider.keeping, two.provider.keeping]).toEqual(['off', 'off']);
    one.type(' on');
    two.type(' and on');
    await one.pass(3_000);
    await two.pass(3_000);
    expect(server.text).toHaveLength('gone on and on'.length);
    expect(device.everything).toMatchObject({ heads: [], rows: 0, unsaved: [{ key: ['tab 0.0', 0] }] });
    for (const person of [one, two, other]) await person.close();
  });

  test('[OFF8] a tab that hears that everything was wiped keeps nothing more', async () => {
    const { device, server } = setUp();
    const person = await opened(device, server, { online: false });
    for (const line of device.lines.values()) for (const end of line) end.received(forgetMessage());
    person.type('not kept');
    await person.pass(2_000);
    expect(person.provider.keeping).toBe('off');
    expect(device.everything.unsaved).toEqual([]);
    await person.close();
  });

  test('[OFF10] leaves no lock, line, store, listener or timer behind', async () => {
    const { device, server } = await keptBefore();
    const people = [
      await opened(device, server),
      await opened(device, server, { online: false }),
      new KeptPerson(device, server),
    ];
    for (const person of people) {
      person.type('x');
      await person.close();
      expect(person.clock.pending).toBe(0);
      expect(person.tab.hides.size).toBe(0);
    }
    expect([device.locks.size, device.lines.size, device.openStores]).toEqual([0, 0, 0]);
  });

  test('[OFF10] [PROV53] the same when the application destroys the document, and what was not saved stays kept', async () => {
    const { device, server } = await keptBefore();
    const person = await opened(device, server, { online: false });
    person.type('unsaved, ');
    person.provider.doc.destroy();
    await person.close();
    expect(person.clock.pending).toBe(0);
    expect([device.locks.size, device.lines.size, device.openStores]).toEqual([0, 0, 0]);
    const next = await opened(device, server);
    expect(next.text).toContain('unsaved, ');
    await next.close();
  });

  test('[OFF11] what somebody else has put in the place of kept edits is noticed, and they are handed back', async () => {
    const { device, server } = await keptBefore();
    const client = server.joins[0]?.clientId ?? 0;
    const length = 'saved, '.length;
    const stolen = buildUpdate([
      { client, clock: length, structs: [string('stolen', { origin: [client, 0] })] },
    ]);
    expect(server.update(stolen, 'catch-up')).toMatchObject({ ok: true });
    const person = await opened(device, server);
    expect(person.rejected).toMatchObject([{ code: 'copy-diverged', edits: { inserted: ['not saved'] } }]);
    expect(person.provider.status).toBe('diverged');
    await person.close();
    const fresh = await opened(device, server);
    await fresh.pass(2_000);
    expect([fresh.provider.status, fresh.text]).toEqual(['synced', server.text]);
    expect(server.text).toContain('stolen');
    await fresh.close();
  });
});
