import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
/** Network connections that the server has open. */
const sockets = new Set<object>();
const open: RawWebSocket[] = [];

beforeEach(async () => {
  server = await startGateway({
    compaction: {
      atRows: 20,
      atBytes: 1_000_000,
      everyMs: 0,
      onUnloadAtRows: 100,
      onUnloadAtBytes: 1_000_000,
      keepRows: 100,
    },
  });
  sockets.clear();
  server.io.httpServer.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
});

afterEach(async () => {
  // A connection that reads nothing does not even notice that it is closed.
  for (const socket of open.splice(0)) socket.terminate();
  await server.stop();
});

async function silent(url: string, clientId?: number): Promise<RawWebSocket> {
  const raw =
    clientId === undefined
      ? await RawWebSocket.open(url)
      : await RawWebSocket.inDocument(url, 'acme/notes', clientId);
  open.push(raw);
  raw.pause();
  return raw;
}

/** Bytes that wait for a connection in this process: in engine.io, and in the network socket below. */
function queued(sid: string, { io } = server): number {
  const connection = (io.engine as unknown as { clients: Record<string, Connection | undefined> }).clients[
    sid
  ];
  const inEngine = (connection?.writeBuffer ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return inEngine + (connection?.transport.socket?._socket?.writableLength ?? 0);
}

interface Connection {
  readonly writeBuffer: readonly { readonly data?: { readonly length: number } }[];
  readonly transport: { readonly socket?: { readonly _socket?: { readonly writableLength: number } | null } };
}

function sidOf(raw: RawWebSocket): string {
  return /"sid":"([^"]+)"/.exec(raw.text)?.[1] ?? '';
}

/** Writes and deletes until the server has sent so many bytes to everybody; returns the most that waited for `sid`. */
async function writeMuch(writer: RawClient, bytes: number, sid: string): Promise<number> {
  let most = 0;
  for (let sent = 0; sent < bytes; sent += 100_000) {
    const reply = await writer.update(
      writer.edit((text) => {
        text.delete(0, text.length);
        text.insert(0, 'x'.repeat(100_000));
      }),
    );
    if (!reply.ok) throw new Error(reply.error.message);
    most = Math.max(most, queued(sid));
  }
  return most;
}

describe('somebody who stops reading', () => {
  test('[GW15] little is kept for him, others are served; once he reads he is told to join again', async () => {
    const writer = await RawClient.joined(server.url);
    const reader = await RawClient.joined(server.url);
    const slow = await silent(server.url, 5);
    expect(await writeMuch(writer, 12_000_000, sidOf(slow))).toBeLessThan(2_000_000);
    await until(() => reader.seq === 120, 'the other to have everything');
    slow.resume();
    await until(() => slow.text.includes('["resync",{"code":"too-slow"'), 'the resync');
    const frames = slow.text.split('["updates"').length - 1;
    expect(frames).toBeLessThan(120);
    await writer.type('after the resync');
    await writer.settled();
    expect(slow.text.split('["updates"').length - 1).toBe(frames);

    slow.send('42/docs/acme/notes,1["join",{"clientId":5,"clientKey":"the raw key of 5"}]');
    await until(() => slow.text.includes(',1['), 'the answer to the join');
    await writer.type('!');
    await until(() => slow.text.split('["updates"').length - 1 === frames + 1, 'the stream to go on');
    for (const client of [writer, reader]) client.close();
  });

  test('[GW15] who does not read for ten seconds loses the connection, and nothing is kept for it', async () => {
    const writer = await RawClient.joined(server.url);
    const slow = await silent(server.url, 5);
    const sid = sidOf(slow);
    await writeMuch(writer, 12_000_000, sid);
    expect(queued(sid)).toBeGreaterThan(0);
    await until(() => server.io.engine.clientsCount === 1, 'the connection to be closed');
    expect(server.io._nsps.get('/docs/acme/notes')?.sockets.size).toBe(1);
    expect(queued(sid)).toBe(0);
    // Not a goodbye that waits behind what is not read: the network connection itself is gone.
    await until(() => sockets.size === 1, 'its network connection to be gone');
    expect(await writer.type('on')).toMatchObject({ ok: true });
    writer.close();
  });

  test('[GW16] who asks for a large document again and again and reads nothing is not given more', async () => {
    const writer = await RawClient.joined(server.url);
    for (let i = 0; i < 10; i++) await writer.type('x'.repeat(200_000));
    const greedy = await silent(server.url, 5);
    const sid = sidOf(greedy);
    let most = 0;
    for (let i = 0; i < 40; i++) {
      greedy.send(`42/docs/acme/notes,${i}["join",{"clientId":5,"clientKey":"the raw key of 5"}]`);
      await writer.settled();
      most = Math.max(most, queued(sid));
    }
    expect(most).toBeLessThan(4 * 1024 * 1024 + 2 * 2_100_000);
    writer.close();
  });

  test('[GW16] who has much refused and reads nothing is not answered without end, or loses the connection', async () => {
    const small = await startGateway({ limits: { maxDocumentBytes: 20_000, maxUpdateBytes: 10_000 } });
    const greedy = await silent(small.url, 5);
    for (let i = 0; i < 80_000; i++) greedy.send(`42/docs/acme/notes,["nonsense",${i}]`);
    const writer = await RawClient.joined(small.url);
    let most = 0;
    for (let i = 0; i < 100; i++) {
      await writer.type('x');
      most = Math.max(most, queued(sidOf(greedy), small));
    }
    expect(most).toBeLessThan(100_000);
    writer.close();
    greedy.terminate();
    await until(() => small.io.engine.clientsCount === 0, 'both to be gone');

    const long = await silent(small.url);
    const name = `/docs/${'x'.repeat(15_000)},`;
    for (let i = 0; i < 1_000; i++) long.send(`40${name}`);
    await until(() => small.io.engine.clientsCount === 0, 'the connection to be closed');
    long.terminate();
    await small.stop();
  });
});
