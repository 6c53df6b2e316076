import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessMode } from '../../../server/auth/access.js';
import { type Role, roleReaches } from '../../../shared/protocol.js';
import { type Ask, codeOf, type HttpApp, startHttpApp } from '../../support/http-app.js';

type Document = Awaited<ReturnType<HttpApp['newDocument']>>;

/** Something that can be done with a document, and how the answer to whoever may do it begins. */
interface Operation {
  readonly name: string;
  readonly least: Role;
  readonly status: number;
  readonly deleted?: boolean;
  ask(document: Document, link: string): readonly [path: string, ask: Ask];
}

const OPERATIONS: readonly Operation[] = [
  { name: 'read facts', least: 'viewer', status: 200, ask: ({ path }) => [path, {}] },
  { name: 'delete', least: 'owner', status: 204, ask: ({ path }) => [path, { method: 'DELETE' }] },
  {
    name: 'restore',
    least: 'owner',
    status: 204,
    deleted: true,
    ask: ({ path }) => [`${path}/restore`, { method: 'POST' }],
  },
  { name: 'list links', least: 'owner', status: 200, ask: ({ path }) => [`${path}/links`, {}] },
  {
    name: 'make a link',
    least: 'owner',
    status: 201,
    ask: ({ path }) => [`${path}/links`, { method: 'POST', json: { role: 'viewer' } }],
  },
  {
    name: 'revoke a link',
    least: 'owner',
    status: 204,
    ask: ({ path }, link) => [`${path}/links/${link}`, { method: 'DELETE' }],
  },
];

const SHARING = ['list links', 'make a link', 'revoke a link'];

/** How somebody comes: with the role that this gives him, or with the refusal. */
interface Caller {
  readonly name: string;
  readonly role: Role | 'no-access' | 'unauthenticated';
  token(app: HttpApp, document: Document): Promise<string | undefined>;
}

const nobody = (role: Caller['role']): Caller => ({ name: 'nobody', role, token: async () => undefined });

function linkHolder(role: Role): Caller {
  return { name: `${role}'s link`, role, token: async (_, document) => (await document.link(role)).token };
}

function user(role: Role | 'none'): Caller {
  return {
    name: `user, ${role}`,
    role: role === 'none' ? 'no-access' : role,
    async token({ house }, { id }) {
      house.let('ada', role, id);
      return 'ada';
    },
  };
}

const LINK_HOLDERS: readonly Caller[] = [
  ...(['viewer', 'editor', 'owner'] as const).map(linkHolder),
  {
    name: 'link of another document',
    role: 'no-access',
    token: async (app) => (await (await app.newDocument()).link('owner')).token,
  },
  {
    name: 'revoked link',
    role: 'no-access',
    async token({ store }, document) {
      const { id, token } = await document.link('owner');
      await store.removeLink(document.id, id, 0);
      return token;
    },
  },
  {
    name: 'expired link',
    role: 'no-access',
    token: async ({ clock }, document) => (await document.link('owner', clock.wall() - 1)).token,
  },
  { name: 'made-up link', role: 'no-access', token: async () => `link_${'A'.repeat(43)}` },
  { name: 'malformed link', role: 'no-access', token: async () => 'link_short' },
];

const CALLERS: Readonly<Record<AccessMode, readonly Caller[]>> = {
  open: [nobody('owner'), { ...nobody('owner'), name: 'any token', token: async () => 'x' }],
  links: [nobody('no-access'), ...LINK_HOLDERS],
  tokens: [
    nobody('unauthenticated'),
    { ...nobody('unauthenticated'), name: 'unknown token', token: async () => 'who?' },
    ...(['none', 'viewer', 'editor', 'owner'] as const).map(user),
    ...LINK_HOLDERS,
  ],
};

/** The one place that says who gets what. */
function expected(mode: AccessMode, { name, least, status }: Operation, { role }: Caller): [number, string] {
  if (mode === 'open' && SHARING.includes(name)) return [409, 'sharing-off'];
  if (role === 'unauthenticated') return [401, role];
  if (role === 'no-access') return [404, role];
  return roleReaches(role, least) ? [status, 'ok'] : [403, 'not-allowed'];
}

describe.each(Object.keys(CALLERS) as AccessMode[])('mode %s', (mode) => {
  let app: HttpApp;
  beforeAll(async () => {
    app = await startHttpApp({ mode });
  });
  afterAll(() => app.close());

  const rows = OPERATIONS.flatMap((operation) => CALLERS[mode].map((caller) => ({ operation, caller })));

  test.each(rows.map((row) => [row.operation.name, row.caller.name, row] as const))(
    '[API1] %s, %s',
    async (_operation, _caller, { operation, caller }) => {
      const document = await app.newDocument();
      const link = await document.link('viewer');
      const token = await caller.token(app, document);
      if (operation.deleted === true) await app.store.remove(document.id, 1);
      const [path, ask] = operation.ask(document, link.id);
      const answer = await app.ask(path, { ...ask, token });
      expect([answer.status, codeOf(answer) ?? 'ok']).toEqual(expected(mode, operation, caller));
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  test.each(CALLERS[mode].map((caller) => [caller.name, caller] as const))(
    '[API2] where there is nothing, %s gets what he gets where he may do nothing',
    async (_, caller) => {
      if (caller.role === 'unauthenticated') return;
      const there = await app.newDocument();
      const hidden = mode === 'open' ? undefined : there;
      for (const operation of OPERATIONS) {
        if (mode === 'open' && SHARING.includes(operation.name)) continue;
        const missing = { ...there, id: there.id, path: `${there.path}-not` };
        const token = await caller.token(app, there);
        const [path, ask] = operation.ask(missing, 'any');
        const nothing = await app.ask(path, { ...ask, token });
        expect([nothing.status, codeOf(nothing)]).toEqual([404, 'no-access']);
        if (hidden === undefined) continue;
        const [hiddenPath, hiddenAsk] = operation.ask(hidden, 'any');
        const other = await (await app.newDocument()).link('owner');
        const refused = await app.ask(hiddenPath, { ...hiddenAsk, token: other.token });
        expect([refused.status, refused.text]).toEqual([nothing.status, nothing.text]);
        const own = { date: '', 'x-request-id': '' };
        expect({ ...refused.headers, ...own }).toEqual({ ...nothing.headers, ...own });
      }
    },
  );
});

describe('creating', () => {
  const ROWS: readonly [AccessMode, Role | 'none' | 'nobody', number, string][] = [
    ['open', 'nobody', 201, 'ok'],
    ['links', 'nobody', 201, 'ok'],
    ['tokens', 'nobody', 401, 'unauthenticated'],
    ['tokens', 'none', 404, 'no-access'],
    ['tokens', 'viewer', 403, 'not-allowed'],
    ['tokens', 'editor', 201, 'ok'],
    ['tokens', 'owner', 201, 'ok'],
  ];

  test.each(ROWS)('[API1] in mode %s, as %s: %i %s', async (mode, role, status, code) => {
    const app = await startHttpApp({ mode });
    try {
      const id = 'acme/new';
      const there = await app.newDocument();
      if (role !== 'nobody') app.house.let('ada', role, there.id);
      if (role !== 'nobody') app.house.let('ada', role, id as typeof there.id);
      const token = role === 'nobody' ? undefined : 'ada';
      const ask = (name: string) => app.ask('/api/documents', { method: 'POST', json: { id: name }, token });
      const answer = await ask(id);
      expect([answer.status, codeOf(answer) ?? 'ok']).toEqual([status, code]);
      const again = await ask(there.id);
      expect([again.status, codeOf(again)]).toEqual(
        status === 201 ? [409, 'document-exists'] : [status, code],
      );
    } finally {
      await app.close();
    }
  });
});

describe('revoking tokens', () => {
  const ROWS: readonly [AccessMode, string | undefined, number, string][] = [
    ['open', undefined, 204, 'ok'],
    ['links', undefined, 403, 'not-allowed'],
    ['links', `link_${'A'.repeat(43)}`, 401, 'unauthenticated'],
    ['tokens', undefined, 401, 'unauthenticated'],
    ['tokens', 'ada', 403, 'not-allowed'],
    ['tokens', `link_${'A'.repeat(43)}`, 401, 'unauthenticated'],
    ['tokens', 'root', 204, 'ok'],
  ];

  test.each(ROWS)('[API1] in mode %s, with the token %s: %i %s', async (mode, token, status, code) => {
    const app = await startHttpApp({ mode });
    try {
      app.house.people.set('ada', { user: 'ada' }).set('root', { user: 'root', operator: true });
      const answer = await app.ask('/api/revocations', { method: 'POST', json: { user: 'eve' }, token });
      expect([answer.status, codeOf(answer) ?? 'ok']).toEqual([status, code]);
      expect(await app.store.voidedAt('eve', undefined)).toEqual(
        status === 204 ? expect.any(Number) : undefined,
      );
    } finally {
      await app.close();
    }
  });
});
