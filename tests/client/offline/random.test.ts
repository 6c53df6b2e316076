import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { hashContent } from '../../../shared/content-hash.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import type { Random } from '../../../shared/time.js';
import { KeptDevice } from '../../support/kept-device.js';
import { KeptPerson } from '../../support/kept-person.js';
import { LittleServer } from '../../support/little-server.js';
import { between } from '../../support/random.js';
import { forSeedsInTurn } from '../../support/seeds.js';

const HERE = 'tests/client/offline/random.test.ts';

/** Whether a copy lacks anything of an update. */
function lacks(doc: Y.Doc, update: Uint8Array): boolean {
  let isNew = false;
  const note = (): void => {
    isNew = true;
  };
  doc.on('update', note);
  Y.applyUpdate(doc, update);
  doc.off('update', note);
  return isNew || doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}

/** Several tabs of one device, whatever happens to them. */
class World {
  readonly device = new KeptDevice();
  readonly server = new LittleServer();
  readonly tabs: KeptPerson[] = [];
  /** What was written to disk, and must not be lost. */
  readonly kept: Uint8Array[] = [];
  /** What may not have been written yet. */
  #fresh: Uint8Array[] = [];
  readonly #locks: boolean;

  constructor(readonly random: Random) {
    this.#locks = random() < 0.7;
  }

  async open(): Promise<void> {
    if (this.tabs.length === 4) return;
    const doc = new Y.Doc();
    doc.clientID = between(this.random, 1, 2 ** 31);
    const person = new KeptPerson(this.device, this.server, {
      doc,
      online: this.random() < 0.5,
      locks: this.#locks,
    }).listens();
    person.provider.doc.on(
      'update',
      (update: Uint8Array, _o: unknown, _d: Y.Doc, { local }: Y.Transaction) => {
        if (local) this.#fresh.push(update);
      },
    );
    this.tabs.push(person);
    if (this.random() < 0.7) await this.settle();
  }

  async step(): Promise<void> {
    const { random, tabs } = this;
    const tab = tabs[between(random, 0, Math.max(0, tabs.length - 1))];
    const dice = random();
    if (tab === undefined || dice < 0.1) await this.open();
    else if (dice < 0.5) this.edit(tab);
    else if (dice < 0.6) tab.online = !tab.online;
    else if (dice < 0.68) this.server.reachable = !this.server.reachable;
    else if (dice < 0.85) await this.pass(between(random, 0, 3_000));
    else {
      this.tabs.splice(tabs.indexOf(tab), 1);
      if (dice < 0.93) {
        if (random() < 0.5) await this.settle();
        tab.crash();
        // Nobody knows what of it came through.
        this.#fresh = [];
      } else {
        tab.provider.destroy();
        await this.settle();
      }
    }
    if (random() < 0.5) await this.settle();
    this.checkBase();
  }

  edit({ provider }: KeptPerson): void {
    const text = provider.doc.getText('text');
    const at = between(this.random, 0, text.length);
    if (this.random() < 0.3 && text.length > at) text.delete(at, between(this.random, 1, text.length - at));
    else text.insert(at, 'abcdefgh'.slice(0, between(this.random, 1, 8)));
  }

  async settle(): Promise<void> {
    for (const tab of this.tabs) await tab.pass();
    await new Promise((resolve) => setImmediate(resolve));
    this.kept.push(...this.#fresh);
    this.#fresh = [];
  }

  async pass(ms: number): Promise<void> {
    for (const tab of this.tabs) await tab.pass(ms);
    await this.settle();
  }

  /** What is kept never claims more than it has. */
  checkBase(): void {
    for (const { head, base, unsaved } of this.device.places.values()) {
      if (head === undefined) continue;
      const doc = new Y.Doc();
      for (const list of base.values())
        for (const update of decodeUpdateList(list)) Y.applyUpdate(doc, update);
      for (const { update } of unsaved.values()) Y.applyUpdate(doc, update);
      for (const row of this.server.rows.slice(0, head.seq)) expect(lacks(doc, row)).toBe(false);
    }
  }

  async finish(): Promise<void> {
    const { server, tabs } = this;
    await this.settle();
    server.reachable = true;
    await this.open();
    for (const tab of tabs) {
      tab.online = true;
      tab.provider.connect();
    }
    for (let n = 0; n < 60 && !this.isDone; n++) await this.pass(1_000);
    await this.pass(3_000);
  }

  get isDone(): boolean {
    return this.tabs.every(({ provider }) => provider.synced && provider.unsavedChanges === 0);
  }
}

describe('tabs that open, close, crash, and lose the network', () => {
  test('[OFF3] [OFF4] [TABS1] lose nothing that was kept, double nothing, and end up alike', async () => {
    await forSeedsInTurn(40, HERE, async (random) => {
      const world = new World(random);
      const { server, device, tabs } = world;
      for (let n = between(random, 10, 60); n > 0; n--) await world.step();
      await world.finish();
      expect(tabs.map(({ provider }) => [provider.status, provider.unsavedChanges])).toEqual(
        tabs.map(() => ['synced', 0]),
      );
      for (const update of world.kept) expect(lacks(server.doc, update)).toBe(false);
      for (const { provider } of tabs) expect(hashContent(provider.doc)).toBe(hashContent(server.doc));
      expect(tabs.flatMap(({ rejected, replaced }) => [...rejected, ...replaced])).toEqual([]);
      expect(device.everything.unsaved).toEqual([]);
      world.checkBase();
      expect(server.refused.filter((code) => code !== 'missing-dependencies')).toEqual([]);
      expect(server.refused.length).toBeLessThan(200);
      const { received } = server;
      await world.pass(5_000);
      expect(server.received).toBe(received);
      for (const tab of tabs) await tab.close();
      expect(device.locks.size).toBe(0);
      expect(device.lines.size).toBe(0);
    });
  });
});
