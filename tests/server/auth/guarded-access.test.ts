import { describe, expect, test } from '@jest/globals';
import type { Authenticator, Credentials, Identity } from '../../../server/auth/access.js';
import { GuardedAccess } from '../../../server/auth/guarded-access.js';
import { linksOnly } from '../../../server/auth/links-only.js';
import { makeLink } from '../../../server/auth/share-links.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import type { Role } from '../../../shared/protocol.js';
import { collectLog } from '../../support/collect-log.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const NOTES = parseDocumentId('acme/notes');
const OTHER = parseDocumentId('acme/other');

function guard(authenticator: Partial<Authenticator> = {}) {
  const store = new MemoryStore(() => 'generation');
  const clock = new ManualClock();
  const log = collectLog();
  const access = new GuardedAccess({
    mode: 'tokens',
    authenticator: { ...linksOnly, ...authenticator },
    store,
    clock,
    log,
  });
  async function link(role: Role, document: DocumentId = NOTES, expiresAt?: number) {
    await store.open(document, 0);
    const { token, stored } = makeLink({
      ...{ document, role, label: '', createdAt: 0 },
      ...(expiresAt !== undefined && { expiresAt }),
    });
    await store.addLink(stored, 100);
    return { token, id: stored.id };
  }
  return { store, clock, log, access, link };
}

function shown(token?: string, headers: Record<string, string> = {}): Credentials {
  return { headers, address: '127.0.0.1', ...(token !== undefined && { token }) };
}

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('an authenticator', () => {
  const ann: Identity = { user: 'ann', name: ' Ann\u202e ', color: '#ABCDEF', expiresAt: 4_000_000_000_000 };

  test('[AUTH30] is asked who somebody is, and what he may do in this document', async () => {
    const asked: unknown[] = [];
    const { access } = guard({
      authenticate: (credentials) => {
        asked.push(credentials);
        return { ...ann, team: 'red' };
      },
      authorize: (identity, document) => {
        asked.push(identity, document);
        return document === NOTES ? 'owner' : 'none';
      },
    });
    const identity = { ...ann, name: 'Ann', color: '#abcdef', team: 'red' };
    expect(await access.admit(shown('a token'), NOTES)).toEqual({
      identity,
      role: 'owner',
      expiresAt: 4_000_000_000_000,
    });
    expect(asked).toEqual([shown('a token'), identity, NOTES]);
    await expect(access.admit(shown('a token'), OTHER)).rejects.toEqual(code('no-access'));
    const mayRead = await access.reader(shown('a token'));
    expect([await mayRead(NOTES), await mayRead(OTHER)]).toEqual([true, false]);
  });

  test('[AUTH30] gets the token of an Authorization header as the token', async () => {
    const { access } = guard({ authenticate: ({ token = '' }) => ({ user: token }) });
    expect(await access.identify(shown(undefined, { authorization: 'Bearer abc' }))).toEqual({ user: 'abc' });
    expect(await access.identify(shown('own', { authorization: 'Bearer abc' }))).toEqual({ user: 'own' });
  });

  test('[AUTH31] that throws, answers nonsense or does not answer costs the asker an error, and is logged', async () => {
    const never = new Promise<Identity>(() => {});
    const wrong: Partial<Authenticator>[] = [
      { authenticate: () => Promise.reject(new Error('its database is away')) },
      { authenticate: () => undefined as unknown as Identity },
      { authenticate: () => ({ user: '' }) },
      { authenticate: () => ({ user: 'x'.repeat(129) }) },
      { authenticate: () => ({ user: 'a\0b' }) },
      { authenticate: () => ({ tokenId: '\ud800' }) },
      { authenticate: () => ({ color: 'red' }) },
      { authenticate: () => ({ name: 5 as unknown as string }) },
      { authenticate: () => ({ expiresAt: Number.NaN }) },
      { authenticate: () => ({}), authorize: () => 'admin' as Role },
      { authenticate: () => never },
    ];
    for (const authenticator of wrong) {
      const { access, clock, log } = guard(authenticator);
      const asked = access.admit(shown('t'), NOTES).catch((error: unknown) => error);
      await settle();
      clock.advance(10_000);
      expect(await asked).toEqual(code('internal'));
      expect(log.entries.map(({ level }) => level)).toEqual(['error']);
    }
  });

  test('[AUTH31] may choose the refusal', async () => {
    const { access } = guard({ authenticate: () => Promise.reject(new CoscribeError('server-busy')) });
    await expect(access.identify(shown())).rejects.toEqual(code('server-busy'));
  });

  test('[AUTH32] whose identity has ended, or whose token was voided, lets nobody in', async () => {
    let identity: Identity = { user: 'ann', expiresAt: 1_000 };
    const { access, store, clock } = guard({ authenticate: () => identity, authorize: () => 'editor' });
    clock.advance(1_000_000);
    await expect(access.admit(shown(), NOTES)).rejects.toEqual(code('token-expired'));

    const now = clock.wall();
    await store.changeAccess({ kind: 'user', id: 'ann' }, now);
    await store.changeAccess({ kind: 'token', id: 'stolen' }, now);
    const refused: Identity[] = [
      { user: 'ann' },
      { user: 'ann', issuedAt: now },
      { user: 'bob', tokenId: 'stolen', issuedAt: now - 1 },
    ];
    for (identity of refused) {
      await expect(access.admit(shown(), NOTES)).rejects.toEqual(code('unauthenticated'));
      await expect(access.review({ identity, role: 'editor' }, NOTES)).rejects.toEqual(
        code('unauthenticated'),
      );
    }
    for (identity of [{ user: 'ann', issuedAt: now + 1 }, { user: 'bob', tokenId: 'own' }, {}])
      await expect(access.admit(shown(), NOTES)).resolves.toMatchObject({ role: 'editor' });
  });
});

describe('a share link', () => {
  test('[AUTH33] opens one document in one role, and says nothing of who has it', async () => {
    const { access, link } = guard();
    const { token, id } = await link('editor');
    expect(await access.admit(shown(token), NOTES)).toEqual({ identity: {}, role: 'editor', link: id });
    expect(await access.admit(shown(undefined, { authorization: `Bearer ${token}` }), NOTES)).toMatchObject({
      link: id,
    });
    await expect(access.admit(shown(token), OTHER)).rejects.toEqual(code('no-access'));
    await expect(access.identify(shown(token))).rejects.toEqual(code('unauthenticated'));
    const mayRead = await access.reader(shown(token));
    expect([await mayRead(NOTES), await mayRead(OTHER)]).toEqual([true, false]);
  });

  test('[AUTH34] that is unknown, malformed, revoked or over opens nothing', async () => {
    const { access, store, clock, link } = guard();
    const { token, id } = await link('owner');
    const grant = await access.admit(shown(token), NOTES);
    await store.removeLink(NOTES, id, clock.wall());
    const late = await link('owner', NOTES, clock.wall() + 1_000);
    const lateGrant = await access.admit(shown(late.token), NOTES);
    expect(lateGrant.expiresAt).toBe(clock.wall() + 1_000);
    clock.advance(1_000);
    const unknown = `link_${'A'.repeat(43)}`;
    for (const wrong of [token, late.token, unknown, 'link_', `${late.token}A`, `${unknown}\n`])
      await expect(access.admit(shown(wrong), NOTES)).rejects.toEqual(code('no-access'));
    for (const over of [grant, lateGrant])
      await expect(access.review(over, NOTES)).rejects.toEqual(code('no-access'));
  });

  test('[AUTH35] can’t be guessed, and what is stored of it does not lead back to it', async () => {
    const make = () => makeLink({ document: NOTES, role: 'viewer', label: '', createdAt: 0 });
    const made = Array.from({ length: 100 }, make);
    expect(new Set(made.map(({ token }) => token)).size).toBe(100);
    for (const { token, stored } of made) {
      expect(token).toMatch(/^link_[A-Za-z0-9_-]{43}$/);
      expect(stored.hash).toHaveLength(32);
      const kept = JSON.stringify({ ...stored, hash: Buffer.from(stored.hash).toString('base64url') });
      expect(kept).not.toContain(token.slice('link_'.length));
    }
  });
});
