import { afterEach, describe, expect, test } from '@jest/globals';
import type { ClientOptions } from 'ws';
import type { AccessControl, Credentials } from '../../../../server/auth/access.js';
import { openAccess } from '../../../../server/auth/open-access.js';
import { type GatewayServer, startGateway } from '../../../support/gateway-server.js';
import { HonestPair } from '../../../support/honest-pair.js';
import { quickClock } from '../../../support/quick-clock.js';
import { RawClient, refusalOf } from '../../../support/raw-client.js';
import { ask, askForWebSocket } from '../../../support/raw-http.js';
import { RawLine } from '../../../support/raw-line.js';
import { until } from '../../../support/until.js';

const PATH = '/yjs/acme/notes';
const MEGABYTE = 1024 * 1024;
/** Sync step 1 of an empty copy. */
const STEP_1 = Uint8Array.of(0, 0, 1, 0);

let server: GatewayServer;
const lines: RawLine[] = [];

afterEach(async () => {
  for (const line of lines.splice(0)) line.terminate();
  await server.stop();
});

async function open(path = PATH, options?: ClientOptions): Promise<RawLine> {
  const line = await RawLine.open(server.url, path, options);
  lines.push(line);
  return line;
}

async function joined(options?: ClientOptions): Promise<RawLine> {
  const line = await open(PATH, options);
  line.send(STEP_1);
  await until(() => line.received.length > 0, 'the content');
  return line;
}

function from(address: string): { headers: Record<string, string> } {
  return { headers: { 'x-forwarded-for': address } };
}

describe('before the WebSocket is there', () => {
  test('[WSD1] a page of another origin, a machine that is not to be let in, and what is no WebSocket get a coded answer', async () => {
    server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'], localOnly: false } });
    const refused = await askForWebSocket(server.url + PATH, { origin: 'https://evil.example' });
    expect(refused).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'origin-refused' });
    expect(server.refused).toContain('connection origin-refused');
    for (const headers of [
      { 'Sec-WebSocket-Key': 'x' },
      { 'Sec-WebSocket-Version': '7' },
      { Upgrade: 'h2c' },
    ])
      expect(JSON.parse((await askForWebSocket(server.url + PATH, headers)).text)).toMatchObject({
        code: 'bad-request',
        status: 400,
      });
    for (const path of ['/yjsx', '/yj', '/', '/socket.io', '/socket.iox', '/socket.io?EIO=4'])
      expect(await askForWebSocket(server.url + path)).toMatchObject({ status: 404 });
    expect(await ask(server.url + PATH)).toMatchObject({ status: 404 });
    expect(await askForWebSocket(server.url + PATH)).toMatchObject({ status: 101 });
    await until(() => server.door.size === 0 && server.edge.counts.size === 0, 'nothing to be left');
  });

  test('[WSD1] only programs of this machine are let in where everybody may do everything', async () => {
    server = await startGateway({ edge: { localOnly: true } });
    expect(await askForWebSocket(server.url + PATH, { Host: 'rebound.example' })).toMatchObject({
      status: 403,
    });
    expect(await askForWebSocket(server.url + PATH)).toMatchObject({ status: 101 });
  });

  test('[WSD2] an address has so many connections, those of Socket.IO included, and not for longer than they last', async () => {
    server = await startGateway({ edge: { trustedProxies: ['127.0.0.1'], maxConnectionsPerAddress: 2 } });
    const first = await open(PATH, from('203.0.113.7'));
    const poll = '/socket.io/?EIO=4&transport=polling';
    expect(await ask(server.url + poll, from('203.0.113.7'))).toMatchObject({ status: 200 });
    const refused = await askForWebSocket(server.url + PATH, from('203.0.113.7').headers);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    expect(server.refused).toContain('connection too-many-connections');
    expect(await askForWebSocket(server.url + PATH, from('203.0.113.8').headers)).toMatchObject({
      status: 101,
    });
    first.terminate();
    await until(() => server.door.size === 0, 'it to be gone');
    expect(await askForWebSocket(server.url + PATH, from('203.0.113.7').headers)).toMatchObject({
      status: 101,
    });
  });

  test('[WSD2] a user has so many connections, of whatever protocol', async () => {
    const access: AccessControl = {
      ...openAccess,
      admit: async ({ token }) => ({ identity: { user: token ?? '' }, role: 'owner' }),
    };
    server = await startGateway({
      access,
      edge: { maxConnectionsPerUser: 2 },
      clock: quickClock(10),
    });
    const [one] = [await open(`${PATH}?token=ann`), await open(`${PATH}?token=ann`)];
    await until(() => server.edge.counts.size === 1, 'both to be admitted');
    const auth = { protocol: 1, token: 'ann' };
    await until(() => server.door.size === 2, 'both to be there');
    expect((await refusalOf(RawClient.connect(server.url, { auth }))).data?.code).toBe(
      'too-many-connections',
    );
    expect((await (await open(`${PATH}?token=ann`)).ended()).code).toBe(1013);
    (await RawClient.connect(server.url, { auth: { protocol: 1, token: 'ben' } })).close();
    one.terminate();
    await until(() => server.door.size === 1, 'one to be gone');
    (await RawClient.connect(server.url, { auth })).close();
  });

  test('[WSD9] what shows who somebody is, is handed on, and no cookie of a page that may be anybody’s', async () => {
    const seen: Credentials[] = [];
    const access: AccessControl = {
      ...openAccess,
      async admit(credentials) {
        seen.push(credentials);
        return { identity: {}, role: 'owner' };
      },
    };
    server = await startGateway({ access, edge: { allowedOrigins: ['*'], trustedProxies: ['127.0.0.1'] } });
    const headers = {
      cookie: 'sid=1',
      authorization: 'Bearer x',
      'x-secret': 'y',
      ...from('203.0.113.7').headers,
    };
    await open(`${PATH}?token=t`, { headers });
    await open(PATH, { headers: { ...headers, origin: 'https://any.example' } });
    await until(() => seen.length === 2, 'both to be asked about');
    const [own, foreign] = seen;
    expect(own).toEqual({
      headers: { cookie: 'sid=1', authorization: 'Bearer x' },
      address: '203.0.113.7',
      token: 't',
    });
    expect(foreign).toEqual({
      headers: { authorization: 'Bearer x', origin: 'https://any.example' },
      address: '203.0.113.7',
    });
  });
});

describe('once it is there', () => {
  test('[WSD3] whoever joins nothing in time is sent away', async () => {
    server = await startGateway({ gatewayLimits: { joinTimeoutMs: 1_000 }, clock: quickClock(10) });
    const [silent, talking] = [await open(), await joined()];
    expect(await silent.ended()).toMatchObject({ code: 1013 });
    expect(server.counted).toEqual(['never-joined']);
    expect(talking.closed).toBeUndefined();
  });

  test('[WSD4] texts, broken frames and too large messages end their connection, and nobody else’s', async () => {
    server = await startGateway({ limits: { maxDocumentBytes: 2 * MEGABYTE } });
    const pair = await HonestPair.start(server.url);
    const ends: [number, (line: RawLine) => void][] = [
      [1003, (line) => line.send('hello')],
      [4413, (line) => line.send(new Uint8Array(3 * MEGABYTE))],
      // A reserved bit, an unmasked message, an opcode that there is none of.
      [1002, (line) => line.write(Uint8Array.of(0xf2, 0x80, 0, 0, 0, 0))],
      [1002, (line) => line.write(Uint8Array.of(0x82, 0x01, 0))],
      [1002, (line) => line.write(Uint8Array.of(0x83, 0x80, 0, 0, 0, 0))],
      // Says that it is 2^60 bytes long.
      [4413, (line) => line.write(Uint8Array.of(0x82, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))],
    ];
    for (const [code, send] of ends) {
      const line = await joined();
      send(line);
      const ended = await line.ended();
      expect(ended.code).toBe(code);
      if (code === 4413) expect(ended.reason).toContain('larger than one update may be');
    }
    // What would go unnoticed otherwise, while its sender comes back with it again and again.
    expect(server.refused.filter((what) => what === 'update update-too-large')).toHaveLength(2);
    const told = server.log.entries.filter(({ message }) => message === 'a message is too large');
    expect(told).toMatchObject([{ level: 'warn' }, { level: 'warn' }]);
    await until(() => server.door.size === 0, 'all to be gone');
    await pair.finish();
    expect(server.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('[WSD7] whoever does not answer a ping within 15 s is cut off; whoever does stays, and hears from the protocol', async () => {
    // 15 s are 150 ms.
    server = await startGateway({ clock: quickClock(100) });
    const alive = await joined();
    const dead = await joined({ autoPong: false });
    const before = alive.received.length;
    expect((await dead.ended()).code).toBe(1006);
    expect(dead.pings).toBe(1);
    await until(() => alive.pings >= 3, 'it to be asked again');
    expect(alive.closed).toBeUndefined();
    const pulses = alive.received.slice(before);
    expect(pulses.length).toBeGreaterThanOrEqual(alive.pings - 1);
    // An awareness update about nobody.
    for (const pulse of pulses) expect([...pulse]).toEqual([1, 1, 0]);
  });

  test('[WSD8] a stop closes all behind what was sent to them, and waits 2 s at most for those who do not answer', async () => {
    server = await startGateway();
    const [polite, deaf] = [await joined(), await joined()];
    deaf.socket.pause();
    const begun = performance.now();
    await server.documents.stop();
    await server.door.close();
    expect(performance.now() - begun).toBeGreaterThan(1_900);
    expect(performance.now() - begun).toBeLessThan(3_500);
    expect(await polite.ended()).toEqual({ code: 1012, reason: expect.stringContaining('about to stop') });
    expect(server.door.size).toBe(0);
  });
});

describe('somebody who sends too much', () => {
  /** A tenth of the defaults, so that a flood is over soon. */
  const LIMITS = {
    maxUpdatesPerSecond: 50,
    updateBurst: 200,
    maxBytesPerSecond: 128 * 1024,
    bytesBurst: MEGABYTE,
    maxJoinsPerSecond: 2,
    joinBurst: 20,
    maxAwarenessPerSecond: 3,
    awarenessBurst: 5,
  };
  const FRAGMENT = Uint8Array.of(0x00, 0x81, 0, 0, 0, 0, 0x34);

  const FLOODS: [string, (line: RawLine) => void][] = [
    [
      'messages of an unknown type',
      (line) => line.send(...Array<Uint8Array>(20_000).fill(Uint8Array.of(99))),
    ],
    ['sync steps 1', (line) => line.send(...Array<Uint8Array>(5_000).fill(STEP_1))],
    ['questions who is there', (line) => line.send(...Array<Uint8Array>(20_000).fill(Uint8Array.of(3)))],
    [
      'pings',
      (line) => {
        for (let n = 0; n < 50_000; n++) line.socket.ping();
      },
    ],
    [
      'fragments that never become a message',
      (line) => {
        line.write(Uint8Array.of(0x02, 0x81, 0, 0, 0, 0, 0x34));
        const many = Buffer.concat(Array<Uint8Array>(10_000).fill(FRAGMENT));
        for (let n = 0; n < 5; n++) line.write(many);
      },
    ],
  ];

  test.each(FLOODS)(
    '[WSD5] %s: is read no faster than the limits say, or ends; others go on',
    async (_, send) => {
      server = await startGateway({ gatewayLimits: LIMITS });
      const pair = await HonestPair.start(server.url);
      const line = await joined();
      const before = line.received.length;
      send(line);
      await until(
        () => line.closed !== undefined || server.counted.includes('connection-held'),
        'it to be held up',
      );
      await pair.finish();
      // Of what one read brings, and what the limits allow at once, all could be answered.
      expect(line.received.length - before + line.pongs).toBeLessThan(20_000);
    },
  );

  test('[WSD6] and reads nothing of what waits for him is cut off', async () => {
    server = await startGateway({ limits: { maxDocumentBytes: MEGABYTE } });
    const writer = await RawClient.joined(server.url);
    await writer.type('x'.repeat(200_000));
    const line = await joined();
    line.socket.pause();
    // Each of them asks for the whole document.
    const asks = Array<Uint8Array>(100).fill(STEP_1);
    line.send(...asks);
    await until(() => server.door.size === 0, 'it to be cut off');
    expect(await writer.type('!')).toMatchObject({ ok: true });
    writer.close();
  });
});
