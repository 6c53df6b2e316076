import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Authenticator } from '../../../server/auth/access.js';
import { jwtAuthenticator } from '../../../server/auth/jwt-authenticator.js';
import type { JwtIdentity } from '../../../server/auth/jwt-claims.js';
import {
  COOLDOWN_MS,
  FETCH_WITHIN_MS,
  KEEP_FOR_MS,
  REFRESH_AFTER_MS,
} from '../../../server/auth/remote-keys.js';
import { CoscribeError } from '../../../shared/errors.js';
import { collectLog } from '../../support/collect-log.js';
import { forgeToken, keyPair, publicJwk, signToken } from '../../support/jwt-issuer.js';
import { KeyServer } from '../../support/key-server.js';
import { ManualClock } from '../../support/manual-clock.js';
import { until } from '../../support/until.js';

const FIRST = keyPair('ES256', 1);
const SECOND = keyPair('ES256', 2);
const UNKNOWN_KEY = 'unauthenticated: the token was signed with a key that this server does not know';
const UNAVAILABLE = 'keys-unavailable: ';

let server: KeyServer;
let clock: ManualClock;
let log: ReturnType<typeof collectLog>;

beforeEach(async () => {
  server = await KeyServer.start();
  server.keys = [await publicJwk(FIRST, { kid: 'first', alg: 'ES256', use: 'sig' })];
  clock = new ManualClock();
  log = collectLog();
});
afterEach(() => server.stop());

function start(url = server.url): Promise<Authenticator<JwtIdentity>> {
  const options = {
    jwtAlgorithm: 'ES256',
    jwtKey: '',
    jwtJwksUrl: url,
    jwtIssuer: '',
    jwtAudience: 'x',
  } as const;
  return jwtAuthenticator(options, { clock, log });
}

function issue(pair: typeof FIRST, kid?: string): Promise<string> {
  const claims = { sub: 'ann', aud: 'x', exp: clock.wall() / 1000 + 86_400 };
  return signToken('ES256', pair.privateKey, claims, kid === undefined ? {} : { kid });
}

/** `ann`, or the refusal as `code: detail`. */
async function outcome(authenticator: Authenticator<JwtIdentity>, token: string): Promise<string> {
  try {
    return (await authenticator.authenticate({ token, headers: {}, address: '' })).user;
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error;
    return `${error.code}: ${/\((.*)\)$/s.exec(error.message)?.[1] ?? ''}`;
  }
}

/** Failed fetches so far. */
function failures(): number {
  return log.entries.filter(({ message }) => message.includes('could not be fetched')).length;
}

describe('keys from a JWKS address', () => {
  test('[AUTH14] tokens are checked with the key that they name, which is fetched once for all', async () => {
    server.keys = [...server.keys, await publicJwk(SECOND, { kid: 'second' })];
    const people = await start();
    const tokens = await Promise.all([issue(FIRST, 'first'), issue(SECOND, 'second'), issue(FIRST, 'first')]);
    expect(await Promise.all(tokens.map((token) => outcome(people, token)))).toEqual(['ann', 'ann', 'ann']);
    expect(await outcome(people, await issue(FIRST, 'second'))).toBe(
      'unauthenticated: the signature is not valid',
    );
    expect(server.asked).toBe(1);
    expect(await outcome(people, await issue(FIRST))).toBe(
      'unauthenticated: the token does not name its key ("kid"), and there are several',
    );
  });

  test('[AUTH14] of a single key a token need not say the name', async () => {
    expect(await outcome(await start(), await issue(FIRST))).toBe('ann');
  });

  test('[AUTH14] keys of another kind, private ones and secrets in the set are of no use', async () => {
    const { privateKey } = SECOND;
    server.keys = [
      await publicJwk(keyPair('RS256'), { kid: 'rsa' }),
      await publicJwk(FIRST, { kid: 'encryption', use: 'enc' }),
      await publicJwk(FIRST, { kid: 'other algorithm', alg: 'ES384' }),
      { kty: 'oct', k: Buffer.from('known to everybody').toString('base64url'), kid: 'secret' },
      { ...privateKey.export({ format: 'jwk' }), kid: 'private' },
    ];
    const people = await start();
    for (const kid of ['rsa', 'encryption', 'other algorithm', 'secret', 'private']) {
      const token = await issue(kid === 'private' ? SECOND : FIRST, kid);
      expect([kid, await outcome(people, token)]).not.toEqual([kid, 'ann']);
      const forged = forgeToken({ alg: 'HS256', kid }, { sub: 'ann', exp: 9e9 }, 'known to everybody');
      expect(await outcome(people, forged)).toContain('signed in another way');
      clock.advance(COOLDOWN_MS);
    }
  });

  test('[AUTH15] a new key counts at once; a name that is not known is asked for again, but not often', async () => {
    const people = await start();
    expect(await outcome(people, await issue(FIRST, 'first'))).toBe('ann');
    clock.advance(COOLDOWN_MS);
    server.keys = [await publicJwk(SECOND, { kid: 'second' })];
    expect(await outcome(people, await issue(SECOND, 'second'))).toBe('ann');
    expect(server.asked).toBe(2);
    // The old one is withdrawn with that. While it can't be asked for, nobody is refused for good.
    expect(await outcome(people, await issue(FIRST, 'first'))).toBe(UNAVAILABLE);
    clock.advance(COOLDOWN_MS);
    expect(await outcome(people, await issue(FIRST, 'first'))).toBe(UNKNOWN_KEY);
    expect(server.asked).toBe(3);
  });

  test('[AUTH15] a flood of names that nobody knows costs one request in ten seconds, and others nothing', async () => {
    const people = await start();
    const good = await issue(FIRST, 'first');
    for (let second = 0; second < 60; second += 1) {
      const forged = Array.from({ length: 20 }, (_, at) =>
        forgeToken({ alg: 'ES256', kid: `${second}-${at}` }, {}, 'x'),
      );
      const answers = await Promise.all(forged.map((token) => outcome(people, token)));
      expect(answers.every((answer) => answer === UNAVAILABLE || answer === UNKNOWN_KEY)).toBe(true);
      expect(await outcome(people, good)).toBe('ann');
      clock.advance(1000);
    }
    expect(server.asked).toBeLessThanOrEqual(6);
  });

  test('[AUTH15] a key that was withdrawn counts for ten minutes at most', async () => {
    const people = await start();
    const token = await issue(FIRST, 'first');
    expect(await outcome(people, token)).toBe('ann');
    server.keys = [await publicJwk(SECOND, { kid: 'second' })];
    clock.advance(REFRESH_AFTER_MS);
    expect(await outcome(people, token)).toBe('ann');
    expect(server.asked).toBe(1);
    clock.advance(1);
    expect(await outcome(people, token)).toBe(UNAVAILABLE);
    clock.advance(COOLDOWN_MS);
    expect(await outcome(people, token)).toBe(UNKNOWN_KEY);
    expect(await outcome(people, await issue(SECOND, 'second'))).toBe('ann');
  });

  test('[AUTH16] while they can’t be had, those at hand count for an hour, and then nobody is refused for good', async () => {
    const people = await start();
    const token = await issue(FIRST, 'first');
    expect(await outcome(people, token)).toBe('ann');
    server.mood = 'wrong';
    for (let at = 0; at < KEEP_FOR_MS; at += REFRESH_AFTER_MS) {
      clock.advance(REFRESH_AFTER_MS);
      expect(await outcome(people, token)).toBe('ann');
      expect(failures()).toBe(at / REFRESH_AFTER_MS);
    }
    clock.advance(1);
    expect(await outcome(people, token)).toBe(UNAVAILABLE);
    server.mood = 'well';
    clock.advance(COOLDOWN_MS);
    expect(await outcome(people, token)).toBe('ann');
  });

  test('[AUTH16] a server that cannot reach the address starts, says so, and refuses nobody for good', async () => {
    const { url } = server;
    await server.stop();
    const people = await start(url);
    const token = await issue(FIRST, 'first');
    expect(await outcome(people, token)).toBe(UNAVAILABLE);
    expect(await outcome(people, token)).toBe(UNAVAILABLE);
    // One attempt, one line: not one for each who asks.
    expect(failures()).toBe(1);
    expect(new CoscribeError('keys-unavailable')).toMatchObject({ status: 503, retryable: true });
    clock.advance(COOLDOWN_MS);
    expect(await outcome(people, token)).toBe(UNAVAILABLE);
    expect(failures()).toBe(2);
  });

  test.each(['wrong', 'text', 'endless', 'elsewhere', 'no set'] as const)(
    '[AUTH16] an answer that is %s counts as none',
    async (mood) => {
      server.mood = mood;
      const people = await start();
      const token = await issue(FIRST, 'first');
      expect(await outcome(people, token)).toBe(UNAVAILABLE);
      expect(server.asked).toBe(1);
      server.mood = 'well';
      clock.advance(COOLDOWN_MS);
      expect(await outcome(people, token)).toBe('ann');
    },
  );

  test('[AUTH16] an answer that does not come within five seconds counts as none', async () => {
    server.mood = 'silent';
    const people = await start();
    const waiting = outcome(people, await issue(FIRST, 'first'));
    await until(() => server.asked === 1, 'the server is asked');
    clock.advance(FETCH_WITHIN_MS);
    expect(await waiting).toBe(UNAVAILABLE);
  });

  test('[AUTH16] the address is not logged as a whole, and one without TLS is warned of', async () => {
    server.mood = 'wrong';
    const people = await start(`${server.url}?key=hunter2`);
    await outcome(people, await issue(FIRST, 'first'));
    expect(failures()).toBe(1);
    const lines = log.entries.map(
      ({ message, fields }) => `${message} ${JSON.stringify(fields)} ${String(fields.err)}`,
    );
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('is not https');
  });
});
