import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessWorld, authOf } from '../../support/access-world.js';
import { askApi } from '../../support/http-api.js';
import { tokenOf } from '../../support/jwt.js';
import { newManager, TRANSPORTS, type TransportName } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

/** What may be there, or not: names of the same length, so that even lengths can be compared. */
const NAMES = { there: 'acme/there--', deleted: 'acme/deleted', never: 'acme/never--' } as const;
type Name = keyof typeof NAMES;

const OF_DELETED = 'a link to a document that was deleted';

/** Whoever has nothing in these documents. */
const STRANGERS: Readonly<Record<string, (links: Links) => string | undefined>> = {
  'somebody with a token for other documents': () =>
    tokenOf('eve', undefined, { access: { 'other/*': 'owner' } }),
  'an operator': () => tokenOf('root', undefined, { operator: true }),
  "another document's link": ({ other }) => other,
  'a link that was revoked': ({ revoked }) => revoked,
  'a link that has ended': ({ ended }) => ended,
  [OF_DELETED]: ({ ofDeleted }) => ofDeleted,
  'a link that nobody made': () => `link_${'A'.repeat(43)}`,
  'nobody, where everybody needs a link': () => undefined,
};

const REQUESTS: readonly (readonly [method: string, path: string, body: unknown])[] = [
  ['GET', '', undefined],
  ['DELETE', '', undefined],
  ['POST', '/restore', undefined],
  ['GET', '/links', undefined],
  ['POST', '/links', { role: 'viewer' }],
  ['POST', '/links', { role: 'owner', label: 'mine', expiresIn: 60 }],
  ['DELETE', '/links/AAAAAAAAAAAA', undefined],
  ['GET', '/text', undefined],
  ['GET', '/json?root=board', undefined],
  ['GET', '/state', undefined],
  ['GET', '/state-vector', undefined],
  ['GET', '/export', undefined],
  ['PATCH', '/text', [{ insert: 'mine' }]],
  ['PATCH', '/text', 'no delta'],
  ['POST', '/copy', { to: 'other/mine' }],
  ['POST', '/move', { to: 'other/mine' }],
];

interface Links {
  readonly other: string;
  readonly revoked: string;
  readonly ended: string;
  readonly ofDeleted: string;
}

interface Place {
  readonly world: AccessWorld;
  readonly links: Links;
}

let tokens: Place;
let links: Place;

beforeAll(async () => {
  [tokens, links] = await Promise.all([prepare('tokens'), prepare('links')]);
});

afterAll(async () => {
  for (const place of [tokens, links]) await place?.world.server.stop();
});

async function prepare(name: 'tokens' | 'links'): Promise<Place> {
  const world = await AccessWorld.start(name);
  const there = await world.document(NAMES.there);
  const deleted = await world.document(NAMES.deleted);
  const other = await (await world.document()).link('owner');
  const revoked = await there.link('owner');
  await there.ask('DELETE', `/links/${revoked.id}`, { token: there.token });
  const expiresAt = new Date(Date.now() + 300);
  const ended = await there.link('owner', { expiresAt: expiresAt.toISOString() });
  const ofDeleted = await deleted.link('viewer');
  await deleted.ask('DELETE', '', { token: deleted.token });
  await until(() => Date.now() > expiresAt.getTime(), 'the link to end');
  return {
    world,
    links: { other: other.token, revoked: revoked.token, ended: ended.token, ofDeleted: ofDeleted.token },
  };
}

/** What the server sends, packet by packet, when somebody connects to a document; its name is put out. */
async function packets(
  { world }: Place,
  document: string,
  token: string | undefined,
  transport: TransportName,
): Promise<readonly unknown[]> {
  const manager = newManager(world.url, transport);
  const received: unknown[] = [];
  let refused = false;
  const socket = manager.socket(`/docs/${document}`, { auth: authOf(token) });
  socket.on('connect_error', () => {
    refused = true;
  });
  socket.connect();
  manager.engine.on('data', (data) => received.push(String(data).replaceAll(document, '…')));
  await until(() => refused, 'the refusal');
  manager._close();
  return received;
}

describe.each(Object.entries(STRANGERS))('%s', (who, tokenFor) => {
  const place = (): Place => (who.startsWith('nobody') ? links : tokens);
  const token = (): string | undefined => tokenFor(place().links);
  const names = Object.entries(NAMES) as [Name, string][];

  test.each(TRANSPORTS)('[ACC26] is not told over %s which documents there are', async (transport) => {
    const [first, ...others] = await Promise.all(
      names.map(([, document]) => packets(place(), document, token(), transport)),
    );
    expect(first?.at(-1)).toContain('"no-access"');
    for (const other of others) expect(other).toEqual(first);
  });

  // Who had such a link may know that it was deleted: with an owner's he restores it.
  const requests = REQUESTS.filter(([, path]) => who !== OF_DELETED || path !== '/restore');

  test.each(requests)(
    '[ACC26] is not told by %s …%s which documents there are',
    async (method, path, body) => {
      const [first, ...others] = await Promise.all(
        names.map(async ([, document]) => {
          const { text, ...answer } = await askApi(
            place().world.url,
            method,
            `documents/${document}${path}`,
            {
              token: token(),
              body,
            },
          );
          return { ...answer, text: text.replaceAll(document, '…') };
        }),
      );
      expect(first).toMatchObject({ status: 404, code: 'no-access' });
      for (const other of others) expect(other).toEqual(first);
    },
  );
});

test('[ACC26] whoever may read all of a workspace is not told either what was once in it', async () => {
  const token = tokenOf('vera', 'viewer');
  const [deleted, never] = await Promise.all(
    [NAMES.deleted, NAMES.never].map((id) => askApi(tokens.world.url, 'GET', `documents/${id}`, { token })),
  );
  expect(deleted).toMatchObject({ status: 404, code: 'no-access' });
  expect(never).toEqual(deleted);
});
