import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { authOf } from '../../support/access-world.js';
import { askApi } from '../../support/http-api.js';
import { claims, JWT_SECRET, jwt } from '../../support/jwt.js';
import { RawClient, refusalOf, TRANSPORTS } from '../../support/raw-client.js';

const ISSUER = 'https://accounts.example.com';
const AUDIENCE = 'coscribe';
const EDITOR = { iss: ISSUER, aud: AUDIENCE, access: { 'acme/*': 'editor' } };

let server: AccessServer;
const open: RawClient[] = [];

beforeAll(async () => {
  server = await startAccessServer({ args: ['--jwt-issuer', ISSUER, '--jwt-audience', AUDIENCE] });
});

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

afterAll(() => server.stop());

/** A good token, but for what is said. */
function tokenWith(more: Record<string, unknown>, ...how: [secret?: string, header?: object]): string {
  const [secret, header] = how;
  return jwt(claims({ ...EDITOR, ...more }), secret, { ...header });
}

async function joined(token: string): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { auth: authOf(token) });
  open.push(client);
  return client;
}

const now = (): number => Math.floor(Date.now() / 1_000);

/** What is shown, and what becomes of it. */
const REFUSED: readonly (readonly [what: string, token: () => unknown, code: string])[] = [
  ['none', () => undefined, 'unauthenticated'],
  ['an empty one', () => '', 'unauthenticated'],
  ['a number', () => 17, 'bad-request'],
  ['an object', () => ({ sub: 'ann' }), 'bad-request'],
  ['text that is none', () => 'let me in', 'unauthenticated'],
  ['dots only', () => '..', 'unauthenticated'],
  ['half of one', () => tokenWith({}).slice(0, 60), 'unauthenticated'],
  ['one without its signature', () => tokenWith({}).replace(/[^.]+$/, ''), 'unauthenticated'],
  ['one of more than 8 KB', () => tokenWith({ more: 'x'.repeat(9_000) }), 'bad-request'],
  ['claims that are no object', () => jwt('ann'), 'unauthenticated'],
  ['one that has expired', () => tokenWith({ exp: now() - 1 }), 'token-expired'],
  ['one that has long expired', () => tokenWith({ exp: now() - 86_400 }), 'token-expired'],
  ['one that never expires', () => tokenWith({ exp: undefined }), 'unauthenticated'],
  ['one whose end is text', () => tokenWith({ exp: 'tomorrow' }), 'unauthenticated'],
  ['one that is not valid yet', () => tokenWith({ nbf: now() + 120 }), 'unauthenticated'],
  ['one of the future', () => tokenWith({ iat: now() + 3_600 }), 'unauthenticated'],
  ['one of nobody', () => tokenWith({ sub: undefined }), 'unauthenticated'],
  ['one for another audience', () => tokenWith({ aud: 'somebody else' }), 'unauthenticated'],
  ['one for no audience', () => tokenWith({ aud: undefined }), 'unauthenticated'],
  ['one of another issuer', () => tokenWith({ iss: `${ISSUER}.evil.example` }), 'unauthenticated'],
  ['one of no issuer', () => tokenWith({ iss: undefined }), 'unauthenticated'],
  ['an unknown role', () => tokenWith({ access: { 'acme/*': 'admin' } }), 'unauthenticated'],
  ['an inherited role', () => tokenWith({ access: { 'acme/*': 'constructor' } }), 'unauthenticated'],
  ['one signed with another key', () => tokenWith({}, `${JWT_SECRET}!`), 'unauthenticated'],
  ['one that says "none"', () => tokenWith({}, JWT_SECRET, { alg: 'none' }), 'unauthenticated'],
  ['one that says "NONE", unsigned', () => unsigned('NONE'), 'unauthenticated'],
  ['one that says "none", unsigned', () => unsigned('none'), 'unauthenticated'],
  ['another algorithm', () => tokenWith({}, JWT_SECRET, { alg: 'HS512' }), 'unauthenticated'],
  ['an algorithm with a public key', () => tokenWith({}, JWT_SECRET, { alg: 'RS256' }), 'unauthenticated'],
  [
    'a key in its header',
    () => tokenWith({}, 'mine', { jwk: { kty: 'oct', k: 'bWluZQ' } }),
    'unauthenticated',
  ],
  ['a key elsewhere', () => tokenWith({}, 'mine', { jku: 'http://127.0.0.1:9/keys' }), 'unauthenticated'],
  [
    'an extension that is not known',
    () => tokenWith({}, JWT_SECRET, { crit: ['x'], x: 1 }),
    'unauthenticated',
  ],
  ["somebody else's claims put in", () => changed({ sub: 'otto' }), 'unauthenticated'],
];

function unsigned(alg: string): string {
  return tokenWith({}, JWT_SECRET, { alg }).replace(/[^.]+$/, '');
}

/** The signature stays. */
function changed(more: Record<string, unknown>): string {
  const [header, , signature] = tokenWith({}).split('.');
  return [header, tokenWith(more).split('.')[1], signature].join('.');
}

describe('what is no token opens nothing', () => {
  test.each(REFUSED)('[ACC21] %s', async (_what, token, code) => {
    const shown = token();
    for (const transport of TRANSPORTS) {
      const auth = { protocol: 1, ...(shown !== undefined && { token: shown }) };
      const refusal = await refusalOf(RawClient.connect(server.url, { transport, auth }));
      expect(refusal.data?.code).toBe(code);
      if (typeof shown === 'string' && shown.length > 10)
        expect(JSON.stringify([refusal.message, refusal.data])).not.toContain(shown.slice(-10));
    }
  });

  test.each(REFUSED.filter(([, token]) => ['string', 'undefined'].includes(typeof token())))(
    '[ACC21] %s, over HTTP',
    async (_what, token, code) => {
      const shown = token() as string | undefined;
      const answer = await askApi(server.url, 'GET', 'documents', { token: shown });
      expect([answer.status, answer.code]).toEqual([401, code === 'bad-request' ? 'unauthenticated' : code]);
      if (shown !== undefined && shown.length > 10) expect(answer.text).not.toContain(shown.slice(-10));
    },
  );

  test('[ACC21] a good one does, also as a header, and with a clock half a minute ahead', async () => {
    await joined(tokenWith({}));
    await joined(tokenWith({ aud: ['another', AUDIENCE], nbf: now() + 20, iat: now() + 20 }));
    expect((await askApi(server.url, 'GET', 'documents', { token: tokenWith({}) })).status).toBe(200);
  });
});
