import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { AppendBatch, AppendResult } from '../../server/storage/store.js';
import { parseDocumentId } from '../../shared/ids.js';
import type { Random } from '../../shared/time.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import {
  HOCUSPOCUS_VERSIONS,
  type HocuspocusClient,
  HocuspocusConnection,
} from '../support/hocuspocus-client.js';
import { RawClient } from '../support/raw-client.js';
import { between, forSeedsInTurn } from '../support/seeds.js';
import { until } from '../support/until.js';

const NOTES = parseDocumentId('acme/notes');
/** So few that a burst of a person who types offline is too much. */
const NARROW = { maxUpdatesPerSecond: 40, updateBurst: 6 };

/** Knows at each moment what is stored. */
class WatchedStore extends GatedStore {
  readonly stored = new Y.Doc();

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const results = await super.append(batches);
    for (const { rows } of batches) for (const { update } of rows) Y.applyUpdate(this.stored, update);
    return results;
  }

  /** Whether everything in a copy is stored, its deletions included. */
  has(copy: Y.Doc): boolean {
    const merged = new Y.Doc();
    Y.applyUpdate(merged, Y.encodeStateAsUpdate(this.stored));
    const before = [merged.getText('text').toString(), Y.encodeStateVector(merged)];
    Y.applyUpdate(merged, Y.encodeStateAsUpdate(copy));
    const after = [merged.getText('text').toString(), Y.encodeStateVector(merged)];
    return JSON.stringify(before) === JSON.stringify(after);
  }
}

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

interface World {
  readonly server: GatewayServer;
  readonly store: WatchedStore;
  readonly connection: HocuspocusConnection;
  readonly client: HocuspocusClient;
  /** Moments at which the provider said that all was saved and it was not. */
  readonly lies: string[];
  /** It is not connected, and had answered before. */
  mayErase: boolean;
}

async function world(
  version: (typeof HOCUSPOCUS_VERSIONS)[number],
  limits: Partial<typeof NARROW> = {},
  isSlowToken = false,
): Promise<World> {
  const store = new WatchedStore();
  const server = await startGateway({ store, gatewayLimits: limits, unloadAfterMs: 60_000 });
  ended.push(() => server.stop());
  const connection = new HocuspocusConnection(version, server.url);
  ended.push(() => connection.destroy());
  const token = isSlowToken ? async () => pause(5, 'a token') : 'a token';
  const client = connection.open(NOTES, { token });
  const lies: string[] = [];
  client.provider.on('unsyncedChanges', () => {
    if (!client.provider.hasUnsyncedChanges && !store.has(client.doc))
      lies.push(
        `said "saved" of ${JSON.stringify(client.text)}, ${JSON.stringify(store.stored.getText('text'))} is`,
      );
  });
  return { server, store, connection, client, lies, mayErase: false };
}

async function goOffline(made: World): Promise<void> {
  const { connection, client } = made;
  made.mayErase = client.provider.synced;
  connection.connection.disconnect();
  await until(() => connection.connection.status === 'disconnected', 'it to be offline');
}

describe.each(HOCUSPOCUS_VERSIONS)('what the provider %s says of itself', (version) => {
  test('[HOCUS3] is that something is unsaved as long as the store is away, and that all is saved once it is', async () => {
    const { store, client, lies } = await world(version);
    await until(() => client.isSaved, 'it to be in');
    store.hold();
    client.type('Hello');
    client.erase(1);
    await until(() => store.appends > 0, 'the store to be asked');
    await pause(20);
    expect(client.provider.unsyncedChanges).toBe(2);
    store.release();
    await until(() => client.isSaved, 'all to be saved');
    expect([client.provider.unsyncedChanges, store.has(client.doc), lies]).toEqual([0, true, []]);
  });

  test('[HOCUS4] stays true over edits that are refused because they come too fast', async () => {
    const { server, client, lies } = await world(version, NARROW);
    await until(() => client.isSaved, 'it to be in');
    for (let at = 0; at < 40; at++) client.type(`${at} `);
    client.erase(2);
    await until(() => client.isSaved, 'all to be saved');
    expect([client.provider.unsyncedChanges, lies]).toEqual([0, []]);
    expect(server.refused).toContain('update too-many-updates');
    const other = await RawClient.joined(server.url, { document: NOTES });
    expect(other.text).toBe(client.text);
    other.close();
  });

  test('[HOCUS4] stays true over what was written, and deleted, while it was not connected', async () => {
    const made = await world(version, {}, true);
    const { client, connection, store, lies } = made;
    await until(() => client.isSaved, 'it to be in');
    client.type('Hello');
    await until(() => client.isSaved, 'all to be saved');
    await goOffline(made);
    client.type(' world');
    client.erase(1);
    client.type('!');
    client.erase(1);
    store.hold();
    void connection.connection.connect();
    await until(() => client.provider.synced, 'it to be back');
    await pause(20);
    expect(client.provider.hasUnsyncedChanges).toBe(true);
    store.release();
    await until(() => client.isSaved, 'all to be saved');
    client.type('more');
    expect(client.provider.hasUnsyncedChanges).toBe(true);
    await until(() => client.isSaved, 'that to be saved as well');
    expect([client.provider.unsyncedChanges, store.has(client.doc), lies]).toEqual([0, true, []]);
  });

  test('[HOCUS3] [HOCUS4] is true at every moment, whatever happens', async () => {
    await forSeedsInTurn(2, 'tests/conformance/hocuspocus-unsynced', async (random) => {
      const made = await world(version, NARROW, random() < 0.5);
      const { client, connection, store, lies } = made;
      await until(() => client.isSaved, 'it to be in');
      for (let step = 0; step < 40; step++) await act(made, random);
      store.release();
      if (connection.connection.status === 'disconnected') void connection.connection.connect();
      await until(() => client.isSaved, 'all to be saved');
      expect([lies, client.provider.unsyncedChanges, store.has(client.doc)]).toEqual([[], 0, true]);
      for (const end of ended.splice(0).reverse()) await end();
    });
  });
});

async function act(made: World, random: Random): Promise<void> {
  const { client, connection, store } = made;
  const { status } = connection.connection;
  const isConnected = status === 'connected';
  switch (between(random, 0, 9)) {
    case 0:
      store.release();
      store.hold();
      break;
    case 1:
    case 2:
      store.release();
      break;
    case 3:
      if (isConnected) await goOffline(made);
      break;
    case 4:
      made.mayErase = false;
      if (status === 'disconnected') void connection.connection.connect();
      break;
    case 5:
      // While it connects nobody can tell whether it counts a deletion: it may say "unsaved" for too long then.
      if (client.text.length > 2 && (isConnected ? client.provider.synced : made.mayErase)) client.erase(1);
      break;
    case 6:
      await pause(between(random, 1, 20));
      break;
    default:
      for (let left = between(random, 1, 12); left > 0; left--) client.type('ab');
      await pause(between(random, 0, 3));
  }
}
