import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as encoding from 'lib0/encoding';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
const open: RawClient[] = [];

beforeEach(async () => {
  server = await startGateway({
    unloadAfterMs: 60_000,
    compaction: {
      atRows: 20,
      atBytes: 1_000_000,
      everyMs: 0,
      onUnloadAtRows: 1_000,
      onUnloadAtBytes: 1_000_000,
      keepRows: 30,
    },
  });
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await server.stop();
});

async function joined(): Promise<RawClient> {
  const client = await RawClient.joined(server.url);
  open.push(client);
  return client;
}

function state(clientId: number, clock: number, json: string): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, clientId, clock]) encoding.writeVarUint(encoder, number);
  encoding.writeVarString(encoder, json);
  return encoding.toUint8Array(encoder);
}

/** What a client that is told all this knows of the others. */
function known(...updates: readonly unknown[]): Map<number, Record<string, unknown>> {
  const awareness = new awarenessProtocol.Awareness(new Y.Doc());
  awareness.setLocalState(null);
  for (const update of updates) {
    awarenessProtocol.applyAwarenessUpdate(awareness, update as Uint8Array, undefined);
  }
  awareness.destroy();
  return awareness.getStates() as Map<number, Record<string, unknown>>;
}

describe('clientIDs', () => {
  test('[GW12] a clientID that another key uses is refused, in use or only in the log', async () => {
    const owner = await joined();
    await owner.type('mine');
    const thief = await RawClient.connect(server.url);
    open.push(thief);
    const request = { clientId: owner.doc.clientID };
    expect(await thief.join(request)).toMatchObject({ ok: false, error: { code: 'client-id-in-use' } });
    owner.close();
    await until(
      () => (server.io._nsps.get('/docs/acme/notes')?.sockets.size ?? 0) === 1,
      'the owner to leave',
    );
    expect(await thief.join(request)).toMatchObject({ ok: false, error: { code: 'client-id-in-use' } });
    expect(await thief.join()).toMatchObject({ ok: true });
  });

  test('[GW12] the same key takes its own place: the old session is told session-replaced', async () => {
    const old = await joined();
    const back = await RawClient.connect(server.url);
    open.push(back);
    const farewell = old.next('bye');
    const request = { clientId: old.doc.clientID, clientKey: old.clientKey };
    expect(await back.join(request)).toMatchObject({ ok: true });
    expect(await farewell).toMatchObject([{ code: 'session-replaced' }, expect.any(Number)]);
    await until(() => !old.socket.connected, 'the disconnect');
    expect(await back.update(Uint8Array.of(0, 0))).toMatchObject({ ok: true });
  });

  test('[GW12] a join that is overtaken by another with the same key does not push that one out', async () => {
    const { store } = server;
    const slow = await joined();
    store.hold();
    const pending = slow.update(Uint8Array.of(0, 0));
    await until(() => store.appends === 1, 'the update to be under way');
    const request = { clientId: slow.doc.clientID, clientKey: slow.clientKey };
    const fast = await RawClient.connect(server.url);
    open.push(fast);
    const winner = fast.join(request);
    await fast.settled();
    const overtaken = slow.join();
    await slow.settled();
    slow.socket.disconnect();
    await until(() => server.io._nsps.get('/docs/acme/notes')?.sockets.size === 1, 'the slow one to leave');
    store.release();
    await Promise.allSettled([pending, overtaken]);
    expect(await winner).toMatchObject({ ok: true });
    expect(await fast.update(Uint8Array.of(0, 0))).toMatchObject({ ok: true });
    expect(fast.got('bye')).toEqual([]);
  });
});

describe('awareness', () => {
  test('[GW13] what is no small state of the sender himself is refused, and nobody hears of it', async () => {
    const [other, client] = [await joined(), await joined()];
    const me = client.doc.clientID;
    const two = encoding.createEncoder();
    encoding.writeVarUint(two, 2);
    const junk = [
      state(other.doc.clientID, 1, '{}'),
      state(other.doc.clientID, 2 ** 31, 'null'),
      state(me, 1, JSON.stringify({ user: 'x'.repeat(1_100) })),
      state(me, 1, '{"a":{"b":{"c":{"d":{}}}}}'),
      state(me, 1, '['.repeat(500)),
      state(me, 1, '{'),
      state(me, 1, ''),
      state(me, 1, '7'),
      state(me, 1, '[]'),
      state(me, 2 ** 31, '{}'),
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(1, 2),
      Uint8Array.from([...state(me, 1, '{}'), 0]),
      encoding.toUint8Array(two),
    ];
    for (const [at, update] of junk.entries()) {
      client.socket.emit('awareness', update);
      await until(() => client.refusals.length === at + 1, `a refusal of number ${at}`);
    }
    expect(new Set(client.refusals)).toEqual(new Set(['awareness-refused']));
    client.socket.emit('awareness', state(me, 2, '{"n":1}'));
    await other.next('awareness');
    expect(other.got('awareness')).toHaveLength(1);
    expect([...known(other.got('awareness')[0]?.[0])]).toEqual([[me, { n: 1 }]]);
  });

  test('[GW13] of a flood of 10,000 states others get about 20 a second, the last among them', async () => {
    const [other, client] = [await joined(), await joined()];
    const me = client.doc.clientID;
    const start = performance.now();
    for (let n = 1; n <= 10_000; n++) client.socket.emit('awareness', state(me, n, `{"n":${n}}`));
    await until(
      () => known(...other.got('awareness').map(([update]) => update)).get(me)?.n === 10_000,
      'the last state',
    );
    const seconds = (performance.now() - start) / 1_000;
    expect(other.got('awareness').length).toBeLessThanOrEqual(Math.ceil(seconds * 25) + 1);
  });

  test('[GW13] names are cleaned; whoever joins is told of everybody, and everybody of whoever leaves', async () => {
    const [one, two] = [await joined(), await joined()];
    const name = 'Eve\u202e\u0000\u2066\nadmin';
    one.socket.emit(
      'awareness',
      state(one.doc.clientID, 1, JSON.stringify({ user: { name, color: 'url(x)' } })),
    );
    two.socket.emit('awareness', state(two.doc.clientID, 1, '{"user":{"name":"Bob","color":"#123456"}}'));
    await until(() => two.got('awareness').length > 0, 'the states');
    const late = await RawClient.connect(server.url);
    open.push(late);
    const reply = await late.join();
    const everybody = known(reply.ok ? reply.awareness : undefined);
    expect(new Set(everybody.keys())).toEqual(new Set([one.doc.clientID, two.doc.clientID]));
    expect(everybody.get(one.doc.clientID)?.user).toEqual({
      name: 'Eve admin',
      color: expect.stringMatching(/^#[0-9a-f]{6}$/),
    });
    expect(everybody.get(two.doc.clientID)?.user).toEqual({ name: 'Bob', color: '#123456' });
    one.close();
    await late.next('awareness');
    const told = late.got('awareness').map(([update]) => update);
    expect([...known(reply.ok ? reply.awareness : undefined, ...told).keys()]).toEqual([two.doc.clientID]);
  });
});

describe('what a join brings', () => {
  async function rejoin(request: { generation?: string; seq?: number }): Promise<number> {
    const client = await RawClient.connect(server.url);
    open.push(client);
    const reply = await client.join(request);
    if (!reply.ok) throw new CoscribeError(reply.error.code);
    return decodeUpdateList(reply.content).length;
  }

  test('[GW14] what came after seq, also when it was compacted; the whole document when that is too long ago', async () => {
    const writer = await joined();
    const { generation } = await server.store.open('acme/notes' as never, 0);
    for (let i = 1; i <= 100; i++) await writer.type(`${i} `);
    const { snapshotSeq, firstRow } = await server.store.open('acme/notes' as never, 0);
    expect(snapshotSeq).toBeGreaterThan(40);
    expect(firstRow).toBeGreaterThan(5);
    expect(await rejoin({ generation, seq: 100 })).toBe(0);
    expect(await rejoin({ generation, seq: 97 })).toBe(3);
    expect(await rejoin({ generation, seq: firstRow })).toBe(100 - firstRow);
    const late = await RawClient.connect(server.url);
    open.push(late);
    const reply = await late.join({ generation, seq: 2 });
    expect(reply).toMatchObject({ ok: true, head: 100, generation });
    expect(late.text).toBe(writer.text);
    expect(await rejoin({})).toBeLessThan(60);
  });

  test('[GW14] another generation, or a seq that the log does not have, is refused with generation-changed', async () => {
    const writer = await joined();
    await writer.type('x');
    await expect(rejoin({ generation: 'another', seq: 1 })).rejects.toMatchObject({
      code: 'generation-changed',
    });
    await expect(rejoin({ generation: 'generation-1', seq: 2 })).rejects.toMatchObject({
      code: 'generation-changed',
    });
    expect(await rejoin({ generation: 'generation-1', seq: 1 })).toBe(0);
  });

  test('[GW14] whoever made all of a frame gets none; the others get every number once and in order', async () => {
    const [one, two, reader] = [await joined(), await joined(), await joined()];
    const typed = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one : two).type(`${i} `)),
    );
    const numbers = typed.map((reply) => (reply.ok ? reply.seq : -1)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await until(() => reader.seq === 100, 'the last number');
    await until(() => one.text === reader.text && two.text === reader.text, 'equal texts');
    const before = one.got('updates').length;
    await one.type('alone');
    await until(() => two.text === one.text, 'the text');
    await one.settled();
    expect(one.got('updates')).toHaveLength(before);
  });
});
