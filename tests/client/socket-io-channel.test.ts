import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Server, type Socket } from 'socket.io';
import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { Joined } from '../../shared/protocol.js';
import { until } from '../support/until.js';

const JOINED: Joined = {
  ok: true,
  session: '1',
  generation: 'generation-1',
  head: 0,
  role: 'editor',
  limits: { maxUpdateBytes: 1_000, maxDeleteRanges: 100, maxAwarenessBytes: 1_000 },
  saving: true,
  content: encodeUpdateList([]),
  awareness: new Uint8Array(),
};

/** A stock Socket.IO server that notes what comes, and lets everybody in unless the test says otherwise. */
let http: HttpServer;
let io: Server;
let url: string;
let auths: { document: string; auth: unknown; connection: string }[];
let renewals: unknown[];
/** Documents whose clients have shown themselves to the others, which is the last thing that they send unasked. */
let shown: string[];
let refuse: (token: unknown) => ErrorCode | undefined;
const sockets = new Map<string, Socket>();
const providers: CoscribeProvider[] = [];

beforeEach(async () => {
  http = createServer();
  io = new Server(http);
  auths = [];
  renewals = [];
  shown = [];
  refuse = () => undefined;
  const documents = io.of(/^\/docs\//);
  documents.use((socket, next) => {
    const { auth } = socket.handshake;
    const document = socket.nsp.name.slice('/docs/'.length);
    auths.push({ document, auth, connection: connectionOf(socket) });
    const code = refuse(auth.token);
    next(
      code === undefined
        ? undefined
        : Object.assign(new Error(code), { data: new CoscribeError(code).toWire() }),
    );
  });
  documents.on('connection', (socket) => {
    const document = socket.nsp.name.slice('/docs/'.length);
    sockets.set(document, socket);
    socket.on('awareness', () => shown.push(document));
    socket.on('join', (_request, answer: (reply: Joined) => void) => answer(JOINED));
    socket.on('token', (token: unknown, answer: (reply: unknown) => void) => {
      renewals.push(token);
      answer({ ok: true, role: 'viewer' });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const provider of providers.splice(0)) provider.destroy();
  await until(() => io.engine.clientsCount === 0, 'the connections to be closed');
  sockets.clear();
  await io.close();
});

function connectionOf(socket: Socket): string {
  return (socket.conn as unknown as { readonly id: string }).id;
}

function open(document: string, options: Partial<ProviderOptions> = {}): CoscribeProvider {
  const provider = new CoscribeProvider({ url, document, ...options });
  providers.push(provider);
  return provider;
}

describe('over a real Socket.IO connection', () => {
  test('[PROV31] documents that share it each show a token of their own, or none', async () => {
    const all = [
      open('acme/one', { token: 'first' }),
      open('acme/two', { getToken: () => Promise.resolve('second') }),
      open('acme/three'),
    ];
    await until(() => all.every(({ synced }) => synced), 'all to be synced');
    const shown = new Map(auths.map(({ document, auth }) => [document, auth]));
    expect([...shown].sort()).toEqual([
      ['acme/one', { protocol: 1, token: 'first' }],
      ['acme/three', { protocol: 1 }],
      ['acme/two', { protocol: 1, token: 'second' }],
    ]);
    expect(new Set(auths.map(({ connection }) => connection)).size).toBe(1);
  });

  test('[PROV31] [PROV33] a new connection and a second one each show a new token, a session gets one in place', async () => {
    let asked = 0;
    const provider = open('acme/one', { getToken: () => `token ${++asked}` });
    await until(() => provider.synced, 'it to be synced');
    sockets.get('acme/one')?.conn.close();
    await until(() => !provider.synced, 'the loss to be noticed');
    await until(() => provider.synced, 'it to be back');
    sockets.get('acme/one')?.emit('renew');
    await until(() => provider.role === 'viewer', 'the answer');
    expect(renewals).toEqual(['token 3']);
    const before = sockets.get('acme/one');
    before?.emit('move', 0);
    await until(() => sockets.get('acme/one') !== before, 'the second connection');
    await until(() => provider.role === 'editor', 'the change');
    expect(auths.map(({ auth }) => auth)).toEqual(
      ['token 1', 'token 2', 'token 4'].map((token) => ({ protocol: 1, token })),
    );
    sockets.get('acme/one')?.emit('access', 'viewer');
    await until(() => provider.role === 'viewer', 'the other role');
  });

  test('[PROV34] a token that is refused, or ends, is followed by another one at once; other documents go on', async () => {
    refuse = (token) => (token === 'token 1' ? 'token-expired' : undefined);
    let asked = 0;
    const other = open('acme/other');
    await until(() => other.synced, 'the other one to be synced');
    const otherSeen: string[] = [];
    other.on('change', () => otherSeen.push(other.status));
    const provider = open('acme/one', { getToken: () => `token ${++asked}` });
    const seen = new Set<string>();
    provider.on('change', () => seen.add(provider.status));
    await until(() => provider.synced, 'it to be synced');
    // Socket.IO ends the whole connection for a message that crosses the end of its namespace: nothing is to be on its way.
    await until(() => shown.includes('acme/one'), 'its presence');
    const ended = sockets.get('acme/one');
    ended?.emit('bye', new CoscribeError('token-expired').toWire(), 0);
    ended?.disconnect();
    // Within 5 s of the first one there is a pause.
    await until(() => asked === 3, 'the next token');
    await until(() => provider.synced, 'it to be back');
    expect(auths.slice(1).map(({ auth }) => auth)).toEqual(
      ['token 1', 'token 2', 'token 3'].map((token) => ({ protocol: 1, token })),
    );
    expect([...seen]).not.toContain('denied');
    expect(otherSeen).toEqual([]);
    expect(new Set(auths.map(({ connection }) => connection)).size).toBe(1);
  });

  test('[PROV34] so it is for a document that is alone on its connection', async () => {
    refuse = (token) => (token === 'token 1' ? 'unauthenticated' : undefined);
    let asked = 0;
    const provider = open('acme/one', { getToken: () => Promise.resolve(`token ${++asked}`) });
    await until(() => provider.synced, 'it to be synced');
    expect(asked).toBe(2);
    expect(provider.error).toBeUndefined();
  });
});
