import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { HonestPair } from '../../support/honest-pair.js';
import { RawClient, TRANSPORTS } from '../../support/raw-client.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
let pair: HonestPair;

beforeEach(async () => {
  server = await startGateway();
  pair = await HonestPair.start(server.url);
});

// Jest fails a test during which anything is thrown or rejected that nobody catches.
afterEach(async () => {
  await pair.finish();
  expect(pair.slowest).toBeLessThan(1_000);
  expect(server.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  await server.stop();
});

const DEEP_JSON = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const HUGE = 'x'.repeat(200_000);

const JUNK: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 1],
  ['NaN', Number.NaN],
  ['true', true],
  ['a string', 'x'],
  ['a huge string', HUGE],
  ['an array', [1, [2, [3]]]],
  ['an object', { a: { b: {} } }],
  ['bytes', Uint8Array.of(1, 2, 3)],
  ['no bytes', new Uint8Array()],
  ['an object with bytes in it', { a: [Uint8Array.of(1), { b: Uint8Array.of(2) }] }],
  ['an object called __proto__', JSON.parse('{"__proto__":{"ok":true}}')],
  ['an object with a length', { length: 4, 0: 1, type: 'Buffer', data: [1, 2] }],
];

const CODED = { ok: false, error: { code: 'bad-request', retryable: false, message: expect.any(String) } };

describe.each(TRANSPORTS)('arguments of the wrong type, over %s', (transport) => {
  test('[GW5] a join with junk for its request or a field of it is answered with bad-request', async () => {
    const client = await RawClient.connect(server.url, { transport });
    const { clientKey } = client;
    for (const [name, junk] of JUNK) {
      expect({ name, reply: await client.socket.emitWithAck('join', junk) }).toEqual({ name, reply: CODED });
    }
    const fields: Record<string, unknown[]> = {
      clientId: [undefined, null, '1', -1, 1.5, 2 ** 32, Number.NaN, {}, [1], Uint8Array.of(1)],
      clientKey: [undefined, null, 1, '', 'x'.repeat(15), 'x'.repeat(65), HUGE, {}, ['x'.repeat(20)]],
      generation: [1, {}, [], true, HUGE, Uint8Array.of(1)],
      seq: [undefined, null, '1', -1, 1.5, 2 ** 53, {}, []],
      stateVector: [
        1,
        '',
        {},
        [1],
        new Uint8Array(),
        Uint8Array.of(1),
        Uint8Array.of(0, 0),
        new Uint8Array(65_537),
      ],
    };
    for (const [field, values] of Object.entries(fields)) {
      for (const value of values) {
        const request = { clientId: 1, clientKey, generation: 'g', seq: 0, [field]: value };
        const reply = await client.socket.emitWithAck('join', request);
        expect({ field, value, reply }).toEqual({ field, value, reply: CODED });
      }
    }
    expect(client.received).toEqual([]);
    expect(await client.join()).toMatchObject({ ok: true });
    client.close();
  });

  test('[GW5] an update with junk for its bytes or its kind is answered with a code', async () => {
    const client = await RawClient.joined(server.url, { transport, document: 'acme/quiet' });
    for (const [name, junk] of JUNK) {
      const asBytes = await client.socket.emitWithAck('update', junk, 'live');
      const code = junk instanceof Uint8Array ? 'invalid-update' : 'bad-request';
      expect({ name, reply: asBytes }).toMatchObject({ name, reply: { ok: false, error: { code } } });
      const asKind = await client.socket.emitWithAck('update', Uint8Array.of(0, 0), junk);
      expect({ name, reply: asKind }).toEqual({ name, reply: CODED });
    }
    expect(client.received).toEqual([]);
    expect(await client.type('x')).toMatchObject({ ok: true, seq: 1 });
    client.close();
  });

  test('[GW5] awareness with junk is refused once each', async () => {
    const client = await RawClient.joined(server.url, { transport });
    const junk = JUNK.filter(([, value]) => !(value instanceof Uint8Array));
    for (const [, value] of junk) client.socket.emit('awareness', value);
    client.socket.emit('awareness');
    await until(() => client.refusals.length > junk.length, 'the refusals');
    expect(new Set(client.refusals)).toEqual(new Set(['bad-request']));
    expect(client.refusals).toHaveLength(junk.length + 1);
    client.close();
  });

  test('[GW5] an event that the protocol does not have is refused, whatever its name', async () => {
    const client = await RawClient.joined(server.url, { transport });
    const names = [
      '',
      'x',
      'error',
      'message',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      HUGE,
    ];
    for (const name of names) client.socket.emit(name, { any: 'thing' });
    client.socket.emit(7 as unknown as string);
    client.socket.emit('updates', Uint8Array.of(1, 0));
    client.socket.emit('bye', { code: 'internal' }, 0);
    await until(() => client.refusals.length >= names.length + 3, 'the refusals');
    expect(new Set(client.refusals)).toEqual(new Set(['bad-request']));
    expect(client.refusals).toHaveLength(names.length + 3);
    client.close();
  });
});

describe('the order of messages', () => {
  test('[GW6] without an acknowledgement, join and update are refused and have no effect', async () => {
    const client = await RawClient.connect(server.url, { document: 'acme/quiet' });
    client.socket.emit('join', { clientId: client.doc.clientID, clientKey: client.clientKey });
    client.socket.emit('join', { clientId: client.doc.clientID, clientKey: client.clientKey }, 'no function');
    client.socket.emit('update', Uint8Array.of(0, 0), 'live');
    client.socket.emit('update', Uint8Array.of(0, 0), 'live', 'no function');
    await until(() => client.refusals.length === 4, 'the refusals');
    expect(client.refusals).toEqual(Array.from({ length: 4 }, () => 'bad-request'));
    expect(await client.update(Uint8Array.of(0, 0))).toMatchObject({ error: { code: 'not-joined' } });
    client.close();
  });

  test('[GW6] before the join, updates and awareness are refused with not-joined', async () => {
    const client = await RawClient.connect(server.url);
    expect(await client.type('x')).toMatchObject({ ok: false, error: { code: 'not-joined' } });
    client.socket.emit('awareness', Uint8Array.of(0));
    await until(() => client.refusals.length === 1, 'the refusal');
    expect(client.refusals).toEqual(['not-joined']);
    client.close();
  });

  test('[GW6] of two joins at once the second is refused; a later one is answered', async () => {
    const client = await RawClient.connect(server.url);
    const replies = await Promise.all([client.join(), client.join()]);
    expect(replies).toMatchObject([{ ok: true }, { ok: false, error: { code: 'bad-request' } }]);
    expect(await client.join()).toMatchObject({ ok: true });
    await client.type('once');
    await until(() => pair.reader.text.includes('once'), 'the text');
    client.close();
  });

  test('[GW6] a join whose sender leaves during it keeps nothing open', async () => {
    const { store } = server;
    const client = await RawClient.connect(server.url, { document: 'acme/left' });
    store.hold();
    client.socket.emit('join', { clientId: 1, clientKey: client.clientKey }, () => {});
    await until(() => store.opens === 2, 'the join to arrive');
    client.close();
    await until(() => !server.io._nsps.has('/docs/acme/left'), 'the namespace to be left');
    store.release();
    await until(() => server.documents.openCount === 1, 'the document to be put away');
  });

  test('[GW6] an answer never reaches a later connection to the same document', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/held', 5);
    server.store.hold();
    raw.send('451-/docs/acme/held,7["update",{"_placeholder":true,"num":0},"live"]');
    raw.send(Uint8Array.of(0, 0));
    raw.send('42/docs/acme/held,["unknown"]');
    await until(() => raw.text.includes('unknown event'), 'the update to be taken');
    raw.send('41/docs/acme/held,');
    await until(() => !server.io._nsps.has('/docs/acme/held'), 'the namespace to be left');
    raw.send('40/docs/acme/held,{"protocol":1}');
    await until(() => raw.text.split('"sid"').length > 3, 'the second connection');
    server.store.release();
    raw.send('42/docs/acme/held,8["join",{"clientId":5,"clientKey":"the raw key of 5"}]');
    await until(() => raw.text.includes(',8['), 'the answer to the join');
    expect(raw.text).not.toContain(',7[');
    raw.terminate();
  });
});

describe('frames that no client library sends', () => {
  const NS = '/docs/acme/notes,';

  test.each([
    ['no Engine.IO packet', '9'],
    ['an unknown Socket.IO packet', '49'],
    ['a packet of letters', 'hello'],
    ['an event without a payload that is JSON', `42${NS}["update`],
    ['an event that is no array', `42${NS}{"event":"join"}`],
    ['an event whose name is an object', `42${NS}[{"event":"join"}]`],
    ['a reserved event', `42${NS}["disconnect"]`],
    ['the event "connect_error"', `42${NS}["connect_error",{}]`],
    ['a second connection to the namespace', `40${NS}{"protocol":1}`],
    ['a connection with an array for its auth', '40/docs/acme/other,[1]'],
    ['a connection with a string for its auth', '40/docs/acme/other,"x"'],
    ['an event for a namespace that was never joined', '42/docs/acme/other,["join"]'],
    ['a connect_error from the client', `44${NS}{"message":"x"}`],
    ['more than ten attachments', `4511-${NS}["update"]`],
    ['minus one attachment', `45-1-${NS}["update"]`],
    ['text where an attachment should be', `451-${NS}["update",{"_placeholder":true,"num":0}]`, '2'],
    [
      'a placeholder without an attachment',
      `451-${NS}["update",{"_placeholder":true,"num":9}]`,
      Uint8Array.of(1),
    ],
    [
      'a placeholder called __proto__',
      `451-${NS}["update",{"_placeholder":true,"num":"__proto__"}]`,
      Uint8Array.of(1),
    ],
    ['bytes out of nowhere', Uint8Array.of(1, 2, 3)],
    ['a deep array among attachments', `451-${NS}["update",${DEEP_JSON}]`, Uint8Array.of(1)],
  ] as [string, ...(string | Uint8Array)[]][])(
    '[GW7] %s costs its sender the connection at most',
    async (_, ...frames) => {
      const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 77);
      const count = pair.latencies.length;
      for (const frame of frames) raw.send(frame);
      if (frames.length > 1) raw.send(`42${NS}["unknown"]`);
      await until(() => raw.closed || raw.text.includes('bad-request'), 'an answer or the close');
      await until(() => pair.latencies.length > count + 2, 'the others to go on');
      raw.terminate();
    },
  );

  test.each([
    ['an event without anything', `42${NS}`],
    ['an event with an empty array', `42${NS}[]`],
    ['an event called by a number', `42${NS}[5]`],
    ['an event with a huge acknowledgement number', `42${NS}${'9'.repeat(400)}["x"]`],
    ['a join of a deep array', `42${NS}1["join",${DEEP_JSON}]`],
    ['an update of a deep array', `42${NS}1["update",${DEEP_JSON},"live"]`],
    ['an unknown event with a deep array', `42${NS}["x",${DEEP_JSON}]`],
  ])('[GW7] %s is refused with a code, or costs the connection', async (_, frame) => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 77);
    raw.send(frame);
    await until(() => raw.closed || raw.text.includes('bad-request'), 'a refusal');
    raw.terminate();
  });

  test('[GW7] answers to questions that nobody asked are ignored', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 77);
    for (const frame of [`43${NS}0[]`, `43${NS}999["x"]`, `43${NS}`, `431${NS}`]) raw.send(frame);
    raw.send(`461-${NS}0[{"_placeholder":true,"num":0}]`);
    raw.send(Uint8Array.of(1));
    raw.send(`42${NS}["unknown"]`);
    await until(() => raw.text.includes('unknown event') || raw.closed, 'the refusal');
    raw.terminate();
  });

  test('[GW7] a frame above the limit closes its connection and no other', async () => {
    const raw = await RawWebSocket.inDocument(server.url, 'acme/notes', 77);
    raw.send(`451-${NS}0["update",{"_placeholder":true,"num":0},"live"]`);
    raw.send(new Uint8Array(2_000_000));
    await until(() => raw.closed, 'the close');
    const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
    const posted = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      method: 'POST',
      body: 'x'.repeat(2_000_000),
    }).then(
      ({ status }) => status,
      () => 413,
    );
    expect(posted).toBe(413);
  });

  test('[GW7] requests to the polling transport that make no sense are answered with 400', async () => {
    const at = (query: string, init?: RequestInit): Promise<number> =>
      fetch(`${server.url}/socket.io/?${query}`, init).then(({ status }) => status);
    expect(await at('')).toBe(400);
    expect(await at('EIO=3&transport=polling')).toBe(400);
    expect(await at('EIO=4&transport=pigeon')).toBe(400);
    expect(await at('EIO=4&transport=polling&sid=nobody')).toBe(400);
    expect(await at('EIO=4&transport=polling', { method: 'DELETE' })).toBe(400);
  });
});
