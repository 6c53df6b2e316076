import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CoscribeNode, startNode } from '../../../tools/services/node.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { authOf } from '../../support/access-world.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { askApi, jsonOf } from '../../support/http-api.js';
import { claims, JWT_SECRET, jwt, tokenOf } from '../../support/jwt.js';
import { testPostgres } from '../../support/postgres.js';
import { awarenessOf, ownUpdate } from '../../support/presence-people.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

const DOCUMENT = 'acme/notes';
const PASSWORDS = ['password-of-postgres', 'password-of-redis', 'password-of-keys'] as const;
const [POSTGRES, REDIS, KEYS] = PASSWORDS;
const CONTENT = ['dear diary', 'somebody with a name', 'a label of a link'] as const;
const [TEXT, NAME, LABEL] = CONTENT;

const postgres = testPostgres();
let folder: TemporaryFolder;
let redis: RedisProcess;
let keys: Server;
const nodes: CoscribeNode[] = [];
/** Everything that was shown or written, and is nobody's business. */
const secrets = new Set<string>([JWT_SECRET, ...PASSWORDS, ...CONTENT]);
const clients: RawClient[] = [];

beforeAll(async () => {
  folder = temporaryFolder();
  redis = await startRedis({ folder: folder.path, password: REDIS });
  // A server of keys that has none.
  keys = createServer((_request, response) => response.writeHead(500).end('no keys'));
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const client of clients) client.close();
  for (const node of nodes) await node.kill();
  await redis?.kill();
  keys?.close();
  folder.remove();
});

async function start(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<CoscribeNode> {
  const store = postgres.server.url.replace('postgres@', `postgres:${POSTGRES}@`);
  const all = ['--auth', 'jwt', '--log-level', 'debug', ...args];
  const node = await startNode({ store, redisUrl: redis.url, args: all, env });
  nodes.push(node);
  return node;
}

/** A secret from now on. */
function secret(text: string): string {
  secrets.add(text);
  // Parts of a token are no better.
  for (const part of text.split('.')) if (part.length > 20) secrets.add(part);
  return text;
}

async function enter({ url }: CoscribeNode, token: string): Promise<RawClient> {
  const client = await RawClient.joined(url, { document: DOCUMENT, auth: authOf(token) });
  clients.push(client);
  secret(client.clientKey);
  return client;
}

/** Whatever comes of it. */
async function tried(trying: Promise<unknown>): Promise<void> {
  await trying.catch(() => {});
}

/** Tries to get in and to ask, by every way there is. */
async function tryEverything({ url }: CoscribeNode, token: string): Promise<void> {
  const auth = authOf(token);
  await tried(RawClient.connect(url, { document: DOCUMENT, auth }).then((client) => clients.push(client)));
  await tried(
    RawClient.connect(url, { document: DOCUMENT, transport: 'polling', auth: { protocol: 7, token } }),
  );
  for (const [method, path] of [
    ['GET', 'documents'],
    ['GET', `documents/${DOCUMENT}?token=${token}`],
    ['GET', `documents/${DOCUMENT}/events?token=${token}`],
    ['GET', `nowhere?token=${token}`],
    ['DELETE', `documents/${DOCUMENT}/links/${token.slice(0, 60)}`],
    ['POST', `documents/${DOCUMENT}/links`],
  ] as const) {
    await tried(
      askApi(url, method, path, { token, ...(method === 'POST' && { body: { token, role: token } }) }),
    );
  }
}

test('[ACC29] nothing secret and nothing of what people write is in the log, whatever happens, on the level "debug" either', async () => {
  const node = await start({ COSCRIBE_JWT_KEY: JWT_SECRET }, ['--jwt-algorithm', 'HS256']);
  const keyless = await start({ COSCRIBE_JWT_JWKS_URL: `http://${addressOf(keys)}/keys?key=${KEYS}` }, [
    '--jwt-algorithm',
    'ES256',
  ]);
  const owner = secret(tokenOf('olga', 'owner'));
  const ann = await enter(node, owner);
  expect((await ann.type(TEXT)).ok).toBe(true);
  ann.socket.emit('awareness', ownUpdate(awarenessOf({ user: { name: NAME } }, ann.doc.clientID)));

  const body = { role: 'editor', label: LABEL };
  const link = jsonOf<{ readonly id: string; readonly token: string }>(
    await askApi(node.url, 'POST', `documents/${DOCUMENT}/links`, { token: owner, body }),
  );
  const guest = await enter(node, secret(link.token));
  expect(guest.text).toBe(TEXT);
  // Messages that are refused, with what should not be told in them.
  await guest.update(new TextEncoder().encode(TEXT));
  await guest.socket.emitWithAck('token', secret(jwt(claims({ sub: 'eve' }))));
  guest.socket.emit('awareness', ownUpdate(awarenessOf({ user: { name: NAME } }, 1)));
  guest.socket.emit(TEXT, TEXT);
  await guest.settled();

  for (const token of [
    secret(tokenOf('eve')),
    secret(tokenOf('ann', 'editor', { exp: 1 })),
    secret(jwt(claims({ access: { 'acme/*': 'owner' } }), 'a key of somebody else')),
    secret(jwt(claims(), JWT_SECRET, { alg: 'none' })),
    secret(jwt(claims({ name: 17 }))),
    secret(`link_${'S'.repeat(43)}`),
    secret('not.a.token-but-something-secret'),
  ]) {
    await tryEverything(node, token);
    await tryEverything(keyless, token);
  }
  await askApi(node.url, 'DELETE', `documents/${DOCUMENT}/links/${link.id}`, { token: owner });
  await until(() => guest.got('bye').length > 0, "the guest's session to end");

  // The store and the bus are gone, in the middle of everything.
  await postgres.server.kill();
  await redis.kill();
  const typed = ann.type(TEXT).catch(() => {});
  await tryEverything(node, owner);
  await tryEverything(keyless, owner);
  await until(() => ann.got('saving').length > 0, 'the trouble to be told');
  await postgres.server.start();
  await redis.start();
  await typed;

  const output = nodes.map((each) => each.output()).join('\n');
  for (const each of secrets) expect(output.includes(each) ? each : 'not in the log').toBe('not in the log');
  // There is a log, and it tells what happened.
  for (const message of ['link-made', 'link-revoked', 'cannot save', 'Redis'])
    expect(output).toContain(message);
});

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
