import { afterEach, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Meetings, meetingsIn } from '../../../../server/gateway/yjs/meetings.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../../shared/ids.js';
import { sectionsOf } from '../../../../shared/update-order.js';
import { documentNode, NOTES } from '../../../support/document-node.js';
import { settle } from '../../../support/manual-clock.js';
import { between, forSeedsInTurn } from '../../../support/seeds.js';
import { SyncClient } from '../../../support/sync-client.js';

type Node = ReturnType<typeof documentNode>;

afterEach(() => {
  for (const awareness of SyncClient.opened.splice(0)) awareness.destroy();
});

/** What goes from one tab to another past the server, as over a BroadcastChannel: in its order, and at any time. */
class Passage {
  private readonly waiting: Uint8Array[] = [];

  constructor(
    from: SyncClient,
    private readonly to: SyncClient,
  ) {
    from.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === null) this.waiting.push(update);
    });
  }

  pass(most = Number.POSITIVE_INFINITY): void {
    for (const update of this.waiting.splice(0, most)) Y.applyUpdate(this.to.doc, update, this.to);
  }
}

function passagesOf(tabs: readonly SyncClient[]): Passage[] {
  return tabs.flatMap((from) => tabs.filter((to) => to !== from).map((to) => new Passage(from, to)));
}

/** Lets everything come that is under way or asked for later. */
async function wait(node: Node, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await settle();
    node.clock.advance(5_000);
  }
  await settle();
}

async function textIn(node: Node): Promise<string> {
  const reader = new SyncClient(node, new Y.Doc(), 'viewer').connect();
  await settle();
  reader.disconnect();
  return reader.text;
}

/** What is in each row: whose it is, and whose structs are in it. */
async function rowsOf({ store }: Node): Promise<{ clientId: number; author: string; of: number[] }[]> {
  const rows = await store.readLog(NOTES, 0, 10_000);
  return rows.map(({ clientId, author, update }) => ({
    clientId,
    author,
    of: Array.from(sectionsOf(update), ({ client }) => client),
  }));
}

test('[PEER11] two who have written in turns past the server are saved, each in his own name', async () => {
  const node = documentNode();
  const ann = new SyncClient(node, new Y.Doc(), 'editor', 'ann');
  const bob = new SyncClient(node, new Y.Doc(), 'editor', 'bob');
  const passages = passagesOf([ann, bob]);
  for (const [tab, word] of [ann, bob, ann, bob, ann].map((tab, n) => [tab, `${n} `] as const)) {
    tab.type(word);
    for (const passage of passages) passage.pass();
  }
  ann.connect();
  bob.connect();
  await wait(node, 3);
  expect(await textIn(node)).toBe('0 1 2 3 4 ');
  const [a, b] = [ann, bob].map(({ doc }) => doc.clientID);
  const rows = await rowsOf(node);
  for (const { clientId, author, of } of rows) {
    expect(of).toEqual(of.length === 0 ? [] : [clientId]);
    expect(author).toBe(clientId === a ? 'user:ann' : 'user:bob');
  }
  expect(new Set(rows.map(({ clientId }) => clientId))).toEqual(new Set([a, b]));
  for (const { outcomes } of [ann, bob]) expect(outcomes.at(-1)).toEqual(expect.any(Number));
  expect(meetingsIn(node.documents).kept.bytes).toBe(0);
});

test('[PEER11] whatever several tabs write past the server, delete and put under keys, it is saved once they are in', async () => {
  await forSeedsInTurn(15, 'tests/server/gateway/yjs/meetings', async (random) => {
    const node = documentNode({ limits: { maxUpdateBytes: between(random, 80, 4_000) } });
    const tabs = [1, 2, 3].slice(0, between(random, 2, 3)).map(() => new SyncClient(node));
    const passages = passagesOf(tabs);
    for (let step = 0; step < 80; step++) {
      const tab = tabs[between(random, 0, tabs.length - 1)] as SyncClient;
      const [what, map] = [random(), tab.doc.getMap('map')];
      if (what < 0.5) tab.doc.getText('text').insert(between(random, 0, tab.text.length), 'word ');
      else if (what < 0.65 && tab.text.length > 4)
        tab.doc.getText('text').delete(between(random, 0, tab.text.length - 3), 3);
      else if (what < 0.75) map.set(`key ${between(random, 0, 2)}`, step);
      else if (what < 0.8) map.set('type', new Y.Map([['in it', step]]));
      else if (what < 0.9) tab.reconnect();
      else tab.disconnect();
      for (const passage of random() < 0.7 ? passages : []) if (random() < 0.7) passage.pass(2);
      if (random() < 0.3) await settle();
      if (random() < 0.1) node.clock.advance(between(random, 1, 1_500));
    }
    for (const tab of tabs) if (random() < 0.5) tab.reconnect();
    for (const passage of passages) passage.pass();
    for (const tab of tabs) tab.reconnect();
    await wait(node, 20);
    const texts = tabs.map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    expect(await textIn(node)).toBe(texts[0]);
    const maps = tabs.map(({ doc }) => JSON.stringify(Object.entries(doc.getMap('map').toJSON()).sort()));
    expect(new Set(maps).size).toBe(1);
    expect(tabs.map(({ closed }) => closed)).toEqual(tabs.map(() => undefined));
    for (const tab of tabs) tab.disconnect();
    expect(meetingsIn(node.documents).kept.bytes).toBe(0);
  });
});

test('[PEER11] while they go on writing they are saved all the same', async () => {
  const node = documentNode();
  const tabs = [new SyncClient(node), new SyncClient(node)];
  const passages = passagesOf(tabs);
  tabs[0]?.type('begun ');
  for (const passage of passages) passage.pass();
  tabs[1]?.type('and gone on ');
  for (const passage of passages) passage.pass();
  for (const tab of tabs) tab.connect();
  let saved = 0;
  for (let turn = 0; turn < 200; turn++) {
    tabs[turn % 2]?.type('x');
    for (const passage of passages) passage.pass();
    await settle();
    node.clock.advance(50);
    if (turn % 40 !== 39) continue;
    const { length } = await textIn(node);
    expect(length).toBeGreaterThan(saved);
    saved = length;
  }
  await wait(node, 3);
  expect(await textIn(node)).toBe(`begun and gone on ${'x'.repeat(200)}`);
});

test('[PEER11] however often they took turns, they are put in order in one go', async () => {
  const node = documentNode({ limits: { maxDocumentBytes: 1_000_000, maxPendingBytes: 1_000_000 } });
  const tabs = [new SyncClient(node), new SyncClient(node)];
  const passages = passagesOf(tabs);
  for (let turn = 0; turn < 1_000; turn++) {
    tabs[turn % 2]?.type(`${turn} `);
    for (const passage of passages) passage.pass();
  }
  for (const tab of tabs) tab.connect();
  await wait(node, 2);
  expect(await textIn(node)).toBe(tabs[0]?.text);
  // The one that was there second had to be asked no more; the first was asked once more.
  expect(tabs.map(({ asked }) => asked)).toEqual([2, 1]);
});

test('[PEER12] nobody can write in the name of somebody who is here: neither before him, nor while he waits for others', async () => {
  const node = documentNode();
  const [ann, bob, mallory] = [new SyncClient(node), new SyncClient(node), new SyncClient(node)];
  const passages = passagesOf([ann, bob]);
  bob.type('Bob, ');
  for (const passage of passages) passage.pass();
  ann.type('Ann, ');
  for (const passage of passages) passage.pass();
  // He is here, and has not said yet what he wrote.
  bob.sendStateVector = () => {};
  bob.connect();
  await settle();
  ann.connect();
  await settle();
  // Hers waits for his. Somebody says that she wrote something else, and builds on it.
  const forged = new Y.Doc();
  forged.clientID = ann.doc.clientID;
  forged.getText('text').insert(0, 'Anna says');
  Y.applyUpdate(mallory.doc, Y.encodeStateAsUpdate(forged));
  mallory.type(' what Mallory likes');
  mallory.connect();
  await wait(node, 3);
  expect(await textIn(node)).toBe('');
  const early = mallory.outcomes.at(-1);
  expect(early).toMatchObject({ code: 'missing-dependencies' });
  Reflect.deleteProperty(bob, 'sendStateVector');
  bob.reconnect();
  await wait(node, 10);
  const text = await textIn(node);
  expect(text).toContain('Bob, Ann, ');
  expect(text).not.toContain('Anna');
  for (const { clientId, of } of await rowsOf(node)) expect(of).toEqual(of.length === 0 ? [] : [clientId]);
  ann.type('still herself');
  await wait(node, 2);
  expect(ann.outcomes.at(-1)).toEqual(expect.any(Number));
  // What builds on words that she never wrote lies among those that she did.
  expect((await textIn(node)).replace(' what Mallory likes', '')).toContain('still herself');
});

test('[PEER12] what somebody brings of one who is not here any more is taken', async () => {
  const node = documentNode();
  const [ann, bob] = [new SyncClient(node), new SyncClient(node)];
  const passages = passagesOf([ann, bob]);
  ann.connect();
  bob.connect();
  await settle();
  ann.disconnect();
  ann.type('of one who left, ');
  for (const passage of passages) passage.pass();
  bob.type('of one who stayed');
  await wait(node, 3);
  expect(await textIn(node)).toBe('of one who left, of one who stayed');
  expect(bob.outcomes.some((outcome) => outcome instanceof CoscribeError)).toBe(true);
});

test('[PEER13] whoever fills the room for what waits does so at the cost of no other document', async () => {
  /** How often two are asked until they are saved, who have taken turns past the server. */
  const asked = async (greedy: readonly string[]): Promise<number[]> => {
    const node = documentNode();
    const room = new Meetings({ bytes: 60_000, structs: 1_000 }, { bytes: 100_000, structs: 10_000 });
    const { kept } = meetingsIn(node.documents, room);
    const pairIn = (id: DocumentId, turns: number): [SyncClient, SyncClient] => {
      const tab = () => new SyncClient(node, new Y.Doc(), 'editor', undefined, id);
      const pair: [SyncClient, SyncClient] = [tab(), tab()];
      const passages = passagesOf(pair);
      for (let turn = 0; turn < turns; turn++) {
        pair[turn % 2]?.type('x'.repeat(1_000));
        for (const passage of passages) passage.pass();
      }
      return pair;
    };
    for (const name of greedy) {
      // Waits for somebody who is there and never says what he wrote.
      const [waiting, silent] = pairIn(parseDocumentId(name), 90);
      silent.sendStateVector = () => {};
      silent.connect();
      await settle();
      waiting.connect();
      await settle();
    }
    expect(kept.bytes).toBeGreaterThanOrEqual(40_000 * greedy.length);
    const pair = pairIn(NOTES, 60);
    for (const tab of pair) tab.connect();
    await wait(node, 5);
    expect(await textIn(node)).toHaveLength(60_000);
    // One of the two was enough.
    expect(kept.bytes).toBeGreaterThanOrEqual(greedy.length > 0 ? 40_000 : 0);
    expect(kept.bytes).toBeLessThan(100_000);
    return pair.map((tab) => tab.asked);
  };
  expect(await asked(['greedy/one', 'greedy/two'])).toEqual(await asked([]));
});
