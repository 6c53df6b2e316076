import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Address, WebSocketClient } from '../../../load/wire/websocket-client.js';
import { until } from '../../support/until.js';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 300_000];

let server: WebSocketServer;
let address: Address;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});

afterAll(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

function open(path: string, at = address) {
  const got = { opened: false, texts: [] as string[], binaries: [] as Buffer[], closed: [] as string[] };
  const client = new WebSocketClient(at, path, {
    open: () => {
      got.opened = true;
    },
    text: (message) => got.texts.push(message.toString()),
    binary: (message) => got.binaries.push(Buffer.from(message)),
    closed: (reason) => got.closed.push(reason),
  });
  return { client, got };
}

async function openBoth(path: string) {
  const accepted = once(server, 'connection') as Promise<[WebSocket, { url: string }]>;
  const ours = open(path);
  const [theirs, { url }] = await accepted;
  await until(() => ours.got.opened, 'the handshake');
  return { ...ours, theirs, url };
}

describe('the WebSocket client', () => {
  test('[BENCH2] it speaks with a WebSocket server in messages of all sizes, both ways', async () => {
    const { client, got, theirs, url } = await openBoth('/a?b=c');
    expect(url).toBe('/a?b=c');
    const theirsGot: string[] = [];
    theirs.on('message', (data: Buffer, isBinary: boolean) =>
      theirsGot.push(isBinary ? `${data.length} bytes ${data.every((byte) => byte === 9)}` : data.toString()),
    );
    for (const size of SIZES) client.sendBinary(Buffer.alloc(size, 9));
    client.sendText('grüße');
    client.sendTextAndBinary('both', Buffer.alloc(200, 9));
    await until(() => theirsGot.length === SIZES.length + 3, 'all messages');
    expect(theirsGot).toEqual([
      ...SIZES.map((size) => `${size} bytes true`),
      'grüße',
      'both',
      '200 bytes true',
    ]);

    for (const size of SIZES) theirs.send(Buffer.alloc(size, 8));
    theirs.send('hello');
    await until(() => got.texts.length === 1, 'all answers');
    expect(got.binaries.map(({ length }) => length)).toEqual(SIZES);
    expect(got.binaries.every((bytes) => bytes.every((byte) => byte === 8))).toBe(true);
    client.close();
  });

  test('[BENCH2] it answers pings, and tells once why the connection is gone', async () => {
    const first = await openBoth('/');
    const pong = once(first.theirs, 'pong') as Promise<[Buffer]>;
    first.theirs.ping('are you there');
    expect(String((await pong)[0])).toBe('are you there');
    first.theirs.close(4403, 'not you');
    await until(() => first.got.closed.length > 0, 'the end');
    expect(first.got.closed).toEqual(['the server closed with 4403 not you']);

    const second = await openBoth('/');
    const goodbye = once(second.theirs, 'close') as Promise<[number]>;
    second.client.close();
    await until(() => second.got.closed.length > 0, 'the end');
    expect(second.got.closed).toEqual(['closed by the generator']);
    await goodbye;
  });

  test('[BENCH2] a server that does not speak WebSocket, or is not there, is told', async () => {
    const http = createServer((socket) => socket.resume().end('HTTP/1.1 404 Not Found\r\n\r\n'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const { got } = open('/', { host: '127.0.0.1', port });
    await until(() => got.closed.length > 0, 'the refusal');
    expect(got.closed).toEqual(['the server answered HTTP/1.1 404 Not Found']);
    http.close();
    await once(http, 'close');
    const nobody = open('/', { host: '127.0.0.1', port });
    await until(() => nobody.got.closed.length > 0, 'the refusal');
    expect(nobody.got.closed).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});
