import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Server } from 'socket.io';
import { writeDirectly } from '../../../server/gateway/direct-writes.js';
import { EncodedEvent } from '../../../server/gateway/encoded-event.js';
import type { EngineConnection } from '../../../server/gateway/engine-connection.js';
import { newManager, type TransportName } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A stock Socket.IO client, and the server's end of its connection. */
async function connected(
  transport: TransportName,
  options: object = {},
  prepare: (connection: EngineConnection) => void = () => undefined,
) {
  const http = createServer();
  const io = new Server(http, options);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => io.close());
  const manager = newManager(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, transport);
  const socket = manager.socket('/');
  closers.push(() => manager._close());
  const received: Uint8Array[] = [];
  socket.on('updates', (bytes: Uint8Array) => received.push(new Uint8Array(bytes)));
  socket.connect();
  await until(() => socket.connected, 'the connection');
  const [connection] = Object.values(
    (io.engine as unknown as { clients: Record<string, EngineConnection> }).clients,
  );
  if (connection === undefined) throw new Error('no connection');
  prepare(connection);
  return { connection, received, socket };
}

/** Counts what is written to the network. */
function countWrites({ transport }: EngineConnection): () => number {
  const { _socket: socket } = (transport as { socket: { _socket: NetSocket } }).socket;
  let writes = 0;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = ((...args: unknown[]) => {
    writes++;
    return write(...args);
  }) as NetSocket['write'];
  return () => writes;
}

/** Around the lengths at which a WebSocket frame gets another head. */
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000];

describe('one event for many connections', () => {
  test('[GW20] reaches a stock client over WebSocket, each in one write to the network', async () => {
    const { connection, received } = await connected('websocket');
    const writes = countWrites(connection);
    for (const [position, length] of LENGTHS.entries()) {
      new EncodedEvent('/', 'updates', bytesOf(length)).send(connection);
      await until(() => received.length > position, 'the event');
    }
    expect(received).toEqual(LENGTHS.map(bytesOf));
    expect(writes()).toBe(LENGTHS.length);
  });

  test.each<[string, TransportName, object]>([
    ['polls', 'polling', {}],
    ['compresses', 'websocket', { perMessageDeflate: { threshold: 0 } }],
  ])('[GW20] reaches a stock client that %s', async (_what, transport, options) => {
    const { connection, received } = await connected(transport, options);
    for (const length of LENGTHS) new EncodedEvent('/', 'updates', bytesOf(length)).send(connection);
    await until(() => received.length === LENGTHS.length, 'all events');
    expect(received).toEqual(LENGTHS.map(bytesOf));
  });
});

describe('a connection that is written to directly', () => {
  test('[GW21] takes answers and events in the order in which they were sent, also while its queue is long', async () => {
    const { connection, received, socket } = await connected('websocket', {}, writeDirectly);
    const order: string[] = [];
    socket.onAny((event: string) => order.push(event));
    const expected: string[] = [];
    for (let n = 0; n < 200; n++) {
      const length = n % 10 === 9 ? 500_000 : n;
      connection.write(`2["text ${n} – ✓"]`);
      new EncodedEvent('/', 'updates', bytesOf(length)).send(connection);
      expected.push(`text ${n} – ✓`, 'updates');
    }
    await until(() => order.length === expected.length, 'all of it');
    expect(order).toEqual(expected);
    expect(received.map(({ length }) => length)).toEqual(
      Array.from({ length: 200 }, (_, n) => (n % 10 === 9 ? 500_000 : n)),
    );
  });

  test('[GW21] is asked for nothing that it does not do: polling, callbacks', async () => {
    const { connection, socket } = await connected('polling', {}, writeDirectly);
    const order: string[] = [];
    socket.onAny((event: string) => order.push(event));
    let sent = 0;
    const write = connection.write as (message: string, options: object, done: () => void) => unknown;
    write.call(connection, '2["one"]', {}, () => sent++);
    connection.write('2["two"]');
    await until(() => order.length === 2 && sent === 1, 'both');
    expect(order).toEqual(['one', 'two']);
  });
});

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}
