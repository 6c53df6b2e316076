import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import { CoscribeError } from '../../shared/errors.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { until } from '../support/until.js';

const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function listen(server: HttpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serve(answer: RequestListener): Promise<string> {
  return listen(createServer(answer));
}

function open(url: string, options: Partial<ProviderOptions> = {}): CoscribeProvider {
  const provider = new CoscribeProvider({ document: 'acme/notes', url, random: () => 0, ...options });
  ending.push(async () => provider.destroy());
  return provider;
}

async function complaintAbout(url: string, options: Partial<ProviderOptions> = {}): Promise<string> {
  const provider = open(url, options);
  await until(() => provider.error !== undefined, 'it to be said');
  expect(provider.status).toBe('offline');
  expect(provider.error).toMatchObject({ code: 'not-coscribe', retryable: true });
  return provider.error?.message ?? '';
}

describe('a server that isn’t Coscribe', () => {
  test('[PROV47] is named as such, with its address: no page, and a page instead', async () => {
    const nothing = await serve((_request, response) => response.writeHead(404).end('not here'));
    expect(await complaintAbout(nothing)).toContain(`${nothing}/socket.io: it answers HTTP 404`);
    const page = await serve((_request, response) => response.end('<!doctype html><title>Page</title>'));
    expect(await complaintAbout(page, { path: '/live' })).toContain(
      `${page}/live: it does not speak Socket.IO`,
    );
  });

  test('[PROV47] is named as such: a Socket.IO server without our documents, and another WebSocket server', async () => {
    const http = createServer();
    const url = await listen(http);
    const io = new Server(http);
    ending.push(() => io.close());
    expect(await complaintAbout(url)).toContain('it speaks Socket.IO, and says "Invalid namespace"');
    const other = createServer((_request, response) => response.writeHead(426).end());
    const sockets = new WebSocketServer({ server: other });
    sockets.on('connection', (socket) => socket.send('hello'));
    const elsewhere = await listen(other);
    ending.push(async () => {
      for (const socket of sockets.clients) socket.terminate();
    });
    expect(await complaintAbout(elsewhere)).toContain('it answers HTTP 426');
  });

  test('[PROV47] a network that leads nowhere, or to a proxy whose server is away, is not', async () => {
    const away = await serve((_request, response) => response.writeHead(502).end('bad gateway'));
    let lost = 0;
    const provider = open(away);
    provider.on('change', () => lost++);
    await until(() => lost > 3, 'some attempts');
    expect([provider.status, provider.error]).toEqual(['offline', undefined]);
  });

  test('[PROV47] a Coscribe server that refuses the page is believed, and asked again', async () => {
    const refuses = await serve((_request, response) => {
      const { code, message: detail } = new CoscribeError('origin-refused').toWire();
      response
        .writeHead(403, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ code, detail }));
    });
    const provider = open(refuses);
    await until(() => provider.error !== undefined, 'it to be said');
    expect(provider.error).toMatchObject({ code: 'origin-refused' });
    expect(provider.status).toBe('offline');
  });

  test('[PROV47] it goes on trying, and gets through once a Coscribe server is there', async () => {
    const wrong = createServer((_request, response) => response.writeHead(404).end());
    const url = await listen(wrong);
    const provider = open(url);
    await until(() => provider.error !== undefined, 'it to be said');
    wrong.closeAllConnections();
    await new Promise((resolve) => wrong.close(resolve));
    const http = createServer();
    const io = new Server(http);
    ending.push(() => io.close());
    io.of(/^\/docs\//).on('connection', (socket) =>
      socket.on('join', (_request, answer) =>
        answer({ ok: false, error: new CoscribeError('no-access').toWire() }),
      ),
    );
    await new Promise<void>((resolve) => http.listen(Number(new URL(url).port), '127.0.0.1', resolve));
    await until(() => provider.error?.code === 'no-access', 'the server');
  });
});

describe('where the server is', () => {
  test('[PROV49] documents of one page may be on servers at several paths, each with a token of its own', async () => {
    const http = createServer();
    const url = await listen(http);
    const tokens: unknown[] = [];
    for (const path of ['/one', '/two']) {
      const io = new Server(http, { path, destroyUpgrade: false });
      ending.push(() => io.close());
      io.of(/^\/docs\//).use((socket, next) => {
        tokens.push([path, socket.nsp.name, socket.handshake.auth.token]);
        next(Object.assign(new Error('no'), { data: new CoscribeError('no-access').toWire() }));
      });
    }
    const providers = [
      open(url, { path: '/one', token: 'a' }),
      open(url, { path: '/one', document: 'acme/other', token: 'b' }),
      open(url, { path: '/two', token: 'c' }),
    ];
    await until(() => providers.every(({ status }) => status === 'denied'), 'all to be answered');
    expect(tokens.sort()).toEqual([
      ['/one', '/docs/acme/notes', 'a'],
      ['/one', '/docs/acme/other', 'b'],
      ['/two', '/docs/acme/notes', 'c'],
    ]);
  });
});

describe('a version of the protocol that the server does not speak', () => {
  let server: GatewayServer | undefined;

  test.each([
    [0, 'update the client, or reload the page'],
    [2, 'update the server'],
  ])('[PROV48] %i: the refusal says which side is to be updated', async (protocol, advice) => {
    server ??= await startGateway();
    const { io: connect } = await import('socket.io-client');
    const socket = connect(`${server.url}/docs/acme/notes`, {
      auth: { protocol },
      forceNew: true,
      reconnection: false,
    });
    ending.push(async () => socket.disconnect());
    const error = await new Promise<{ data?: { code: string; message: string } }>((resolve) => {
      socket.on('connect_error', resolve);
    });
    expect(error.data).toMatchObject({ code: 'protocol-mismatch' });
    expect(error.data?.message).toBe(
      `Client and server speak different versions of the protocol; the older one has to be updated. (this server speaks version 1: ${advice})`,
    );
    if (protocol === 2) await server.stop();
  });
});
