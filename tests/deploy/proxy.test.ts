import { renameSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Manager, type Socket } from 'socket.io-client';
import { type HaproxyProcess, type ProxyOptions, startProxy } from '../../tools/services/haproxy.js';
import { type CoscribeNode, startNode } from '../../tools/services/node.js';
import { freePort } from '../../tools/services/ports.js';
import { selfSigned } from '../support/certificate.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { NameServer } from '../support/name-server.js';
import { newManager, RawClient, type TransportName } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { YWebSocketClient } from '../support/y-websocket-client.js';

const nodes: CoscribeNode[] = [];
const clients: RawClient[] = [];
const managers: Manager[] = [];
let proxy: HaproxyProcess;
let folder: TemporaryFolder;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const manager of managers.splice(0)) manager._close();
  await proxy.kill();
  await Promise.all(nodes.splice(0).map((node) => node.kill()));
  folder.remove();
});

/** Nodes that know nothing of one another: whoever comes to another one than before finds another document. */
async function startNodes(count: number, options: { host?: string; port?: number } = {}): Promise<string[]> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const file = folder.file(`${nodes.length + index}.db`);
      return startNode({ store: `sqlite:${file}`, ...options });
    }),
  );
  nodes.push(...started);
  return started.map(({ url }) => url);
}

async function start(options: ProxyOptions): Promise<string> {
  proxy = await startProxy(options);
  return proxy.url;
}

async function join(
  url: string,
  options: { transport?: TransportName; document?: string; manager?: Manager } = {},
): Promise<RawClient> {
  const client = await RawClient.joined(url, options);
  clients.push(client);
  return client;
}

function connectionOf({ socket }: RawClient): string {
  const { id } = socket.io.engine as unknown as { id: string };
  return id;
}

/** Waits until the proxy says so of its nodes. */
async function untilSeats(expected: readonly string[]): Promise<void> {
  let found = '';
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; ) {
    found = (await proxy.seats()).map(({ status }) => status.replace(/ \d+\/\d+$/, '')).join(' ');
    if (found === expected.join(' ')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the proxy's nodes are ${found}, not ${expected.join(' ')}`);
}

async function totals(): Promise<number[]> {
  return (await proxy.seats()).map(({ total }) => total);
}

/** The node that knows a polling connection, as the proxy remembers it. */
async function seatOf(connection: string): Promise<string | undefined> {
  const table = await proxy.admin.ask(`show table nodes key ${connection}`);
  return /server_key=(\w+)/.exec(table)?.[1];
}

describe('connections through the proxy', () => {
  test('[DEPLOY7] WebSockets go to the nodes in turn, and what is typed is answered', async () => {
    const url = await start({ nodes: await startNodes(2) });
    for (let index = 0; index < 6; index++) {
      const client = await join(url, { document: `acme/${index}` });
      expect(await client.type('words')).toMatchObject({ ok: true, seq: 1 });
    }
    expect((await proxy.seats()).map(({ connections }) => connections)).toEqual([3, 3]);
    // So do those of other protocols.
    const others: YWebSocketClient[] = [];
    // One after the other: of two that come in the same instant each of the proxy's threads counts one.
    for (const version of ['3.1.0', '1.5.4'] as const) {
      const other = new YWebSocketClient(version, url);
      others.push(other);
      await until(() => other.synced, `${version} to be synced`);
    }
    expect((await proxy.seats()).map(({ connections }) => connections)).toEqual([4, 4]);
    for (const other of others) other.destroy();
  });

  test('[DEPLOY8] 50 polling clients on three nodes, without cookies: every request reaches the node that knows it', async () => {
    const url = await start({ nodes: await startNodes(3) });
    const people = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        join(url, { transport: 'polling', document: `acme/document-${index}` }),
      ),
    );
    const before = people.map(connectionOf);
    await Promise.all(
      people.map(async (person) => {
        for (let word = 1; word <= 20; word++) {
          expect(await person.type('word ')).toMatchObject({ ok: true, seq: word });
        }
      }),
    );
    expect(people.map(connectionOf)).toEqual(before);
    expect(people.every(({ socket }) => socket.connected)).toBe(true);
    const requests = await totals();
    expect(requests.reduce((sum, each) => sum + each)).toBeGreaterThan(2_000);
    expect(Math.min(...requests)).toBeGreaterThan(300);
    const seats = await Promise.all(before.map(seatOf));
    expect([...new Set(seats)].sort()).toEqual(['node1', 'node2', 'node3']);

    // And that it is the proxy's memory that does it: without it they are lost.
    await proxy.admin.ask('clear table nodes');
    for (const person of people) person.type('lost').catch(() => {});
    await until(() => people.some(({ socket }) => !socket.connected), 'a client is lost');
  });

  test('[DEPLOY8] a connection that begins with polling becomes a WebSocket to the same node', async () => {
    const url = await start({ nodes: await startNodes(3) });
    for (let index = 0; index < 6; index++) {
      const manager = new Manager(url, { reconnection: false, autoConnect: false });
      managers.push(manager);
      const client = await join(url, { manager, document: `acme/${index}` });
      const { transport } = manager.engine as unknown as { transport: { name: string } };
      if (transport.name === 'polling') {
        await new Promise<void>((resolve) => manager.engine.once('upgrade', () => resolve()));
      }
      expect(await client.type('words')).toMatchObject({ ok: true });
    }
  });

  test('[DEPLOY9] clients of a node that is killed come back to another one', async () => {
    const url = await start({ nodes: await startNodes(2) });
    const sockets = (['websocket', 'polling'] as const).flatMap((transport) =>
      Array.from({ length: 4 }, (_, index) => reconnecting(url, transport, index)),
    );
    await until(() => sockets.every(({ connected }) => connected), 'all are connected');
    const before = new Map(sockets.map((socket) => [socket, socket.id]));
    await nodes[0]?.kill();
    await until(
      () => sockets.every(({ connected }) => connected) && sockets.some((one) => one.id !== before.get(one)),
      'all are connected again',
    );
    await untilSeats(['DOWN', 'UP']);
    // Whoever was with the other node has stayed.
    expect(sockets.some((socket) => socket.id === before.get(socket))).toBe(true);

    await nodes[0]?.start();
    await untilSeats(['UP', 'UP']);
  });

  test('[DEPLOY9] a node that is not ready gets no new connections, and goes on with the polling ones that it has', async () => {
    const url = await start({ nodes: await startNodes(2) });
    const people = await Promise.all(
      Array.from({ length: 4 }, (_, index) => join(url, { transport: 'polling', document: `acme/${index}` })),
    );
    const seats = await Promise.all(people.map((person) => seatOf(connectionOf(person))));
    const [stays] = people.filter((_, index) => seats[index] === 'node1');
    if (stays === undefined) throw new Error('nobody is at node 1');
    // Its store is away.
    renameSync(folder.file('0.db'), folder.file('away.db'));
    const typed = stays.type('typed while the store is away');
    await untilSeats(['DOWN', 'UP']);

    const late = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        join(url, { transport: 'polling', document: `acme/late-${index}` }),
      ),
    );
    for (const person of late) expect(await seatOf(connectionOf(person))).toBe('node2');
    const connection = connectionOf(stays);
    await stays.settled();
    renameSync(folder.file('away.db'), folder.file('0.db'));
    expect(await typed).toMatchObject({ ok: true });
    expect(connectionOf(stays)).toBe(connection);
    await untilSeats(['UP', 'UP']);
  });

  test('[DEPLOY12] nodes are found by one name, as in docker-compose.yml: new ones get connections, and those that are gone none', async () => {
    const names = await NameServer.start();
    try {
      const port = await freePort();
      await startNodes(1, { host: '127.0.0.1', port });
      names.addresses = ['127.0.0.1'];
      const url = await start({ dns: { name: `node:${port}`, server: names.address } });
      await untilSeats(['UP']);
      expect((await join(url)).socket.connected).toBe(true);
      await startNodes(1, { host: '127.0.0.2', port });
      names.addresses = ['127.0.0.1', '127.0.0.2'];
      await untilSeats(['UP', 'UP']);
      await join(url, { document: 'acme/two' });
      expect((await totals()).every((total) => total > 0)).toBe(true);
      names.addresses = ['127.0.0.2'];
      await untilSeats(['UP']);
      const late = await join(url, { document: 'acme/two' });
      expect(late.socket.connected).toBe(true);
    } finally {
      names.stop();
    }
  });
});

/** In a document of its own, with short breaks. */
function reconnecting(url: string, transport: TransportName, index: number): Socket {
  const manager = new Manager(url, {
    transports: [transport],
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  managers.push(manager);
  return manager.socket(`/docs/acme/${transport}-${index}`, { auth: { protocol: 1 } });
}

describe('TLS', () => {
  test('[DEPLOY13] the proxy ends TLS for WebSockets, polling and HTTP/2, and HTTP leads there', async () => {
    const { certificate, key } = selfSigned();
    writeFileSync(folder.file('coscribe.pem'), certificate + key);
    const port = await freePort();
    const plain = await start({
      nodes: await startNodes(2),
      tls: { certificate: folder.file('coscribe.pem'), port },
    });
    const url = `https://127.0.0.1:${port}`;
    for (const transport of ['websocket', 'polling'] as const) {
      const manager = new Manager(url, {
        ...newManager(url, transport).opts,
        ca: certificate,
      });
      managers.push(manager);
      const client = await join(url, { manager, document: `acme/${transport}` });
      expect(await client.type('words')).toMatchObject({ ok: true });
    }
    expect(await statusOverHttp2(url, certificate)).toBe(200);

    const redirected = await fetch(`${plain}/d/acme/notes`, { redirect: 'manual' });
    expect(redirected.status).toBe(308);
    expect(redirected.headers.get('location')).toBe(`https://${new URL(plain).host}/d/acme/notes`);
  });
});

async function statusOverHttp2(url: string, ca: string): Promise<number> {
  const session = connectHttp2(url, { ca });
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({ ':path': '/readyz' });
      stream.on('response', (headers) => resolve(Number(headers[':status'])));
      stream.on('error', reject);
      stream.resume();
    });
  } finally {
    session.close();
  }
}
