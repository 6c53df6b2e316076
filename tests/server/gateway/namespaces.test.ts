import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type GatewayServer, namespacesOf, startGateway } from '../../support/gateway-server.js';
import { newManager, RawClient, refusalOf, TRANSPORTS } from '../../support/raw-client.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
const open: RawClient[] = [];

beforeAll(async () => {
  server = await startGateway();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await until(() => namespacesOf(server).length === 0, 'every namespace to be gone');
});

async function joined(
  ...options: Parameters<typeof RawClient.joined> extends [string, ...infer T] ? T : never
) {
  const client = await RawClient.joined(server.url, ...options);
  open.push(client);
  return client;
}

const BAD_NAMES = [
  '*?[#',
  'acme/*',
  'acme/no[tes',
  'acme/notes?x=1',
  'acme/notes#1',
  '..',
  '../..',
  'acme/..',
  'acme/.hidden',
  '../../etc/passwd',
  'acme/notes/..',
  'acme/notes/more',
  'acme//notes',
  '/acme/notes',
  '',
  '/',
  'acme/',
  '/notes',
  'notes',
  `acme/${'n'.repeat(65)}`,
  `${'w'.repeat(65)}/notes`,
  'аcme/notes',
  'acme/notеs',
  'acme/no\u0000tes',
  'acme/no\u202etes',
  'acme/no tes',
  'acme/no\ntes',
  'acme/%2e%2e',
  'acme%2Fnotes',
  'acme/%6eotes',
  '%2e%2e/%2e%2e/etc',
  'acme/notes%00',
  'acme/notes\\..',
  'acme\\notes',
  'acme/notes;x',
  'acme/notes&x=1',
  'acme/\uff0e\uff0e',
  'acme/notes\u200b',
  'acme/ｎotes',
  'acme\u2215notes',
  'acme\uff0fnotes',
  'acme/no\u0301tes',
  'ACME/NOTES|x',
  '$acme/notes',
  'acme/{{id}}',
  'constructor',
  'toString',
  'acme/$where[',
  '__proto__',
  'n'.repeat(100_000),
  `acme/${'n'.repeat(100_000)}`,
  '/'.repeat(100_000),
];

describe.each(TRANSPORTS)('names, over %s', (transport) => {
  test('[GW1] a bad name is refused with invalid-document-id, and no namespace comes to exist', async () => {
    const manager = newManager(server.url, transport);
    const sound = await joined({ manager });
    for (const document of BAD_NAMES) {
      const refusal = await refusalOf(RawClient.connect(server.url, { manager, document }));
      expect({ document, ...refusal.data }).toMatchObject({ document, code: 'invalid-document-id' });
    }
    expect(namespacesOf(server)).toEqual(['/docs/acme/notes']);
    expect(server.documents.openCount).toBe(1);
    expect(await sound.type('still here')).toMatchObject({ ok: true });
  });

  test('[EDGE9] a packet that is written by hand gets in under no other name than the one it has', async () => {
    const raw = await RawWebSocket.open(server.url);
    const names = [
      '/docs/acme/notes?token=x',
      '/docs/acme/notes#x',
      '/docs/acme/%6eotes',
      '/docs//acme/notes',
      '/docs/acme/notes/',
      '//docs/acme/notes',
      '/docs/./acme/notes',
      '/docs/acme/../acme/notes',
      '/docs/*',
      '/docs/acme/*',
      '/docs/?',
      '/_0',
      '/docs/[a]cme/notes',
      `/docs/acme/${'é'.repeat(30_000)}`,
    ];
    for (const name of names) {
      const before = raw.received.length;
      raw.send(`40${name},{"protocol":1}`);
      await until(() => raw.received.length > before, `an answer to ${name.slice(0, 40)}`);
      expect(raw.received.at(-1)).toContain('invalid-document-id');
    }
    expect(namespacesOf(server)).toEqual([]);
    expect(server.documents.openCount).toBe(0);
    raw.terminate();
  });

  test('[GW1] the root namespace and those of others are refused likewise', async () => {
    const manager = newManager(server.url, transport);
    for (const name of [
      '/',
      '/admin',
      '/docs',
      '/docsx/acme/notes',
      '/yjs|',
      '/yjs/acme/notes',
      '/yjs|a/b/c',
      '/DOCS/acme/notes',
    ]) {
      const socket = manager.socket(name, { auth: { protocol: 1 } });
      const refusal = await new Promise((resolve, reject) => {
        socket.once('connect_error', resolve);
        socket.once('connect', () => reject(new Error(`${name} was accepted`)));
        socket.connect();
      });
      expect(refusal).toMatchObject({ data: { code: 'invalid-document-id', retryable: false } });
    }
    manager._close();
    expect(namespacesOf(server)).toEqual([]);
  });
});

describe('the connection to a document', () => {
  test.each([
    ['none', {}],
    ['another', { protocol: 2 }],
    ['a string', { protocol: '1' }],
    ['an array', { protocol: [1] }],
    ['an object', { protocol: { valueOf: 1 } }],
    ['null', { protocol: null }],
  ])('[GW2] a protocol version that is %s is refused', async (_, auth) => {
    const refusal = await refusalOf(RawClient.connect(server.url, { auth }));
    expect(refusal.data).toMatchObject({ code: 'protocol-mismatch', retryable: false });
    expect(namespacesOf(server)).toEqual([]);
    expect(server.documents.openCount).toBe(0);
  });

  test('[GW3] ten documents share a connection; one is refused and nine work', async () => {
    const manager = newManager(server.url);
    const names = Array.from({ length: 10 }, (_, i) => (i === 4 ? 'acme/no!' : `acme/notes-${i}`));
    const results = await Promise.allSettled(names.map((document) => joined({ manager, document })));
    expect(results.map(({ status }) => status)).toEqual(
      names.map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')),
    );
    expect(server.io.engine.clientsCount).toBe(1);
    const clients = [...open];
    await Promise.all(clients.map((client, i) => client.type(`text ${i}`)));
    const readers = await Promise.all(
      names.filter((_, i) => i !== 4).map((document) => joined({ document })),
    );
    expect(readers.map(({ text }) => text)).toEqual(clients.map(({ text }) => text));
  });

  test('[GW3] more than 100 documents on one connection are refused, and leaving one makes room', async () => {
    const manager = newManager(server.url);
    const connect = (i: number): Promise<RawClient> =>
      RawClient.connect(server.url, { manager, document: `many/${i}` });
    const clients = await Promise.all(Array.from({ length: 100 }, (_, i) => connect(i)));
    open.push(...clients);
    const refusal = await refusalOf(connect(100));
    expect(refusal.data).toMatchObject({ code: 'too-many-documents', retryable: false });
    expect(namespacesOf(server)).toHaveLength(100);
    clients[0]?.socket.disconnect();
    await until(() => namespacesOf(server).length === 99, 'the namespace to be left');
    open.push(await connect(101));
    expect(await clients[1]?.join()).toMatchObject({ ok: true });
  });

  test('[GW4] 5,000 documents opened and left again leave neither namespace nor document behind', async () => {
    const manager = newManager(server.url);
    open.push(await RawClient.connect(server.url, { manager, document: 'keep/open' }));
    for (let batch = 0; batch < 100; batch++) {
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          RawClient.joined(server.url, { manager, document: `short/lived-${batch}-${i}` }),
        ),
      );
      for (const client of clients) client.socket.disconnect();
    }
    await until(() => namespacesOf(server).length === 1, 'the namespaces to be left');
    await until(() => server.documents.openCount === 0, 'the documents to be put away');
  });

  test('[GW4] a refusal leaves a namespace in which somebody works as it is', async () => {
    const [one, other] = [await joined(), await joined()];
    await refusalOf(RawClient.connect(server.url, { auth: { protocol: 9 } }));
    await one.type('on');
    await until(() => other.text === one.text, 'the other to get the text');
    expect(namespacesOf(server)).toEqual(['/docs/acme/notes']);
  });

  test('[GW4] a server that stops refuses new connections with shutting-down', async () => {
    const stopping = await startGateway();
    try {
      await stopping.documents.stop();
      const refusal = await refusalOf(RawClient.connect(stopping.url));
      expect(refusal.data).toMatchObject({ code: 'shutting-down', retryable: true });
    } finally {
      await stopping.stop();
    }
  });
});
