import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { startGenerator } from '../../../load/generator/start-generator.js';
import type { ProtocolName } from '../../../load/plan.js';
import { selfSigned } from '../../support/certificate.js';
import { temporaryFolder } from '../../support/folder.js';
import { JWT_FLAGS, tokenOf } from '../../support/jwt.js';
import { LoadRun, planFor, withLoad } from '../../support/load-run.js';
import { TestServer } from '../../support/server-process.js';

const folder = temporaryFolder();
const certificate = folder.file('cert.pem');
const tls = ['--tls-cert', certificate, '--tls-key', folder.file('key.pem')];
const server = new TestServer({ args: [...tls, ...JWT_FLAGS] });

// Tests that run beside each other begin before `beforeAll` is done.
let started: Promise<void> | undefined;
function serving(): Promise<void> {
  if (started === undefined) {
    const made = selfSigned();
    writeFileSync(certificate, made.certificate);
    writeFileSync(folder.file('key.pem'), made.key);
    started = server.start();
  }
  return started;
}

afterAll(async () => {
  await server.remove();
  folder.remove();
});

/** Node reads the certificates that it trusts when a process begins. */
function trustingGenerator() {
  return startGenerator({ ...process.env, NODE_EXTRA_CA_CERTS: certificate });
}

test.concurrent.each<[ProtocolName, string]>([
  ['coscribe', ''],
  ['y-websocket', '/yjs'],
  ['hocuspocus', '/hocuspocus'],
  ['y-socket.io', ''],
])('[LOADGEN19] %s over TLS, with a token', async (protocol, path) => {
  await serving();
  await withLoad(async (load) => {
    const token = tokenOf('ann', undefined, { access: { 'load/*': 'editor' } });
    await load.begin(planFor([server.url + path], { protocol, token }));
    await load.until(() => load.total('delivered') > 0);
    const { problems, checked } = await load.check(await load.settle());
    expect(problems).toEqual([]);
    expect(checked.characters).toBeGreaterThan(0);
  }, trustingGenerator());
});

test.concurrent('[LOADGEN13] [LOADGEN19] without a token, or without trust in the certificate, it says so', async () => {
  await serving();
  const one = new LoadRun(trustingGenerator());
  const other = new LoadRun();
  try {
    await Promise.all([
      expect(one.begin(planFor([server.url]))).rejects.toThrow(`at ${server.url}: unauthenticated.`),
      expect(other.begin(planFor([server.url]))).rejects.toThrow(/self-signed certificate|DEPTH_ZERO/),
    ]);
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
});
