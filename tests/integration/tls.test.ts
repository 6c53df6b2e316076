import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'socket.io-client';
import { type Certificate, selfSigned } from '../support/certificate.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { RawClient } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-http.js';
import { runServer, TestServer } from '../support/server-process.js';
import { until } from '../support/until.js';

let folder: TemporaryFolder;
let server: TestServer;
let first: Certificate;

function write({ certificate, key }: Certificate): void {
  writeFileSync(folder.file('cert.pem'), certificate);
  writeFileSync(folder.file('key.pem'), key);
}

beforeAll(async () => {
  folder = temporaryFolder();
  first = selfSigned();
  write(first);
  const args = ['--tls-cert', folder.file('cert.pem'), '--tls-key', folder.file('key.pem')];
  server = new TestServer({ args: [...args, '--handshake-timeout-ms', '1000'] });
  await server.start();
});

afterAll(async () => {
  await server.remove();
  folder.remove();
});

function hangUp(): void {
  const { pid } = server.process;
  if (pid === undefined) throw new Error('the server has not started');
  process.kill(pid, 'SIGHUP');
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of the server's certificate. */
  readonly serialNumber: string;
}

function ask(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(server.url + path, { rejectUnauthorized: false, agent: false }, (incoming) => {
      const { serialNumber } = (incoming.socket as TLSSocket).getPeerCertificate() as PeerCertificate;
      incoming.resume();
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, serialNumber }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

test.each([
  '/',
  '/d/acme/notes',
  '/d/acme/no!',
  '/nothing',
  '/api/documents',
  '/api/nothing',
  '/healthz',
  '/metrics',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/',
])('[EDGE7] [EDGE8] over TLS %s comes with HSTS and the security headers', async (path) => {
  const { headers } = await ask(path);
  expect(headers).toMatchObject({
    'strict-transport-security': expect.stringMatching(/^max-age=\d{8}$/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|data:|blob:|\*|http/);
});

test('[EDGE7] documents work over it, over either transport, for pages of this origin', async () => {
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  for (const transport of ['websocket', 'polling']) {
    const options = {
      transports: [transport],
      reconnection: false,
      autoConnect: false,
      rejectUnauthorized: false,
    };
    const manager = new Manager(server.url, { ...options, extraHeaders: { origin: server.url } });
    const client = await RawClient.joined(server.url, { manager });
    expect(await client.type(transport)).toMatchObject({ ok: true });
    client.close();
    const insecure = { origin: server.url.replace('https', 'http') };
    const other = new Manager(server.url, { ...options, extraHeaders: insecure });
    await expect(RawClient.connect(server.url, { manager: other })).rejects.toThrow();
  }
});

test('[EDGE7] on SIGHUP new connections get the new certificate; a bad one is logged and the old one stays', async () => {
  const before = (await ask('/healthz')).serialNumber;
  const options = {
    transports: ['websocket'],
    reconnection: false,
    autoConnect: false,
    rejectUnauthorized: false,
  };
  const client = await RawClient.joined(server.url, { manager: new Manager(server.url, options) });

  writeFileSync(folder.file('cert.pem'), 'no certificate');
  hangUp();
  await until(() => server.output().includes('the old one stays'), 'the complaint');
  expect((await ask('/healthz')).serialNumber).toBe(before);

  // Of another pair: each is well-formed, and they don't belong together.
  writeFileSync(folder.file('cert.pem'), selfSigned().certificate);
  hangUp();
  await until(() => server.output().split('the old one stays').length === 3, 'the second complaint');
  expect((await ask('/healthz')).serialNumber).toBe(before);

  write(selfSigned());
  hangUp();
  await until(() => server.output().includes('was read again'), 'the news');
  expect((await ask('/healthz')).serialNumber).not.toBe(before);
  expect(await client.type('still here')).toMatchObject({ ok: true });
  client.close();
  expect(server.output()).not.toContain('PRIVATE KEY');
});

test('[EDGE7] [LIMIT7] whoever does not finish a TLS handshake, or speaks none, is closed in time', async () => {
  const port = Number(new URL(server.url).port);
  const sockets = await Promise.all(Array.from({ length: 50 }, () => RawSocket.open(port)));
  for (const socket of sockets.slice(0, 25)) socket.send('\u0016\u0003\u0001');
  const plain = new RawSocket(connect(port, '127.0.0.1'));
  plain.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => plain.closed, 'plain HTTP to be closed');
  for (const socket of sockets) socket.socket.on('end', () => socket.destroy());
  await until(() => sockets.every(({ socket }) => socket.destroyed), 'all to be closed');
});

test('[EDGE7] files that do not serve keep the server from starting, with a sentence', async () => {
  const { key } = selfSigned();
  writeFileSync(folder.file('other.pem'), key);
  for (const [cert, keyFile, sentence] of [
    [folder.file('missing.pem'), folder.file('other.pem'), 'cannot be read (ENOENT)'],
    [folder.file('other.pem'), folder.file('other.pem'), 'no certificate and its private key'],
  ] as const) {
    const ended = await runServer([
      '--port',
      '0',
      '--store',
      'memory:',
      '--tls-cert',
      cert,
      '--tls-key',
      keyFile,
    ]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  }
});
