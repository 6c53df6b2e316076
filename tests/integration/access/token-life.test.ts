import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CoscribeProvider } from '../../../client/provider.js';
import type { Access, Authenticator } from '../../../server/auth/access.js';
import type { Refused, Renewed } from '../../../shared/protocol.js';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { authOf } from '../../support/access-world.js';
import { Clients } from '../../support/clients.js';
import { claims, JWT_SECRET, jwt, tokenOf } from '../../support/jwt.js';
import { RawClient } from '../../support/raw-client.js';
import { seededRandom } from '../../support/seeds.js';
import { Typist, tokensAfter, tokensOf } from '../../support/typist.js';
import { until } from '../../support/until.js';

let server: AccessServer;
const open: RawClient[] = [];
const clients = new Clients();

beforeAll(async () => {
  server = await startAccessServer();
});

afterEach(() => {
  for (const client of open.splice(0)) client.close();
  clients.destroy();
});

afterAll(() => server.stop());

/** Ann's, who is an editor. */
function tokenWith(more: Record<string, unknown>): string {
  return tokenOf('ann', 'editor', more);
}

/** One that is good for so many milliseconds. */
function shortToken(ms: number): string {
  return tokenWith({ exp: (Date.now() + ms) / 1_000 });
}

async function joined(token: string, document = 'acme/notes'): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { document, auth: authOf(token) });
  open.push(client);
  return client;
}

function renew(client: RawClient, token: unknown): Promise<Renewed | Refused> {
  return client.socket.emitWithAck('token', token);
}

const now = (): number => Math.floor(Date.now() / 1_000);

describe('a token that ends while somebody is in', () => {
  test('[ACC22] a new one is asked for, and without it the session ends when the token does', async () => {
    const began = performance.now();
    const client = await joined(shortToken(4_000));
    await until(() => client.got('renew').length > 0, 'a new token to be asked for');
    expect((await client.type('still in')).ok).toBe(true);
    await until(() => client.got('bye').length > 0, 'the session to end');
    const took = performance.now() - began;
    expect(client.got('bye')).toEqual([[expect.objectContaining({ code: 'token-expired' }), 0]]);
    expect(client.got('renew')).toHaveLength(1);
    expect(took).toBeGreaterThan(3_900);
    expect(took).toBeLessThan(7_000);
    await until(() => !client.socket.connected, 'the connection to end');
  });

  test('[ACC22] one that ended between connecting and joining opens nothing', async () => {
    const auth = authOf(shortToken(1_500));
    const client = await RawClient.connect(server.url, { auth });
    open.push(client);
    const ends = Date.now() + 1_600;
    await until(() => Date.now() > ends, 'the token to end');
    expect(await client.join()).toMatchObject({ ok: false, error: { code: 'token-expired' } });
  });

  test('[ACC22] with a new one in time the session goes on, as what the new one says', async () => {
    const client = await joined(shortToken(1_500));
    expect(await renew(client, tokenWith({}))).toEqual({ ok: true, role: 'editor' });
    const ended = Date.now() + 2_600;
    await until(() => Date.now() > ended, 'the first token to end');
    expect((await client.type('on and on')).ok).toBe(true);
    expect(await renew(client, tokenWith({ access: { 'acme/*': 'viewer' } }))).toMatchObject({
      role: 'viewer',
    });
    expect(client.got('access')).toEqual([['viewer']]);
    expect(await client.type('no more')).toMatchObject({ ok: false, error: { code: 'read-only' } });
    expect(client.got('bye')).toEqual([]);
  });

  test('[ACC23] what is no token of the same user is refused as a renewal, and the session goes on as it was', async () => {
    const client = await joined(shortToken(4_000));
    for (const [token, code] of [
      [tokenWith({ sub: 'otto' }), 'unauthenticated'],
      [tokenWith({ exp: now() - 1 }), 'token-expired'],
      [jwt(claims({ access: { 'acme/*': 'editor' } }), `${JWT_SECRET}!`), 'unauthenticated'],
      [tokenWith({ access: { 'other/*': 'owner' } }), 'no-access'],
      [`link_${'x'.repeat(43)}`, 'no-access'],
      ['', 'unauthenticated'],
      [{ token: 'x' }, 'bad-request'],
      ['x'.repeat(10_000), 'bad-request'],
    ]) {
      expect(await renew(client, token)).toMatchObject({ ok: false, error: { code } });
    }
    expect((await client.type('as before')).ok).toBe(true);
    expect(client.got('access')).toEqual([]);
    await until(() => client.got('bye').length > 0, 'the first token to end it');
  });

  test('[ACC24] a provider renews again and again, and whoever types notices nothing', async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    try {
      let given = 0;
      const getToken = async (): Promise<string> => {
        given++;
        return shortToken(6_000);
      };
      const provider = clients.connect(server.url, { document: 'acme/long-day', getToken });
      const rejected: unknown[] = [];
      provider.on('rejected', (error) => rejected.push(error));
      await until(() => provider.synced, 'the provider to be synced');
      const seen = statuses(provider);
      const typist = new Typist(provider, 1, seededRandom(seed));
      typist.start();
      await until(() => given > 2, 'two renewals');
      typist.pause();
      await until(() => provider.unsavedChanges === 0, 'everything to be saved');
      expect([...seen]).toEqual(['synced undefined']);
      expect(rejected).toEqual([]);
      expect(server.entries.filter(({ level }) => level === 'error')).toEqual([]);
      const reader = await joined(tokenWith({}), 'acme/long-day');
      expect([...tokensOf(reader.text)].sort()).toEqual([...tokensAfter(typist.edits)].sort());
      expect(typist.edits.length).toBeGreaterThan(50);
    } catch (error) {
      if (error instanceof Error)
        error.message += `\nagain: SEED=${seed} npx jest tests/integration/access/token-life`;
      throw error;
    }
  });

  test('[ACC24] a provider that gets no new token in time comes back with the next one, and loses nothing', async () => {
    let next: Promise<string> | string = shortToken(1_200);
    const provider = clients.connect(server.url, { document: 'acme/late', getToken: () => next });
    await until(() => provider.synced, 'the provider to be synced');
    let give: (token: string) => void = () => {};
    next = new Promise((resolve) => {
      give = resolve;
    });
    await until(() => !provider.synced, 'the session to end');
    provider.doc.getText('text').insert(0, 'typed meanwhile');
    expect(provider.status).not.toBe('denied');
    give(tokenWith({}));
    await until(() => provider.synced && provider.unsavedChanges === 0, 'it to be back, and all saved');
    expect((await joined(tokenWith({}), 'acme/late')).text).toBe('typed meanwhile');
  });
});

/** What the provider is, and what is wrong with it, from now on. */
function statuses(provider: CoscribeProvider): Set<string> {
  const now = (): string => `${provider.status} ${provider.error?.code}`;
  const seen = new Set([now()]);
  provider.on('change', () => seen.add(now()));
  return seen;
}

test('[ACC25] a token that is revoked while it is being taken as a renewal ends the session', async () => {
  const gate = new Gate();
  const authenticator: Authenticator = {
    authenticate: ({ token = '' }) => ({ user: 'ann', tokenId: token, issuedAt: Date.now() }),
    authorize: async ({ tokenId }): Promise<Access> => {
      if (tokenId === 'second') await gate.passed();
      return 'editor';
    },
  };
  const own = await startAccessServer({ auth: [], authenticator });
  try {
    const client = await RawClient.joined(own.url, { auth: authOf('first') });
    open.push(client);
    // It ends before the answer comes, or after.
    const renewed = renew(client, 'second').catch(() => {});
    await until(() => gate.waiting, 'the new token to be looked at');
    await own.revokeTokens({ tokenId: 'second' });
    gate.open();
    await renewed;
    await until(() => client.got('bye').length > 0, 'the session to end');
    expect(client.got('bye')).toEqual([[expect.objectContaining({ code: 'unauthenticated' }), -1]]);
  } finally {
    await own.stop();
  }
});

/** Holds somebody up. */
class Gate {
  waiting = false;
  private lift = (): void => {};
  private readonly lifted = new Promise<void>((resolve) => {
    this.lift = resolve;
  });

  passed(): Promise<void> {
    this.waiting = true;
    return this.lifted;
  }

  open(): void {
    this.lift();
  }
}
