import { describe, expect, test } from '@jest/globals';
import { DocumentAccess } from '../../../client/app/document-access.js';
import { keep, readKept } from '../../../client/app/kept-access.js';
import type { PageMode } from '../../../client/app/page-mode.js';
import { parseDocumentId } from '../../../shared/ids.js';
import type { Role } from '../../../shared/protocol.js';
import { forbiddenStorage, memoryStorage } from '../../support/page-storage.js';

const ID = parseDocumentId('team/notes');

interface Given {
  readonly mode?: PageMode;
  /** In the address. */
  readonly hash?: string;
  readonly kept?: { readonly token: string; readonly role: Role };
  readonly signedIn?: string;
  /** What the server says of tokens; one that it does not know opens nothing. */
  readonly server?: Readonly<Record<string, Role>>;
  readonly storage?: typeof forbiddenStorage;
}

function accessOf({ mode = 'links', hash, kept, signedIn, server = {}, storage = memoryStorage() }: Given) {
  if (kept !== undefined) keep(storage, ID, { ...kept, openedAt: 1 });
  const asked: string[] = [];
  const access = new DocumentAccess(
    {
      id: ID,
      mode,
      storage,
      signedIn: () => signedIn,
      roleWith: async (token) => {
        asked.push(token);
        return server[token];
      },
      now: () => 2,
    },
    hash,
  );
  return { access, asked, kept: () => readKept(storage, ID) };
}

describe('the token to use', () => {
  test('[PAGE18] is the one in the address, else the one that is kept, else that of the tab', () => {
    const kept = { token: 'kept', role: 'viewer' } as const;
    expect(accessOf({ hash: 'hash', kept, signedIn: 'tab' }).access.token).toBe('hash');
    expect(accessOf({ kept, signedIn: 'tab' }).access.token).toBe('kept');
    expect(accessOf({ signedIn: 'tab' }).access.token).toBe('tab');
    expect(accessOf({}).access.token).toBeUndefined();
  });

  test('[PAGE18] is none where everybody may enter', async () => {
    const { access, kept } = accessOf({ mode: 'open', hash: 'hash', signedIn: 'tab' });
    expect(access.token).toBeUndefined();
    expect(access.expectedRole).toBe('owner');
    expect(await access.opened('owner')).toBe(false);
    expect(kept()).toBeUndefined();
  });

  test('[PAGE18] is kept once it has opened the document, with its role', async () => {
    const { access, kept } = accessOf({ hash: 'hash' });
    expect(access.expectedRole).toBeUndefined();
    expect(kept()).toBeUndefined();
    expect(await access.opened('editor')).toBe(true);
    expect(kept()).toEqual({ token: 'hash', role: 'editor', openedAt: 2 });
    expect(access.expectedRole).toBe('editor');
  });

  test('[PAGE18] stays in the address where the browser keeps nothing', async () => {
    const { access } = accessOf({ hash: 'hash', storage: forbiddenStorage });
    expect(access.token).toBe('hash');
    expect(await access.opened('editor')).toBe(false);
  });

  test('[PAGE28] of the tab is not kept for the document', async () => {
    const { access, kept } = accessOf({ mode: 'tokens', signedIn: 'tab' });
    expect(await access.opened('editor')).toBe(true);
    expect(kept()).toBeUndefined();
  });
});

describe('a token that allows less', () => {
  const kept = { token: 'kept', role: 'owner' } as const;

  test('[PAGE19] is used, and does not replace one that still allows more', async () => {
    const world = accessOf({ hash: 'hash', kept, server: { kept: 'owner' } });
    expect(world.access.token).toBe('hash');
    expect(await world.access.opened('viewer')).toBe(false);
    expect(world.kept()).toMatchObject(kept);
    expect(world.asked).toEqual(['kept']);
  });

  test('[PAGE19] replaces one that opens nothing, or nothing more, any longer', async () => {
    for (const server of [{}, { kept: 'viewer' }] as const) {
      const world = accessOf({ hash: 'hash', kept, server });
      expect(await world.access.opened('viewer')).toBe(true);
      expect(world.kept()).toMatchObject({ token: 'hash', role: 'viewer' });
    }
  });

  test('[PAGE19] waits where the server can’t say what the other one allows', async () => {
    const storage = memoryStorage();
    keep(storage, ID, { ...kept, openedAt: 1 });
    const roleWith = () => Promise.reject(new Error('offline'));
    const options = {
      id: ID,
      mode: 'links',
      storage,
      signedIn: () => undefined,
      roleWith,
      now: () => 2,
    } as const;
    expect(await new DocumentAccess(options, 'hash').opened('viewer')).toBe(false);
    expect(readKept(storage, ID)).toMatchObject(kept);
  });

  test('[PAGE19] nothing is asked where it allows as much', async () => {
    const world = accessOf({ hash: 'hash', kept: { token: 'kept', role: 'viewer' } });
    expect(await world.access.opened('viewer')).toBe(true);
    expect(world.kept()).toMatchObject({ token: 'hash' });
    expect(world.asked).toEqual([]);
  });
});

describe('a token that is refused', () => {
  test('[PAGE19] is forgotten, and the next one is tried', () => {
    const { access, kept } = accessOf({
      hash: 'hash',
      kept: { token: 'kept', role: 'owner' },
      signedIn: 'tab',
    });
    expect(access.refused()).toBe(true);
    expect(access.token).toBe('kept');
    expect(kept()).toBeDefined();
    expect(access.refused()).toBe(true);
    expect(access.token).toBe('tab');
    expect(kept()).toBeUndefined();
    expect(access.refused()).toBe(false);
    expect(access.token).toBeUndefined();
    expect(access.refused()).toBe(false);
  });

  test('[PAGE20] counts again when it comes again', () => {
    const { access } = accessOf({ hash: 'hash' });
    expect(access.refused()).toBe(false);
    expect(access.give('hash')).toBe(true);
    expect(access.token).toBe('hash');
    expect(access.give('hash')).toBe(false);
    expect(access.give('other')).toBe(true);
    expect(access.token).toBe('other');
  });
});
