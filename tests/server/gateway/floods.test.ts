import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { HonestPair } from '../../support/honest-pair.js';
import { ask } from '../../support/raw-http.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

const NS = '/docs/acme/flood,';
const POLL = '/socket.io/?EIO=4&transport=polling';

/** A tenth of the defaults, so that a flood is over soon. */
const LIMITS = {
  maxUpdatesPerSecond: 50,
  updateBurst: 200,
  maxBytesPerSecond: 128 * 1024,
  bytesBurst: 1024 * 1024,
  maxJoinsPerSecond: 2,
  joinBurst: 20,
  maxAwarenessPerSecond: 3,
  awarenessBurst: 5,
};
/** What `paceLimits` makes of them. */
const PACKETS_PER_SECOND = 4 * (50 + 2 + 3);
const PACKET_BURST = 2 * (200 + 20 + 5);
const BYTES_PER_SECOND = 2 * LIMITS.maxBytesPerSecond;
/** One read from the network, and what the operating system holds at both ends, are beyond what anybody can refuse. */
const ONE_READ_BYTES = 64 * 1024;

let server: GatewayServer;
let packets = 0;
let bytes = 0;

beforeEach(async () => {
  server = await startGateway({ gatewayLimits: LIMITS });
  packets = 0;
  bytes = 0;
});

afterEach(() => server.stop());

/** Counts what the server takes of the next connection. */
function countNext(): void {
  server.io.engine.once(
    'connection',
    (connection: { on(event: 'packet', listener: (packet: { data?: string | Buffer }) => void): void }) => {
      connection.on('packet', ({ data }) => {
        packets++;
        bytes += data?.length ?? 0;
      });
    },
  );
}

const JSON_1E308 = `42${NS}["x",[${'1e308,'.repeat(20_000)}1]]`;

/** So many messages of a kind, in one write or a few. */
const FLOODS: [string, number, (raw: RawWebSocket, n: number) => void][] = [
  ['unknown events', 20_000, (raw) => raw.send(`42${NS}["x"]`)],
  [
    'updates that are none',
    10_000,
    (raw, n) => {
      raw.send(`451-${NS}${n}["update",{"_placeholder":true,"num":0},"live"]`);
      raw.send(Uint8Array.of(1, 2, 3));
    },
  ],
  [
    'awareness',
    10_000,
    (raw, n) => {
      raw.send(`451-${NS}["awareness",{"_placeholder":true,"num":0}]`);
      raw.send(Buffer.concat([Buffer.from([1, 7, n % 100, 2]), Buffer.from('{}')]));
    },
  ],
  [
    'joins',
    10_000,
    (raw, n) => raw.send(`42${NS}${n}["join",{"clientId":7,"clientKey":"the raw key of 7"}]`),
  ],
  ['connections to documents', 5_000, (raw, n) => raw.send(`40/docs/acme/f${n},{"protocol":1}`)],
  ['connections to no documents', 5_000, (raw, n) => raw.send(`40/docs/acme/*${n},{"protocol":1}`)],
  ['answers to pings', 50_000, (raw) => raw.send('3')],
  ['packets that do nothing', 50_000, (raw) => raw.send('6')],
  ['large texts', 100, (raw) => raw.send(`42${NS}["x","${'a'.repeat(200_000)}"]`)],
  ['large numbers', 100, (raw) => raw.send(JSON_1E308)],
  [
    'large updates',
    100,
    (raw, n) => {
      raw.send(`451-${NS}${n}["update",{"_placeholder":true,"num":0},"live"]`);
      raw.send(new Uint8Array(200_000));
    },
  ],
];

describe('a flood over a WebSocket', () => {
  test.each(FLOODS)(
    '[LIMIT11] of %s is read no faster than the limits say, or ends',
    async (_, count, send) => {
      const pair = await HonestPair.start(server.url);
      const rss = process.memoryUsage().rss;
      countNext();
      const raw = await RawWebSocket.inDocument(server.url, 'acme/flood', 7);
      const begin = performance.now();
      for (let n = 0; n < count; n++) send(raw, n);
      await until(() => server.counted.includes('connection-held') || raw.closed, 'it to be held up');
      const soon = begin + 1_500;
      await until(() => performance.now() > soon || raw.closed, 'some time to pass');
      const seconds = (performance.now() - begin) / 1000;
      expect(packets).toBeLessThanOrEqual(
        PACKET_BURST + PACKETS_PER_SECOND * (seconds + 3) + ONE_READ_BYTES / 6,
      );
      expect(bytes).toBeLessThanOrEqual(
        LIMITS.bytesBurst + BYTES_PER_SECOND * (seconds + 1) + 4 * ONE_READ_BYTES + 400_000,
      );
      await pair.finish();
      raw.terminate();
      await until(() => server.io.engine.clientsCount === 0, 'all connections to be gone');
      expect(process.memoryUsage().rss - rss).toBeLessThan(256 * 1024 * 1024);
    },
  );

  test('[LIMIT11] of pings is answered as fast as the limits say, and not at all to who does not read', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/flood', 7);
    let pongs = 0;
    raw.socket.on('pong', () => pongs++);
    const begin = performance.now();
    for (let n = 0; n < 100_000; n++) raw.socket.ping();
    await until(() => server.counted.includes('connection-held') || raw.closed, 'it to be held up');
    const soon = performance.now() + 1_000;
    await until(() => performance.now() > soon || raw.closed, 'some time to pass');
    const seconds = (performance.now() - begin) / 1000;
    expect(pongs).toBeLessThanOrEqual(PACKET_BURST + PACKETS_PER_SECOND * (seconds + 3) + ONE_READ_BYTES / 6);
    raw.terminate();
  });

  test('[LIMIT11] of fragments that never become a message is read as slowly, or ends', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/flood', 7);
    const { _socket: wire } = raw.socket as unknown as {
      _socket: { write(bytes: Uint8Array): void; bytesWritten: number; writableLength: number };
    };
    wire.write(Uint8Array.of(0x01, 0x81, 0, 0, 0, 0, 0x34));
    const fragment = Uint8Array.of(0x00, 0x81, 0, 0, 0, 0, 0x34);
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => fragment));
    for (let i = 0; i < 20; i++) wire.write(many);
    await until(() => raw.closed, 'the end');
    expect(server.io.engine.clientsCount).toBe(0);
  });

  test('[LIMIT11] is over for whoever has waited: he is served as before', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/flood', 7);
    for (let n = 0; n < 600; n++) raw.send(`42${NS}["x"]`);
    await until(() => server.counted.includes('connection-held'), 'it to be held up');
    raw.send(`42${NS}77["join",{"clientId":7,"clientKey":"the raw key of 7"}]`);
    await until(() => raw.text.includes(`${NS}77[`), 'the answer');
    // Nobody waits for these refusals, and not all of them are sent.
    expect(raw.text.match(/"refused"/g)?.length).toBeLessThan(200);
    raw.terminate();
  });
});

describe('a flood by polling', () => {
  test('[LIMIT11] is answered late, and who does not wait for an answer is sent away', async () => {
    const { text } = await ask(server.url + POLL);
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    const url = `${server.url}${POLL}&sid=${sid}`;
    await ask(url, { method: 'POST', body: `40${NS}{"protocol":1}` });
    const body = Array(200).fill(`42${NS}["x"]`).join('\u001e');
    const begin = performance.now();
    for (let i = 0; i < 5; i++)
      expect(await ask(url, { method: 'POST', body })).toMatchObject({ status: 200 });
    const seconds = (performance.now() - begin) / 1000;
    expect(1_000).toBeLessThanOrEqual(PACKET_BURST + PACKETS_PER_SECOND * seconds + 200);
    const answers = await Promise.all(
      [ask(url, { method: 'POST', body }), ask(url, { method: 'POST', body })].map((one) =>
        one.then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    expect(answers).not.toEqual([200, 200]);
    await until(() => server.io.engine.clientsCount === 0, 'the connection to be closed');
  });
});
