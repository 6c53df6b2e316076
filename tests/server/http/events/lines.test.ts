import { Agent, request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { CoscribeError } from '../../../../shared/errors.js';
import { NOTES } from '../../../support/document-node.js';
import { type EventsServer, eventsServer } from '../../../support/events-server.js';
import { RawSocket } from '../../../support/raw-http.js';
import { until } from '../../../support/until.js';

const PATH = `/api/documents/${NOTES}/events`;

let server: EventsServer;
afterEach(() => server.close());

function port(): number {
  return Number(new URL(server.url).port);
}

test('[SSE13] nobody on the way may keep, compress or hold back anything of a stream; `HEAD` says so, too', async () => {
  server = await eventsServer();
  for (const method of ['GET', 'HEAD']) {
    const { response } = await server.follow('', { method });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers).not.toHaveProperty('content-encoding');
    expect(response.headers).not.toHaveProperty('x-hono-already-sent');
  }
  expect(server.streams.counts.followers).toBe(1);
});

test.each(['POST', 'PUT', 'DELETE'])('[SSE13] %s is refused', async (method) => {
  server = await eventsServer();
  const { response } = await server.follow('', { method });
  expect(response.statusCode).toBe(405);
  expect(response.headers.allow).toBe('GET, HEAD');
});

test.each(['?as=html', '?presence=1', '?root=__proto__', '?roof=text', '?as=text&as=json'])(
  '[SSE13] a request that asks for nothing there is (%s) is told so',
  async (query) => {
    server = await eventsServer();
    expect((await server.follow(query)).status).toBe(400);
    expect(server.copies.followings).toHaveLength(0);
  },
);

test('[SSE13] a middleware that has put itself before the response sees all of the stream', async () => {
  const seen: string[] = [];
  server = await eventsServer({
    between(response) {
      const { write } = response;
      response.write = function watched(this: typeof response, ...args: unknown[]): boolean {
        seen.push(String(args[0]));
        return Reflect.apply(write, this, args) as boolean;
      };
    },
  });
  const reader = await server.follow();
  await reader.take('snapshot');
  server.copies.latest.change([{ insert: 'x' }]);
  await reader.take('delta');
  expect(seen.join('')).toContain('event: delta\n');
});

test('[SSE13] HTTP/1.0 has no chunks, and a stream there none either', async () => {
  server = await eventsServer();
  const raw = await RawSocket.open(port());
  raw.send(`GET ${PATH} HTTP/1.0\r\nHost: localhost\r\n\r\n`);
  await until(() => raw.received.includes('event: snapshot'), 'the snapshot');
  expect(raw.received).toMatch(/\r\n\r\nretry: \d+\n\nid: 0-generation-1\nevent: snapshot\n/);
  raw.destroy();
});

test('[SSE13] a request that comes before the last one is answered gets its stream after that', async () => {
  server = await eventsServer();
  const raw = await RawSocket.open(port());
  const head = (method: string) => `${method} ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  raw.send(head('HEAD') + head('GET'));
  await until(() => raw.received.includes('event: snapshot'), 'the snapshot');
  expect(raw.received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  server.copies.latest.change([{ insert: 'x' }]);
  await until(() => raw.received.includes('event: delta'), 'the delta');
  raw.destroy();
});

test('[SSE12] after a stream has ended its connection serves the next request, and nothing listens to it any more', async () => {
  server = await eventsServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${server.url}${PATH}`, { agent }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('event: snapshot') && !text.includes('event: end'))
            server.copies.latest.end(new CoscribeError('wrong-type'));
        });
        incoming.on('end', () => resolve(text));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  try {
    const texts = [await ask(), await ask(), await ask()];
    for (const text of texts)
      expect(text).toMatch(/retry: \d+\nevent: end\ndata: \{"code":"wrong-type",.*\}\n\n$/);
    expect(server.sockets).toHaveLength(1);
    const [socket] = server.sockets;
    // Node's own.
    expect(socket?.listenerCount('drain')).toBe(1);
    expect(server.streams.counts).toMatchObject({ followers: 0, stalled: 0 });
  } finally {
    agent.destroy();
  }
});
