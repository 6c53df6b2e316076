import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeLink } from '../../../server/auth/share-links.js';
import { Person } from '../../support/document-node.js';
import { codeOf, type HttpApp, startHttpApp } from '../../support/http-app.js';

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ mode: 'links' });
});
afterAll(() => app.close());

interface Link {
  readonly id: string;
  readonly role: string;
  readonly label: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly current?: boolean;
  readonly token?: string;
  readonly path?: string;
}

/** A document and its owner's link. */
async function owned() {
  const document = await app.newDocument();
  const owner = await document.link('owner');
  const links = `${document.path}/links`;
  return {
    ...document,
    owner,
    make: async (json: object) => app.ask(links, { method: 'POST', json, token: owner.token }),
    async list() {
      const { text } = await app.ask(links, { token: owner.token });
      return (JSON.parse(text) as { links: Link[] }).links;
    },
    revoke: (link: string) => app.ask(`${links}/${link}`, { method: 'DELETE', token: owner.token }),
  };
}

describe('share links', () => {
  test('[API7] a new link is shown with its token once, and afterwards without', async () => {
    const { id, owner, make, list } = await owned();
    const made = await make({ role: 'editor', label: '  For the <b>team</b> ', expiresIn: 3600 });
    expect(made.status).toBe(201);
    const { token = '', path, ...link } = JSON.parse(made.text) as Link;
    expect(token).toMatch(/^link_[A-Za-z0-9_-]{43}$/);
    expect(path).toBe(`/d/${id}#${token}`);
    expect(link).toMatchObject({ role: 'editor', label: 'For the <b>team</b>' });
    const lifeSeconds = (Date.parse(link.expiresAt ?? '') - Date.parse(link.createdAt)) / 1000;
    expect(lifeSeconds).toBeGreaterThan(3599);
    expect(lifeSeconds).toBeLessThanOrEqual(3600);

    expect(await list()).toEqual([
      expect.objectContaining({ id: owner.id, role: 'owner', current: true }),
      { ...link, current: false },
    ]);
    const facts = await app.ask(`/api/documents/${id}`, { token });
    expect(JSON.parse(facts.text)).toMatchObject({ role: 'editor' });
  });

  test('[API7] a link that is to end opens nothing afterwards', async () => {
    const { path, make } = await owned();
    const expiresAt = new Date(app.clock.wall() + 60_000).toISOString();
    const { token } = JSON.parse((await make({ role: 'viewer', expiresAt })).text) as Link;
    expect((await app.ask(path, { token })).status).toBe(200);
    app.state.aheadMs += 60_000;
    expect(codeOf(await app.ask(path, { token }))).toBe('no-access');
  });

  test('[API7] a document has 100 links at most', async () => {
    const { id, make, list, revoke } = await owned();
    for (let n = 1; n < 99; n++)
      await app.store.addLink(
        makeLink({ document: id, role: 'viewer', label: `${n}`, createdAt: n }).stored,
        100,
      );
    const answers = await Promise.all([1, 2, 3].map(() => make({ role: 'viewer' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.map(codeOf).sort()).toEqual(['too-many-links', 'too-many-links', undefined]);
    const links = await list();
    expect(links).toHaveLength(100);
    expect((await revoke(links[0]?.id ?? '')).status).toBe(204);
    expect((await make({ role: 'viewer' })).status).toBe(201);
  });

  test.each([
    [{}],
    [{ role: 'admin' }],
    [{ role: ['viewer'] }],
    [{ role: 'none' }],
    [{ role: 'viewer', label: 7 }],
    [{ role: 'viewer', label: 'x'.repeat(101) }],
    [{ role: 'viewer', label: 'two\nlines' }],
    [{ role: 'viewer', label: '\u202Etxet' }],
    [{ role: 'viewer', label: '\uD800' }],
    [{ role: 'viewer', expiresIn: 0 }],
    [{ role: 'viewer', expiresIn: 1.5 }],
    [{ role: 'viewer', expiresIn: '60' }],
    [{ role: 'viewer', expiresIn: 1e12 }],
    [{ role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }],
    [{ role: 'viewer', expiresAt: '2999-13-01T00:00:00Z' }],
    [{ role: 'viewer', expiresAt: '2999' }],
    [{ role: 'viewer', expiresAt: '2999-01-01T00:00:00' }],
    [{ role: 'viewer', expiresAt: '+012345-01-01T00:00:00Z' }],
    [{ role: 'viewer', expiresAt: 4_000_000_000_000 }],
    [{ role: 'viewer', expiresAt: '2999-01-01T00:00:00Z', expiresIn: 5 }],
    [{ role: 'viewer', document: 'other/one' }],
    [{ role: 'viewer', token: 'link_mine' }],
  ])('[API7] %j makes no link', async (json) => {
    const { make, list } = await owned();
    const answer = await make(json);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request']);
    expect(await list()).toHaveLength(1);
  });

  test('[API8] who has come with a link that is revoked is out at once, and the others stay', async () => {
    const { id, link, revoke } = await owned();
    const links = [await link('editor'), await link('editor')];
    const people: Person[] = [];
    for (const { token } of links) {
      const admission = await app.documents.admit(id, { token, headers: {}, address: '' });
      const person = new Person(`secret of ${token}`.slice(0, 60), admission);
      await person.join(app.documents, {}, id);
      people.push(person);
    }
    expect((await revoke(links[0]?.id ?? '')).status).toBe(204);
    const closed = people.map(({ transport }) => transport.closed.map(({ reason }) => reason.code));
    expect(closed).toEqual([['no-access'], []]);
    expect(await people[1]?.type('still here')).toBe(1);
  });

  test.each(['not-there', 'a%2Fb', '..', '%00', 'x'.repeat(65)])(
    '[API8] there is no link %s',
    async (name) => {
      const { revoke } = await owned();
      const answer = await revoke(name);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found']);
    },
  );

  test("[API8] a link of another document can't be revoked", async () => {
    const [mine, other] = [await owned(), await owned()];
    expect(codeOf(await mine.revoke(other.owner.id))).toBe('not-found');
    expect(await other.list()).toHaveLength(1);
  });
});

describe('POST /api/revocations', () => {
  test('[API9] ends the sessions of a user, or of one token, and what was issued up to now opens nothing', async () => {
    const house = await startHttpApp({ mode: 'tokens' });
    try {
      const { id, path } = await house.newDocument();
      const { people } = house.house;
      for (const name of ['ada', 'bob', 'cat']) house.house.let(name, 'editor', id);
      const issuedAt = house.clock.wall() - 1;
      people.set('bob', { user: 'bob', tokenId: 'token-7', issuedAt }).set('ada', { user: 'ada', issuedAt });
      people.set('root', { user: 'root', operator: true });
      const inside = new Map<string, Person>();
      for (const token of ['ada', 'bob', 'cat']) {
        const person = new Person(
          `the secret of ${token}, long enough`,
          await house.documents.admit(id, { token, headers: {}, address: '' }),
        );
        await person.join(house.documents, {}, id);
        inside.set(token, person);
      }
      const revoke = (json: object) => house.ask('/api/revocations', { method: 'POST', json, token: 'root' });
      const out = () =>
        [...inside].filter(([, { transport }]) => transport.closed.length > 0).map(([name]) => name);
      expect((await revoke({ user: 'ada' })).status).toBe(204);
      expect(out()).toEqual(['ada']);
      expect((await revoke({ tokenId: 'token-7' })).status).toBe(204);
      expect(out()).toEqual(['ada', 'bob']);
      expect(codeOf(await house.ask(path, { token: 'ada' }))).toBe('unauthenticated');
      people.set('ada', { user: 'ada', issuedAt: house.clock.wall() + 1000 });
      expect((await house.ask(path, { token: 'ada' })).status).toBe(200);
    } finally {
      await house.close();
    }
  });

  test.each([
    [{}],
    [{ user: 'a', tokenId: 'b' }],
    [{ user: '' }],
    [{ user: 7 }],
    [{ user: 'x'.repeat(129) }],
    [{ tokenId: 'a\0b' }],
    [{ tokenId: null }],
    [{ token: 'x' }],
  ])('[API9] %j revokes nothing', async (json) => {
    const answer = await app.ask('/api/revocations', { method: 'POST', json });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request']);
  });
});
