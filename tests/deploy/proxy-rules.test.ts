import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HaproxyProcess, startProxy } from '../../tools/services/haproxy.js';
import { freePort } from '../../tools/services/ports.js';

/** Stands in for a node: says what it was asked. */
class Stub {
  readonly asked: IncomingMessage[] = [];
  private constructor(
    private readonly http: Server,
    readonly url: string,
  ) {}

  static async start(listener: RequestListener): Promise<Stub> {
    const http = createServer((request, response) => {
      if (request.url === '/readyz') response.end();
      else {
        stub.asked.push(request);
        listener(request, response);
      }
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const stub = new Stub(http, `http://127.0.0.1:${port}`);
    return stub;
  }

  stop(): void {
    this.http.close();
    this.http.closeAllConnections();
  }
}

const stubs: Stub[] = [];
let proxy: HaproxyProcess | undefined;

beforeEach(() => {
  proxy = undefined;
});

afterEach(async () => {
  await proxy?.kill();
  for (const stub of stubs.splice(0)) stub.stop();
});

async function stubNode(listener: RequestListener = (_, response) => response.end()): Promise<Stub> {
  const stub = await Stub.start(listener);
  stubs.push(stub);
  return stub;
}

async function proxyFor(...nodes: string[]): Promise<string> {
  proxy = await startProxy({ nodes });
  return proxy.url;
}

describe('what the proxy does to requests', () => {
  test('[DEPLOY10] nodes are told the address and the scheme of the client, and not what it says of itself', async () => {
    const node = await stubNode();
    const url = await proxyFor(node.url);
    const lies = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' };
    await fetch(`${url}/d/acme/notes?x=1`, { headers: lies });
    const [request] = node.asked;
    expect(request?.url).toBe('/d/acme/notes?x=1');
    expect(request?.headers).toMatchObject({
      host: new URL(url).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
  });

  test.each(['/metrics', '/%6detrics', '/metrics?x'])(
    '[DEPLOY10] figures of a node are not for everybody: %s is not passed on',
    async (path) => {
      const node = await stubNode();
      expect((await fetch((await proxyFor(node.url)) + path)).status).toBe(404);
      expect(node.asked).toEqual([]);
    },
  );

  test('[DEPLOY10] a request far beyond what the server takes does not reach it', async () => {
    const node = await stubNode((request, response) => {
      request.resume();
      request.on('end', () => response.end());
    });
    const url = await proxyFor(node.url);
    const post = (bytes: number) => fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
    expect((await post(11 * 1024 * 1024)).status).toBe(200);
    const tooLarge = await post(17 * 1024 * 1024).then(
      ({ status }) => status,
      // The connection may be closed before all of it is sent.
      () => 413,
    );
    expect(tooLarge).toBe(413);
    expect(node.asked).toHaveLength(1);
  });

  test('[DEPLOY11] a node that refuses the connection costs nobody an error, before a check has noticed it', async () => {
    const node = await stubNode();
    const url = await proxyFor(`http://127.0.0.1:${await freePort()}`, node.url);
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(url, { method: 'POST' })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(node.asked).toHaveLength(20);
  });

  test('[DEPLOY11] a request that a node has got is not made a second time', async () => {
    const break_: RequestListener = (request) => void request.socket.destroy();
    const nodes = [await stubNode(break_), await stubNode(break_)];
    const url = await proxyFor(...nodes.map((node) => node.url));
    expect((await fetch(url, { method: 'POST', body: 'an edit' })).status).toBe(502);
    expect(nodes.flatMap(({ asked }) => asked)).toHaveLength(1);
  });
});

test('[DEPLOY14] nodes are exchanged while it runs, and a request that is under way with one that stays goes on', async () => {
  let finish = (): void => {};
  const stays = await stubNode((_, response) => {
    response.write('begun, ');
    finish = () => response.end('ended');
  });
  const [leaves, comes] = [await stubNode(), await stubNode()];
  const url = await proxyFor(leaves.url, stays.url);
  let pending: Response | undefined;
  while (stays.asked.length === 0) pending = await fetch(url);
  await proxy?.setNodes([comes.url, stays.url]);
  const before = leaves.asked.length;
  for (let count = 0; count < 5; count++) expect((await fetch(url)).status).toBe(200);
  expect(comes.asked.length).toBe(5);
  expect(leaves.asked).toHaveLength(before);
  finish();
  expect(await pending?.text()).toBe('begun, ended');
  await proxy?.setNodes([comes.url]);
  expect((await proxy?.seats())?.map(({ name }) => name)).toEqual(['node1']);
});
