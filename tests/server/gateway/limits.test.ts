import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeProvider } from '../../../client/provider.js';
import type { Refused } from '../../../shared/protocol.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { newManager, RawClient, refusalOf } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
const open: { close(): void }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await server.stop();
});

async function joined(document = 'acme/notes', manager = newManager(server.url)): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { document, manager });
  open.push(client);
  return client;
}

function codes(replies: readonly unknown[]): unknown[] {
  return replies.map((reply) => (reply as Partial<Refused>).error?.code ?? 'ok');
}

describe('updates beyond the limits', () => {
  test('[LIMIT4] are refused for the time being, and go in later as they are', async () => {
    server = await startGateway({ gatewayLimits: { maxUpdatesPerSecond: 20, updateBurst: 5 } });
    const client = await joined();
    const updates = Array.from({ length: 8 }, (_, i) => client.edit((text) => text.insert(i, 'x')));
    const replies = await Promise.all(updates.map((update) => client.update(update)));
    expect(codes(replies)).toEqual([...Array(5).fill('ok'), ...Array(3).fill('too-many-updates')]);
    expect(replies[5]).toMatchObject({ error: { retryable: true } });
    expect(server.refused.filter((one) => one === 'update too-many-updates')).toHaveLength(3);
    for (const update of updates.slice(5)) {
      let reply = await client.update(update);
      while (!reply.ok) reply = await client.update(update);
    }
    expect((await joined()).text).toBe('xxxxxxxx');
  });

  test('[LIMIT4] bytes likewise, over all documents of a connection, and of this connection only', async () => {
    server = await startGateway({ gatewayLimits: { maxBytesPerSecond: 1_024, bytesBurst: 10_000 } });
    const manager = newManager(server.url);
    const [one, two] = [await joined('acme/one', manager), await joined('acme/two', manager)];
    const other = await joined('acme/one');
    expect(await one.type('x'.repeat(6_000))).toMatchObject({ ok: true });
    expect(codes([await two.type('x'.repeat(6_000))])).toEqual(['too-many-updates']);
    expect(await other.type('x'.repeat(6_000))).toMatchObject({ ok: true });
  });

  test('[LIMIT4] lose nothing of what our client sends, which asks less often then', async () => {
    server = await startGateway({ gatewayLimits: { maxUpdatesPerSecond: 5, updateBurst: 3 } });
    const provider = new CoscribeProvider({ url: server.url, document: 'acme/notes' });
    open.push({ close: () => provider.destroy() });
    await until(() => provider.synced, 'the provider to be synced');
    const text = provider.doc.getText('text');
    for (let i = 0; i < 60; i++) {
      text.insert(text.length, `${i % 10}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => provider.unsavedChanges === 0, 'everything to be saved');
    expect((await joined()).text).toBe(text.toString());
    expect(server.refused).toContain('update too-many-updates');
  });
});

describe('joins beyond the limits', () => {
  test('[LIMIT5] are refused for the time being, and the session goes on', async () => {
    server = await startGateway({ gatewayLimits: { maxJoinsPerSecond: 1, joinBurst: 5 } });
    const client = await joined();
    const replies = [];
    for (let i = 0; i < 6; i++) replies.push(await client.join());
    expect(codes(replies)).toEqual(['ok', 'ok', 'ok', ...Array(3).fill('too-many-joins')]);
    expect(replies[5]).toMatchObject({ error: { retryable: true } });
    expect(await client.type('still in')).toMatchObject({ ok: true });
  });
});

describe('awareness beyond the limits', () => {
  test('[LIMIT6] waits, and of what waits the newest is shown', async () => {
    server = await startGateway({ gatewayLimits: { maxAwarenessPerSecond: 4, awarenessBurst: 2 } });
    const [client, watcher] = [await joined(), await joined()];
    const seen: number[] = [];
    watcher.socket.on('awareness', (update: Uint8Array) => {
      seen.push(
        ...Array.from(
          Buffer.from(update)
            .toString()
            .matchAll(/"n":(\d+)/g),
          ([, n]) => Number(n),
        ),
      );
    });
    const begin = performance.now();
    for (let n = 1; n <= 100; n++) {
      const json = Buffer.from(JSON.stringify({ n }));
      client.socket.emit('awareness', presence(client.doc.clientID, n, json));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => seen.at(-1) === 100, 'the newest state');
    const seconds = (performance.now() - begin) / 1000;
    expect(seen.length).toBeLessThanOrEqual(2 + 4 * seconds + 1);
    expect(client.refusals).toEqual([]);
  });

  test('[LIMIT6] is not shown of somebody who has left meanwhile', async () => {
    server = await startGateway({ gatewayLimits: { maxAwarenessPerSecond: 4, awarenessBurst: 1 } });
    const [client, watcher] = [await joined(), await joined()];
    for (let n = 1; n <= 2; n++)
      client.socket.emit('awareness', presence(client.doc.clientID, n, Buffer.from(JSON.stringify({ n }))));
    await watcher.next('awareness');
    client.close();
    await watcher.next('awareness');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const text = watcher.got('awareness').map(([update]) => Buffer.from(update as Uint8Array).toString());
    expect(text.some((one) => one.includes('"n":2'))).toBe(false);
  });
});

describe('a node that is late with its work', () => {
  test('[LIMIT8] refuses connections and joins, serves those who are in, and recovers by itself', async () => {
    let busy = false;
    server = await startGateway({ busy: () => busy });
    const inside = await joined();
    const waiting = await RawClient.connect(server.url);
    open.push(waiting);
    busy = true;
    const refusal = await refusalOf(RawClient.connect(server.url));
    expect(refusal.data).toMatchObject({ code: 'server-busy', retryable: true });
    expect(codes([await waiting.join()])).toEqual(['server-busy']);
    expect(await inside.type('on')).toMatchObject({ ok: true });
    expect(codes([await inside.join()])).toEqual(['ok']);
    expect(server.refused.filter((one) => one.endsWith(' server-busy'))).toHaveLength(2);
    const provider = new CoscribeProvider({ url: server.url, document: 'acme/notes' });
    open.push({ close: () => provider.destroy() });
    await until(
      () => server.refused.filter((one) => one.endsWith(' server-busy')).length > 3,
      'more attempts',
    );
    busy = false;
    await until(() => provider.synced, 'the provider to get in');
    expect(await waiting.join()).toMatchObject({ ok: true });
  });
});

test('[LIMIT4] what is refused because of a limit changes nothing in the document', async () => {
  server = await startGateway({ gatewayLimits: { maxUpdatesPerSecond: 1, updateBurst: 1 } });
  const client = await joined();
  await client.type('a');
  expect(codes([await client.type('b')])).toEqual(['too-many-updates']);
  const fresh = await joined();
  expect(fresh.text).toBe('a');
  expect(Y.encodeStateVector(fresh.doc).length).toBeGreaterThan(1);
});

/** A y-protocols awareness update of one client. */
function presence(clientId: number, clock: number, json: Buffer): Uint8Array {
  const id: number[] = [];
  for (let rest = clientId; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      id.push(rest);
      break;
    }
    id.push((rest % 128) | 128);
  }
  return Buffer.concat([Buffer.from([1, ...id, clock, json.length]), json]);
}
