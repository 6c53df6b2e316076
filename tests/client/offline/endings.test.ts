import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { KeptDevice } from '../../support/kept-device.js';
import { KeptPerson } from '../../support/kept-person.js';
import { LittleServer } from '../../support/little-server.js';

async function opened(...args: ConstructorParameters<typeof KeptPerson>): Promise<KeptPerson> {
  const person = new KeptPerson(...args).listens();
  await person.pass();
  return person;
}

/** Something saved and something unsaved, kept by a tab that is gone; then the document was reset, and has another text. */
async function resetMeanwhile() {
  const device = new KeptDevice();
  const server = new LittleServer();
  const person = await opened(device, server);
  person.type('saved, ');
  await person.pass(2_000);
  server.reachable = false;
  person.type('not saved');
  await person.pass();
  person.crash();
  server.reset();
  server.reachable = true;
  const other = new Y.Doc();
  other.getText('text').insert(0, 'anew');
  server.update(Y.encodeStateAsUpdate(other), 'catch-up');
  return { device, server };
}

const NOTHING = { heads: [], rows: 0, unsaved: [], replaced: [] };

describe('a document that was reset', () => {
  test('[OFF5] is not merged with the copy that was kept: the application gets that, and a new provider works at once', async () => {
    const { device, server } = await resetMeanwhile();
    const received = server.received;
    const person = new KeptPerson(device, server).listens();
    const next: KeptPerson[] = [];
    person.provider.on('replaced', () => {
      person.provider.destroy();
      next.push(new KeptPerson(device, server).listens());
    });
    await person.pass(2_000);
    expect(person.rejected).toMatchObject([{ code: 'generation-changed' }]);
    expect(person.replaced).toMatchObject([
      { text: 'saved, not saved', edits: { inserted: ['not saved'], changes: 1 } },
    ]);
    const copy = new Y.Doc();
    for (const { update } of person.replaced) Y.applyUpdate(copy, update);
    expect(copy.getText('text').toString()).toBe('saved, not saved');
    for (const fresh of next) {
      await fresh.pass(2_000);
      expect([fresh.provider.status, fresh.text, fresh.replaced]).toEqual(['synced', 'anew', []]);
      await fresh.close();
    }
    expect([next.length, server.text, server.received]).toEqual([1, 'anew', received]);
    expect(device.everything).toMatchObject({
      heads: [{ generation: 'generation-2' }],
      unsaved: [],
      replaced: [],
    });
  });

  test('[OFF5] if nobody listens the copy stays, out of the way, until somebody does', async () => {
    const { device, server } = await resetMeanwhile();
    const deaf = new KeptPerson(device, server);
    await deaf.pass(2_000);
    expect(deaf.provider.status).toBe('denied');
    expect(device.everything).toMatchObject({
      ...NOTHING,
      replaced: [{ copy: { text: 'saved, not saved' } }],
    });
    await deaf.close();
    const deafToo = new KeptPerson(device, server);
    await deafToo.pass(2_000);
    expect([deafToo.provider.status, deafToo.text]).toEqual(['synced', 'anew']);
    await deafToo.close();
    const person = await opened(device, server);
    await person.pass(2_000);
    expect([person.provider.status, person.text]).toEqual(['synced', 'anew']);
    expect(person.replaced).toMatchObject([{ text: 'saved, not saved', edits: { inserted: ['not saved'] } }]);
    await person.close();
    expect(device.everything.replaced).toEqual([]);
  });

  test('[OFF5] a listener that throws has taken nothing', async () => {
    const { device, server } = await resetMeanwhile();
    const person = new KeptPerson(device, server);
    person.provider.on('replaced', () => {
      throw new Error('no room to keep it');
    });
    const complaints = silenced();
    await person.pass(2_000);
    await person.close();
    complaints.restore();
    expect(device.everything.replaced).toHaveLength(1);
  });

  test('[OFF5] what a closed tab had not saved before it could hear of the reset is handed over by the next provider', async () => {
    const { device, server } = await resetMeanwhile();
    const [{ unsaved, head } = { unsaved: new Map(), head: undefined }] = device.places.values();
    const left = structuredClone([...unsaved]);
    const first = await opened(device, server);
    await first.pass(2_000);
    await first.close();
    const second = await opened(device, server);
    await second.pass(2_000);
    await second.close();
    expect(head?.generation).toBe('generation-1');
    const [place] = device.places.values();
    for (const [key, row] of left) place?.unsaved.set(key, row);
    const third = await opened(device, server);
    await third.pass(2_000);
    expect(third.replaced).toMatchObject([
      { text: 'not saved', edits: { inserted: ['not saved'], changes: 1 } },
    ]);
    expect([third.provider.status, third.text, server.text]).toEqual(['synced', 'anew', 'anew']);
    await third.close();
    expect(device.everything.unsaved).toEqual([]);
  });

  test('[OFF5] without anything kept the application gets the copy that it has', async () => {
    const server = new LittleServer();
    const person = new KeptPerson(new KeptDevice(), server, { offline: undefined as never }).listens();
    await person.pass();
    person.type('old');
    await person.pass();
    server.reset();
    await person.goOnline();
    expect(person.replaced).toMatchObject([{ text: 'old', edits: undefined }]);
    expect(person.rejected).toEqual([]);
    await person.close();
  });
});

describe('a document that one may not open any more', () => {
  test.each([['no-access' as const], ['document-deleted' as const], ['document-moved' as const]])(
    '[OFF12] is not on the device any more after %s, and what was not saved is handed back',
    async (code) => {
      const { device, server } = await resetMeanwhile();
      server.refusesWith = code;
      const person = await opened(device, server);
      await person.pass(2_000);
      expect(person.rejected).toMatchObject([{ code, edits: { inserted: ['not saved'] } }]);
      await person.close();
      expect(device.everything).toMatchObject(NOTHING);
    },
  );

  test('[OFF12] what nobody listens to stays, and is saved if access comes back', async () => {
    const device = new KeptDevice();
    const server = new LittleServer();
    const person = await opened(device, server);
    person.type('saved, ');
    await person.pass(2_000);
    server.reachable = false;
    person.type('not saved');
    await person.pass();
    person.crash();
    server.reachable = true;
    server.refusesWith = 'no-access';
    const deaf = new KeptPerson(device, server);
    await deaf.pass(2_000);
    await deaf.close();
    expect(device.everything).toMatchObject({
      heads: [],
      rows: 0,
      unsaved: [{ generation: 'generation-1' }],
    });
    server.refusesWith = undefined;
    const next = await opened(device, server);
    await next.pass(3_000);
    expect([next.text, server.text]).toEqual(['saved, not saved', 'saved, not saved']);
    expect(device.everything.unsaved).toEqual([]);
    await next.close();
  });

  test('[OFF12] who has to sign in again loses nothing', async () => {
    const { device, server } = await resetMeanwhile();
    const before = device.everything;
    server.refusesWith = 'unauthenticated';
    const person = await opened(device, server);
    await person.pass(2_000);
    expect(person.provider.status).toBe('denied');
    await person.close();
    expect(device.everything).toEqual(before);
  });
});

/** What is reported as uncaught is expected. */
function silenced(): { restore(): void } {
  const { reportError } = globalThis as { reportError?: unknown };
  Object.assign(globalThis, { reportError: () => {} });
  return { restore: () => Object.assign(globalThis, { reportError }) };
}
