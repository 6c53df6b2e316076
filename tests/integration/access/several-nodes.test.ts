import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type CoscribeNode, startNode } from '../../../tools/services/node.js';
import { AccessChanges, CIRCUMSTANCES, type Circumstance, expectOut } from '../../support/access-nodes.js';
import { askApi, jsonOf } from '../../support/http-api.js';
import { JWT_SECRET, tokenOf } from '../../support/jwt.js';
import { testPostgres } from '../../support/postgres.js';
import type { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

const OPERATOR = tokenOf('root', undefined, { operator: true });
const OWNER = tokenOf('olga', 'owner');

const postgres = testPostgres();
let changes: AccessChanges;
/** Where access is changed, and where the people are. */
let a: CoscribeNode;
let b: CoscribeNode;
let documents = 0;

beforeAll(async () => {
  changes = await AccessChanges.start();
  const args = ['--auth', 'jwt', '--jwt-algorithm', 'HS256'];
  const env = { COSCRIBE_JWT_KEY: JWT_SECRET };
  const options = { store: postgres.server.url, redisUrl: changes.redis.url, args, env };
  a = await startNode(options);
  b = await startNode(options);
});

afterEach(() => changes.leave());

afterAll(async () => {
  await Promise.all([a?.kill(), b?.kill()]);
  await changes?.stop();
});

/** A document of its own for each test, on nodes that know each other. */
async function prepared(): Promise<string> {
  await changes.settle(a, b);
  const id = `acme/document-${++documents}`;
  jsonOf(await askApi(a.url, 'POST', 'documents', { token: OWNER, body: { id } }));
  return id;
}

function asked(method: string, path: string, token: string, body?: unknown): () => Promise<void> {
  return async () => {
    const answer = await askApi(a.url, method, path, { token, body });
    expect([answer.status, answer.text]).toEqual([204, '']);
  };
}

function told(client: RawClient): () => boolean {
  return () => client.got('bye').length > 0;
}

/** Has the change made, and looks that it ends the one session on the other node, and not the other. */
async function expectEnd(
  circumstance: Circumstance,
  document: string,
  [token, other]: readonly [string, string],
  [change, code]: readonly [() => Promise<void>, string],
): Promise<void> {
  const client = await changes.enter(b.url, document, token);
  const neighbour = await changes.enter(b.url, document, other);
  await changes.follow(circumstance, a, change, told(client));
  await expectOut(client, code);
  expect(await changes.entrance(b.url, document, token)).toBe(code);
  expect(neighbour.got('bye')).toEqual([]);
  expect((await neighbour.type('still here')).ok).toBe(true);
}

test.each(CIRCUMSTANCES)(
  '[ACC27] while %s, the tokens of a user are revoked on one node: his sessions on the other end',
  async (circumstance) => {
    const document = await prepared();
    const user = `user of ${document}`;
    const tokens = [tokenOf(user, 'editor'), tokenOf(`not ${user}`, 'editor')] as const;
    const revoke = asked('POST', 'revocations', OPERATOR, { user });
    await expectEnd(circumstance, document, tokens, [revoke, 'unauthenticated']);
  },
  60_000,
);

test.each(CIRCUMSTANCES)(
  '[ACC27] while %s, one token is revoked on one node: its sessions on the other end',
  async (circumstance) => {
    const document = await prepared();
    const tokenId = `token of ${document}`;
    const tokens = [
      tokenOf('ann', 'editor', { jti: tokenId }),
      tokenOf('ann', 'editor', { jti: 'x' }),
    ] as const;
    const revoke = asked('POST', 'revocations', OPERATOR, { tokenId });
    await expectEnd(circumstance, document, tokens, [revoke, 'unauthenticated']);
  },
  60_000,
);

test.each(CIRCUMSTANCES)(
  '[ACC27] while %s, a link is revoked on one node: its sessions on the other end',
  async (circumstance) => {
    const document = await prepared();
    const make = async (): Promise<{ readonly id: string; readonly token: string }> => {
      const options = { token: OWNER, body: { role: 'editor' } };
      return jsonOf(await askApi(a.url, 'POST', `documents/${document}/links`, options));
    };
    const [link, other] = [await make(), await make()];
    const revoke = asked('DELETE', `documents/${document}/links/${link.id}`, OWNER);
    await expectEnd(circumstance, document, [link.token, other.token], [revoke, 'no-access']);
  },
  60_000,
);

test.each(CIRCUMSTANCES)(
  '[ACC28] while %s, a document is deleted on one node: nobody works on it on the other',
  async (circumstance) => {
    const document = await prepared();
    const token = tokenOf('ann', 'editor');
    const client = await changes.enter(b.url, document, token);
    const isTold = (): boolean => client.got('bye').length + client.got('resync').length > 0;
    await changes.follow(circumstance, a, asked('DELETE', `documents/${document}`, OWNER), isTold);
    await until(() => !client.socket.connected, 'the connection to end');
    expect(await changes.entrance(b.url, document, token)).toBe('document-deleted');
  },
  60_000,
);
