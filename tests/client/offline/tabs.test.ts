import { describe, expect, test } from '@jest/globals';
import { KeptDevice } from '../../support/kept-device.js';
import { KeptPerson } from '../../support/kept-person.js';
import { LittleServer } from '../../support/little-server.js';

function setUp() {
  return { device: new KeptDevice(), server: new LittleServer() };
}

async function opened(...args: ConstructorParameters<typeof KeptPerson>): Promise<KeptPerson> {
  const person = new KeptPerson(...args).listens();
  await person.pass();
  return person;
}

/** Lets everybody's time pass. */
async function passAll(people: readonly KeptPerson[], ms = 0): Promise<void> {
  for (const person of people) await person.pass(ms);
  for (const person of people) await person.pass();
}

/** Tabs that have the same, saved, text; the network is gone. */
async function offlineTabs(count: number, options: ConstructorParameters<typeof KeptPerson>[2] = {}) {
  const { device, server } = setUp();
  const tabs: KeptPerson[] = [];
  for (let n = 0; n < count; n++) tabs.push(await opened(device, server, options));
  tabs[0]?.type('saved ');
  await passAll(tabs, 2_000);
  server.reachable = false;
  for (const line of [...server.lines]) line.lose();
  await passAll(tabs);
  return { device, server, tabs };
}

describe('tabs without a network', () => {
  test('[TABS2] show the same, a new one too, and what one has alone reaches all', async () => {
    const { device, server, tabs } = await offlineTabs(2);
    tabs[0]?.type('one ');
    await passAll(tabs);
    tabs[1]?.type('two ');
    await passAll(tabs);
    tabs.push(await opened(device, server));
    tabs[2]?.type('three');
    await passAll(tabs);
    expect(tabs.map(({ text }) => text)).toEqual(tabs.map(() => 'saved one two three'));
    expect(tabs.map(({ provider }) => provider.unsavedChanges)).toEqual([3, 3, 3]);
    for (const tab of tabs) await tab.close();
  });

  test('[TABS2] a new tab gets what an open one has and what is not on the disk yet', async () => {
    const { device, server, tabs } = await offlineTabs(1);
    device.beforeWrite = () => {
      throw new Error('no room');
    };
    tabs[0]?.type('only in memory');
    await passAll(tabs);
    expect(tabs[0]?.provider.keeping).toBe('failed');
    tabs.push(await opened(device, server));
    await passAll(tabs);
    expect(tabs[1]?.text).toBe('saved only in memory');
    for (const tab of tabs) await tab.close();
  });

  test('[TABS3] whichever comes through first saves it for all, and nothing is doubled', async () => {
    const { server, tabs } = await offlineTabs(3);
    for (const [n, tab] of tabs.entries()) {
      tab.online = false;
      tab.type(`${n} `);
      await passAll(tabs);
    }
    server.reachable = true;
    await tabs[1]?.goOnline();
    expect(server.text).toBe('saved 0 1 2 ');
    expect(tabs[1]?.provider.unsavedChanges).toBe(0);
    await tabs[0]?.goOnline();
    await tabs[2]?.goOnline();
    await passAll(tabs, 2_000);
    expect(tabs.map(({ text, provider }) => [text, provider.unsavedChanges])).toEqual(
      tabs.map(() => ['saved 0 1 2 ', 0]),
    );
    expect(tabs.flatMap(({ rejected }) => rejected)).toEqual([]);
    for (const tab of tabs) await tab.close();
  });

  test('[TABS3] tabs that come back at once don’t take one another’s edits away, nor ask without end', async () => {
    const { server, tabs } = await offlineTabs(4);
    for (let n = 0; n < 40; n++) {
      tabs[n % 4]?.type('x');
      await passAll(tabs);
    }
    server.reachable = true;
    for (const { provider } of tabs) provider.connect();
    await passAll(tabs, 4_000);
    expect(server.text).toBe(`saved ${'x'.repeat(40)}`);
    expect(tabs.map(({ provider }) => [provider.status, provider.unsavedChanges])).toEqual(
      tabs.map(() => ['synced', 0]),
    );
    expect(server.refused.length).toBeLessThan(160);
    const { received } = server;
    await passAll(tabs, 20_000);
    expect(server.received).toBe(received);
    for (const tab of tabs) await tab.close();
  });

  test('[TABS3] a tab that is live saves what one without a connection types', async () => {
    const { device, server } = setUp();
    const live = await opened(device, server);
    await live.pass(1_000);
    const away = await opened(device, server, { online: false });
    await passAll([live, away], 1_000);
    away.type('typed away');
    await passAll([live, away]);
    expect([server.text, live.text]).toEqual(['typed away', 'typed away']);
    await away.goOnline();
    expect(away.provider.unsavedChanges).toBe(0);
    expect(server.text).toBe('typed away');
    for (const tab of [live, away]) await tab.close();
  });

  test('[TABS4] copies of different generations, scopes and documents tell one another nothing, nor do viewers', async () => {
    const { device, server, tabs } = await offlineTabs(1);
    const [old] = tabs;
    const others = [
      await opened(device, server, { scope: 'other' }),
      await opened(device, server, { document: 'acme/other' }),
      await opened(device, server, { url: 'https://elsewhere.example' }),
    ];
    server.reset();
    server.reachable = true;
    const anew = await opened(device, server, { offline: undefined as never });
    anew.type('anew');
    await anew.pass();
    expect(server.text).toBe('anew');
    await anew.close();
    for (const place of device.places.values()) place.head = undefined;
    const fresh = await opened(device, server);
    await fresh.pass(2_000);
    server.reachable = false;
    for (const line of [...server.lines]) line.lose();
    old?.type('old');
    fresh.type(' and fresh');
    await passAll([...tabs, ...others, fresh]);
    expect([old?.text, fresh.text]).toEqual(['saved old', 'anew and fresh']);
    expect(others.map(({ text }) => text)).toEqual(['', '', '']);
    for (const tab of [...tabs, ...others, fresh]) await tab.close();
  });

  test('[TABS4] a viewer gets what others type from the server alone', async () => {
    const { device, server } = setUp();
    const editor = await opened(device, server);
    editor.type('saved');
    await editor.pass(2_000);
    server.role = 'viewer';
    const viewer = await opened(device, server);
    await viewer.pass(1_000);
    editor.online = false;
    editor.provider.disconnect();
    editor.type(' and not');
    await passAll([editor, viewer], 1_000);
    expect(viewer.text).toBe('saved');
    expect(viewer.provider.unsavedChanges).toBe(0);
    server.role = 'editor';
    await editor.goOnline();
    await passAll([editor, viewer]);
    expect([server.text, viewer.text]).toEqual(['saved and not', 'saved and not']);
    for (const tab of [editor, viewer]) await tab.close();
  });

  test.each([
    ['the newer', 1, true],
    ['the older', 0, true],
    ['the older of two that are opened at once', 0, false],
    ['the newer of two that are opened at once', 1, false],
  ])('[TABS5] what %s leaves behind is saved by the one that stays', async (_, gone, inTurn) => {
    const { device, server } = setUp();
    const before = await opened(device, server);
    before.type('kept ');
    await before.pass(2_000);
    await before.close();
    const tabs: KeptPerson[] = [];
    for (let number = 0; number < 2; number++) {
      const tab = new KeptPerson(device, server).listens();
      tabs.push(tab);
      if (inTurn) await passAll(tabs, 1_000);
    }
    await passAll(tabs, 1_000);
    const goes = tabs[gone] as KeptPerson;
    const stays = tabs[1 - gone] as KeptPerson;
    // It does not know yet that it is cut off, and tells the others nothing.
    server.swallowing = true;
    goes.type('left behind');
    await passAll(tabs);
    expect([stays.text, server.text]).toEqual(['kept ', 'kept ']);
    server.swallowing = false;
    goes.crash();
    await stays.pass(2_000);
    expect([stays.text, server.text]).toEqual(['kept left behind', 'kept left behind']);
    expect(device.everything.unsaved).toEqual([]);
    await stays.close();
  });

  test('[TABS5] and one of those that stay goes on keeping what the server sends', async () => {
    const { device, server } = setUp();
    const [first, second] = [await opened(device, server), await opened(device, server)];
    first.type('one ');
    await passAll([first, second], 2_000);
    first.crash();
    await second.pass(2_000);
    const elsewhere = await opened(new KeptDevice(), server);
    elsewhere.type('two');
    await passAll([second, elsewhere], 3_000);
    server.reachable = false;
    second.crash();
    const next = await opened(device, server);
    expect(next.text).toBe('one two');
    for (const tab of [next, elsewhere]) await tab.close();
  });

  test('[TABS6] without locks, where nobody knows who is there, it all goes the same way', async () => {
    const { device, server, tabs } = await offlineTabs(2, { locks: false });
    tabs[0]?.type('one ');
    await passAll(tabs);
    tabs.push(await opened(device, server, { locks: false }));
    tabs[2]?.type('two');
    await passAll(tabs);
    tabs[0]?.crash();
    server.reachable = true;
    const left = tabs.slice(1);
    for (const { provider } of left) provider.connect();
    await passAll(left, 4_000);
    expect(server.text).toBe('saved one two');
    expect(left.map(({ provider }) => provider.unsavedChanges)).toEqual([0, 0]);
    for (const tab of left) await tab.close();
    // What the tab that crashed has left, which is saved long since.
    const next = await opened(device, server, { locks: false });
    await next.pass(3_000);
    expect([next.text, server.text]).toEqual(['saved one two', 'saved one two']);
    expect(device.everything.unsaved).toEqual([]);
    await next.close();
  });
});
