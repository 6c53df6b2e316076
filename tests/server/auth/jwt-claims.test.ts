import { beforeEach, describe, expect, test } from '@jest/globals';
import { jwtAuthenticator } from '../../../server/auth/jwt-authenticator.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { collectLog } from '../../support/collect-log.js';
import { BARE, JwtGate } from '../../support/jwt-gate.js';
import { forgeToken, SECRET, signToken } from '../../support/jwt-issuer.js';

let gate = new JwtGate();
beforeEach(() => {
  gate = new JwtGate();
});

describe('claims', () => {
  const issue = (more: Record<string, unknown>): Promise<string> =>
    signToken('HS256', SECRET, gate.claims(more));

  test('[AUTH8] they say who somebody is, until when, and what he may do', async () => {
    const exp = gate.seconds + 60;
    const token = await issue({
      ...{ sub: 'user-1', exp, iat: gate.seconds - 5, jti: 'token-1', operator: true },
      ...{ name: '  Ann\u202e\n Example  ', color: '#AABBCC' },
      access: { 'acme/*': 'editor', 'acme/handbook': 'viewer' },
    });
    const authenticator = await jwtAuthenticator(BARE, gate);
    const identity = await authenticator.authenticate({ token, headers: {}, address: '' });
    expect(identity).toMatchObject({
      ...{ user: 'user-1', tokenId: 'token-1', operator: true, name: 'Ann Example', color: '#aabbcc' },
      ...{ expiresAt: exp * 1000, issuedAt: (gate.seconds - 5) * 1000 },
    });
    const may = (id: string) => authenticator.authorize(identity, parseDocumentId(id));
    expect([may('acme/notes'), may('acme/handbook'), may('other/notes')]).toEqual([
      'editor',
      'viewer',
      'none',
    ]);
  });

  test('[AUTH8] of what a token does not say nothing is assumed', async () => {
    const identity = await gate.authenticate({}, await issue({ operator: false }));
    expect(Object.keys(identity).sort()).toEqual(['access', 'expiresAt', 'user']);
    expect(identity.access.accessTo(parseDocumentId('acme/notes'))).toBe('none');
  });

  test('[AUTH8] times may have fractions of seconds', async () => {
    const identity = await gate.authenticate(
      {},
      await issue({ exp: gate.seconds + 1.5009, iat: gate.seconds - 0.25 }),
    );
    expect(identity).toMatchObject({
      expiresAt: gate.clock.wall() + 1500,
      issuedAt: gate.clock.wall() - 250,
    });
  });

  test.each([
    [{ sub: undefined }, 'the token has no "sub"'],
    ...[7, null, '', 'x'.repeat(129), 'a\u0000b', 'a\nb', '\ud800', ['ann']].map(
      (sub) => [{ sub }, '"sub" is text of 1 to 128 characters, without control characters'] as const,
    ),
    [{ jti: 7 }, '"jti" is text of 1 to 128 characters, without control characters'],
    [{ jti: 'x'.repeat(129) }, '"jti" is text of 1 to 128 characters, without control characters'],
    [{ exp: undefined }, 'the token has no "exp"'],
    [{ exp: '2099-01-01' }, '"exp" has not the form that it must have'],
    [{ exp: null }, '"exp" has not the form that it must have'],
    [{ exp: 1e300 }, '"exp" is a time in seconds since 1970'],
    [{ exp: Date.now() * 1e6 }, '"exp" is a time in seconds since 1970'],
    [{ nbf: '1' }, '"nbf" has not the form that it must have'],
    [{ iat: '1' }, '"iat" has not the form that it must have'],
    [{ iat: -1 }, '"iat" is a time in seconds since 1970'],
    [{ iat: 1e12 }, '"iat" is in the future'],
    [{ name: 7 }, '"name" is text'],
    [{ name: null }, '"name" is text'],
    [{ color: 'red' }, '"color" is of the form #rrggbb'],
    [{ color: '#fff' }, '"color" is of the form #rrggbb'],
    [{ operator: 'true' }, '"operator" is true or false'],
    [{ operator: 1 }, '"operator" is true or false'],
    [{ access: ['*'] }, '"access" is an object with a role for each document or pattern'],
    [{ access: null }, '"access" is an object with a role for each document or pattern'],
    [{ access: { '*': 'admin' } }, '"access" has a role other than viewer, editor, owner (entry 1)'],
    [
      { access: { '*': 'viewer', 'a/b/c': 'viewer' } },
      '"access" has a pattern that is no document, "workspace/*", "workspace/start*" or "*" (entry 2)',
    ],
  ])('[AUTH9] %j refuses the whole token, and says which claim is wrong', async (more, detail) => {
    expect(await gate.refusal({}, await issue(more))).toBe(`unauthenticated: ${detail}`);
  });

  test('[AUTH9] keys of all objects are claims like others', async () => {
    const token = forgeToken(
      { alg: 'HS256' },
      JSON.parse(`{"__proto__":{"operator":true,"sub":"root"},"exp":${gate.seconds + 60}}`),
      SECRET,
    );
    expect(await gate.refusal({}, token)).toBe('unauthenticated: the token has no "sub"');
    const access = JSON.parse('{"__proto__":"owner","constructor":"viewer"}') as unknown;
    const identity = await gate.authenticate({}, await issue({ access }));
    expect(identity.access.accessTo(parseDocumentId('constructor'))).toBe('viewer');
    expect(identity.access.accessTo(parseDocumentId('toString'))).toBe('none');
  });
});

describe('time', () => {
  test('[AUTH10] a token counts until its "exp" and not a moment longer', async () => {
    const token = await signToken('HS256', SECRET, gate.claims({ exp: gate.seconds + 10 }));
    gate.clock.advance(9_999);
    expect(await gate.authenticate({}, token)).toMatchObject({ expiresAt: gate.clock.wall() + 1 });
    gate.clock.advance(1);
    expect(await gate.refusal({}, token)).toBe('token-expired: ');
    gate.clock.advance(60_000);
    expect(await gate.refusal({}, token)).toBe('token-expired: ');
  });

  test('[AUTH10] it counts from its "nbf" on; half a minute of difference between clocks is no reason to refuse it', async () => {
    const later = await signToken(
      'HS256',
      SECRET,
      gate.claims({ nbf: gate.seconds + 31, iat: gate.seconds }),
    );
    expect(await gate.refusal({}, later)).toBe('unauthenticated: the token is not valid yet');
    gate.clock.advance(1000);
    expect(await gate.authenticate({}, later)).toMatchObject({ user: 'ann' });
    const ahead = await signToken(
      'HS256',
      SECRET,
      gate.claims({ nbf: gate.seconds + 30, iat: gate.seconds + 30 }),
    );
    expect(await gate.authenticate({}, ahead)).toMatchObject({ user: 'ann' });
    const tooFar = await signToken('HS256', SECRET, gate.claims({ iat: gate.seconds + 31 }));
    expect(await gate.refusal({}, tooFar)).toBe('unauthenticated: "iat" is in the future');
  });
});

describe('issuer and audience', () => {
  const issue = (more: Record<string, unknown>): Promise<string> =>
    signToken('HS256', SECRET, gate.claims(more));
  const options = { jwtIssuer: 'https://id.example/', jwtAudience: 'coscribe' };
  const right = { iss: 'https://id.example/', aud: 'coscribe' };

  test('[AUTH11] where they are set, a token must have them', async () => {
    expect(await gate.authenticate(options, await issue(right))).toMatchObject({ user: 'ann' });
    expect(
      await gate.authenticate(options, await issue({ ...right, aud: ['other', 'coscribe'] })),
    ).toMatchObject({
      user: 'ann',
    });
  });

  test.each([
    [{ aud: 'other' }, '"aud" is not the one that this server takes'],
    [{ aud: ['other'] }, '"aud" is not the one that this server takes'],
    [{ aud: [] }, '"aud" is not the one that this server takes'],
    [{ aud: 'coscribe ' }, '"aud" is not the one that this server takes'],
    [{ aud: { 0: 'coscribe' } }, '"aud" is not the one that this server takes'],
    [{ aud: undefined }, 'the token has no "aud"'],
    [{ iss: 'https://id.example' }, '"iss" is not the one that this server takes'],
    [{ iss: ['https://id.example/'] }, '"iss" is not the one that this server takes'],
    [{ iss: undefined }, 'the token has no "iss"'],
  ])('[AUTH11] %j is refused', async (wrong, detail) => {
    expect(await gate.refusal(options, await issue({ ...right, ...wrong }))).toBe(
      `unauthenticated: ${detail}`,
    );
  });

  test('[AUTH11] where they are not set any will do, and of the audience the operator is warned', async () => {
    expect(await gate.authenticate({}, await issue({ iss: 'x', aud: 'y' }))).toMatchObject({ user: 'ann' });
    expect(gate.log.entries).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('COSCRIBE_JWT_AUDIENCE is not set'),
      }),
    ]);
    const quiet = collectLog();
    await jwtAuthenticator({ ...BARE, jwtAudience: 'coscribe' }, { clock: gate.clock, log: quiet });
    expect(quiet.entries).toEqual([]);
  });
});
