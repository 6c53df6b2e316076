import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Batch } from '../../../client/offline/copy-store.js';
import { keepOffline } from '../../../client/offline/keep-offline.js';
import { KeptDevice } from '../../support/kept-device.js';
import { KeptPerson } from '../../support/kept-person.js';
import { LittleServer } from '../../support/little-server.js';
import { until } from '../../support/until.js';

function setUp() {
  return { device: new KeptDevice(), server: new LittleServer() };
}

async function opened(...args: ConstructorParameters<typeof KeptPerson>): Promise<KeptPerson> {
  const person = new KeptPerson(...args).listens();
  await person.pass();
  return person;
}

class QuotaExceeded extends Error {}

/** What pages would tell as an error that nothing has caught. */
let uncaught: unknown[];

beforeEach(() => {
  uncaught = [];
  Object.assign(globalThis, { reportError: (error: unknown) => uncaught.push(error) });
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'reportError');
});

describe('an observer of the application that throws', () => {
  test('[PROV44] at what was kept, and at what another tab says: both are taken, and kept on', async () => {
    const { device, server } = setUp();
    const before = await opened(device, server);
    before.type('kept');
    await before.pass(2_000);
    const doc = new Y.Doc();
    doc.getText('text').observe(() => {
      throw new Error('of the application');
    });
    const person = new KeptPerson(device, server, { doc, online: false });
    await person.pass();
    before.online = false;
    before.provider.disconnect();
    before.type(' and told');
    await before.pass();
    await person.pass();
    expect([person.text, person.provider.keeping]).toEqual(['kept and told', 'kept']);
    expect(uncaught.length).toBeGreaterThanOrEqual(2);
    await person.close();
    await before.close();
  });
});

describe('where nothing can be kept', () => {
  test('[OFF9] the provider works without, and says so: no IndexedDB, as in Node', async () => {
    const { server } = setUp();
    const person = new KeptPerson(new KeptDevice(), server, { offline: keepOffline() });
    expect(person.provider.keeping).toBe('loading');
    await until(() => person.provider.keeping === 'failed', 'it to be given up');
    await person.provider.whenLoaded();
    person.type('works');
    await person.pass();
    expect(server.text).toBe('works');
    await person.close();
  });

  test('[OFF9] a store that does not open is done without after 5 s, and counts no more if it opens later', async () => {
    const { device, server } = setUp();
    const before = await opened(device, server);
    before.type('kept');
    await before.pass(2_000);
    await before.close();
    let open = (): void => {};
    device.opening = new Promise((resolve) => {
      open = resolve;
    });
    const person = await opened(device, server);
    await person.pass(4_500);
    expect([person.provider.keeping, person.provider.status]).toEqual(['loading', 'connecting']);
    await person.pass(500);
    await person.pass();
    expect([person.provider.keeping, person.provider.status]).toEqual(['failed', 'synced']);
    open();
    person.type(' and typed');
    await person.pass(2_000);
    expect([person.provider.keeping, person.text]).toEqual(['failed', 'kept and typed']);
    expect(device.openStores).toBe(0);
    await person.close();
  });

  test('[OFF9] when there is no room what the server has goes first, and what is not saved stays', async () => {
    const { device, server } = setUp();
    const person = await opened(device, server);
    person.type('saved, ');
    await person.pass(2_000);
    expect(device.everything.rows).toBe(1);
    device.beforeWrite = ({ base }: Batch) => {
      if (base !== undefined && base.kind !== 'erase') throw new QuotaExceeded();
    };
    person.type('more, ');
    await person.pass(2_000);
    expect(device.everything).toMatchObject({ heads: [], rows: 0 });
    expect(person.provider.keeping).toBe('kept');
    person.online = false;
    person.provider.disconnect();
    person.type('not saved');
    await person.pass(2_000);
    person.crash();
    device.beforeWrite = () => {};
    const next = await opened(device, server);
    await next.pass(3_000);
    expect([next.text, server.text]).toEqual(['saved, more, not saved', 'saved, more, not saved']);
    await next.close();
  });

  test('[OFF9] when there is none at all that is said, and everything else works; what was kept by then is sent again', async () => {
    const { device, server } = setUp();
    const person = await opened(device, server);
    server.reachable = false;
    person.type('kept, ');
    await person.pass();
    device.beforeWrite = () => {
      throw new QuotaExceeded();
    };
    const told: string[] = [];
    person.provider.on('change', () => told.push(person.provider.keeping));
    person.type('not kept');
    await person.pass();
    expect(person.provider.keeping).toBe('failed');
    expect(told.at(-1)).toBe('failed');
    server.reachable = true;
    await person.goOnline();
    expect(server.text).toBe('kept, not kept');
    await person.close();
    device.beforeWrite = () => {};
    const next = await opened(device, server);
    await next.pass(2_000);
    expect([server.text, next.text]).toEqual(['kept, not kept', 'kept, not kept']);
    expect(device.everything.unsaved).toEqual([]);
    await next.close();
  });

  test('[OFF9] options that make no sense are refused at once', () => {
    expect(() => keepOffline({ scope: 7 as never })).toThrow(
      'keepOffline() has no option "scope" of type number',
    );
  });
});
