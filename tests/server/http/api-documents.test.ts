import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessMode } from '../../../server/auth/access.js';
import { parseDocumentId } from '../../../shared/ids.js';
import type { Role } from '../../../shared/protocol.js';
import { Person } from '../../support/document-node.js';
import { codeOf, type HttpApp, startHttpApp } from '../../support/http-app.js';

const apps: HttpApp[] = [];
beforeEach(() => {
  apps.length = 0;
});
afterEach(async () => {
  for (const app of apps) await app.close();
});

async function start(mode: AccessMode): Promise<HttpApp> {
  const app = await startHttpApp({ mode });
  apps.push(app);
  return app;
}

interface Created {
  readonly id: string;
  readonly link?: {
    readonly id: string;
    readonly role: string;
    readonly token: string;
    readonly path: string;
  };
}

async function create(
  app: HttpApp,
  json?: object,
): Promise<{ status: number; location: string; body: Created }> {
  const { status, headers, text } = await app.ask('/api/documents', { method: 'POST', json });
  return { status, location: headers.location ?? '', body: JSON.parse(text) as Created };
}

/** Somebody who has it open, let in by his token. */
async function enter({ documents }: HttpApp, path: string, token: string): Promise<Person> {
  const id = parseDocumentId(path.replace('/api/documents/', ''));
  const admission = await documents.admit(id, { token, headers: {}, address: '127.0.0.1' });
  const person = new Person(`the secret of ${token}, long enough`.slice(0, 40), admission);
  await person.join(documents, {}, id);
  return person;
}

const closed = ({ transport }: Person) =>
  transport.closed.map(({ reason, reconnectAfterMs }) => [reason.code, reconnectAfterMs]);

describe('POST /api/documents', () => {
  test('[API3] in mode links, whoever makes a document gets a link that makes him its owner, once', async () => {
    const app = await start('links');
    const { status, location, body } = await create(app, { id: 'team/notes' });
    expect([status, location, body.id]).toEqual([201, '/api/documents/team/notes', 'team/notes']);
    const { token = '', ...link } = body.link ?? {};
    expect(token).toMatch(/^link_[A-Za-z0-9_-]{43}$/);
    expect(link).toMatchObject({ role: 'owner', label: '', path: `/d/team/notes#${token}` });
    const facts = await app.ask(location, { token });
    expect(JSON.parse(facts.text)).toMatchObject({ id: 'team/notes', role: 'owner', head: 0, mode: 'links' });
    const { text } = await app.ask(`${location}/links`, { token });
    expect(text).not.toContain(token);
    expect(await app.store.listLinks(parseDocumentId('team/notes'))).toHaveLength(1);
  });

  test.each(['open', 'links'] as const)(
    '[API3] without a name it gets a fresh one, in mode %s',
    async (mode) => {
      const app = await start(mode);
      const answers = await Promise.all(Array.from({ length: 20 }, () => create(app)));
      const names = answers.map(({ body }) => body.id);
      expect(new Set(names).size).toBe(20);
      for (const name of names) expect(name).toMatch(/^default\/page-[2-9a-z]{10}$/);
      expect(answers.every(({ body }) => (body.link !== undefined) === (mode === 'links'))).toBe(true);
    },
  );

  test('[API3] of those who want one name at once, one gets it', async () => {
    const app = await start('links');
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(app, { id: 'notes' })));
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    const links = await app.store.listLinks(parseDocumentId('notes'));
    expect(links.map(({ id }) => id)).toEqual([won[0]?.body.link?.id]);
  });

  test('[API3] the name of a deleted document is taken, and nothing of it changes', async () => {
    const app = await start('links');
    const { id } = await app.newDocument();
    await app.store.remove(id, 5);
    const answer = await app.ask('/api/documents', { method: 'POST', json: { id } });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'document-exists']);
    expect((await app.store.find(id))?.deletedAt).toBe(5);
  });

  test.each(['.hidden', 'a/b/c', '', 7, null, ['a']])('[API3] %j is no name', async (id) => {
    const app = await start('links');
    const answer = await app.ask('/api/documents', { method: 'POST', json: { id } });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-document-id']);
  });
});

describe('GET /api/documents', () => {
  test('[API4] shows somebody the documents that he may read, and counts only those', async () => {
    const app = await start('tokens');
    const roles = ['none', 'viewer', 'none', 'editor', 'owner', 'viewer'] as const;
    const ids: string[] = [];
    for (const role of roles) {
      const { id } = await app.newDocument();
      app.house.let('ada', role, id);
      if (role !== 'none') ids.unshift(id);
      app.state.aheadMs += 1000;
    }
    const list = async (query: string, token: string) => {
      const { text } = await app.ask(`/api/documents${query}`, { token });
      return (JSON.parse(text) as { documents: { id: string }[] }).documents.map(({ id }) => id);
    };
    expect(await list('', 'ada')).toEqual(ids);
    expect(await list('?limit=2', 'ada')).toEqual(ids.slice(0, 2));
    expect(await list('?workspace=other', 'ada')).toEqual([]);
    const { id, link } = await app.newDocument();
    expect(await list('', (await link('viewer')).token)).toEqual([id]);
    expect(await list('', (await link('viewer', 1)).token)).toEqual([]);
    expect(codeOf(await app.ask('/api/documents'))).toBe('unauthenticated');
  });

  test('[API4] in mode links there is nothing to see without a link', async () => {
    const app = await start('links');
    const { id, link } = await app.newDocument();
    const { token } = await link('editor');
    expect(JSON.parse((await app.ask('/api/documents')).text)).toEqual({ documents: [] });
    const { text } = await app.ask('/api/documents', { token });
    expect((JSON.parse(text) as { documents: { id: string }[] }).documents.map((one) => one.id)).toEqual([
      id,
    ]);
  });

  test('[API4] looks at the 500 newest documents and asks about 16 at the same time, at most', async () => {
    const app = await start('tokens');
    app.house.people.set('eve', { user: 'eve' });
    const [createdAt, updatedAt] = [1, 2];
    app.store.documentsToList = Array.from({ length: 500 }, (_, n) => {
      return { id: parseDocumentId(`doc-${n}`), head: 0, createdAt, updatedAt };
    });
    let asked = 0;
    let now = 0;
    let most = 0;
    app.house.authorize = async (_, document) => {
      asked++;
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return document === 'default/doc-3' ? 'viewer' : 'none';
    };
    const { text } = await app.ask('/api/documents?limit=1', { token: 'eve' });
    expect(JSON.parse(text)).toMatchObject({ documents: [{ id: 'default/doc-3' }] });
    expect([asked, most]).toEqual([16, 16]);
    await app.ask('/api/documents?limit=2', { token: 'eve' });
    expect([asked, most]).toEqual([516, 16]);
    const query = { limit: 500, order: 'updated' };
    expect(app.store.queries).toEqual([query, query]);
  });
});

describe('one document', () => {
  test.each(['viewer', 'editor', 'owner'] as const)(
    '[API5] its facts are there for a %s',
    async (role: Role) => {
      const app = await start('links');
      const { path, id, link } = await app.newDocument();
      const { token } = await link(role);
      const writer = await enter(app, path, (await link('editor')).token);
      await writer.type('words');
      const found = await app.store.find(id);
      expect(JSON.parse((await app.ask(path, { token })).text)).toEqual({
        ...{ id, workspace: 'acme', name: id.slice('acme/'.length), head: 1, role, mode: 'links' },
        createdAt: new Date(found?.createdAt ?? 0).toISOString(),
        updatedAt: new Date(found?.updatedAt ?? 0).toISOString(),
      });
    },
  );

  test('[API6] who has it open when it is deleted is told; it is gone for all but its owner, who restores it as it was', async () => {
    const app = await start('links');
    const { path, link } = await app.newDocument();
    const [owner, editor] = [(await link('owner')).token, (await link('editor')).token];
    const writer = await enter(app, path, editor);
    expect(await writer.type('all of it')).toBe(1);

    expect((await app.ask(path, { method: 'DELETE', token: owner })).status).toBe(204);
    expect(closed(writer)).toEqual([['document-deleted', -1]]);
    expect(codeOf(await app.ask(path, { token: editor }))).toBe('no-access');
    expect(codeOf(await app.ask(path, { token: owner }))).toBe('document-deleted');
    expect(codeOf(await app.ask(path, { method: 'DELETE', token: owner }))).toBe('document-deleted');
    expect(codeOf(await app.ask(path, { method: 'DELETE', token: editor }))).toBe('no-access');
    await expect(enter(app, path, owner)).rejects.toMatchObject({ code: 'no-access' });

    for (const [token, status] of [
      [editor, 403],
      [owner, 204],
      // Somebody else was quicker: it is as he wants it.
      [owner, 204],
    ] as const)
      expect((await app.ask(`${path}/restore`, { method: 'POST', token })).status).toBe(status);
    const back = await enter(app, path, editor);
    expect(back.text).toBe('all of it');
    expect(await back.type('!')).toBe(2);
  });

  test("[API6] an authenticator's owner deletes and restores, too, and nobody can open it meanwhile", async () => {
    const app = await start('tokens');
    const { path, id } = await app.newDocument();
    app.house.let('ada', 'owner', id);
    app.house.let('bob', 'editor', id);
    const bob = await enter(app, path, 'bob');
    expect((await app.ask(path, { method: 'DELETE', token: 'ada' })).status).toBe(204);
    expect(closed(bob)).toEqual([['document-deleted', -1]]);
    await expect(enter(app, path, 'bob')).rejects.toMatchObject({ code: 'document-deleted' });
    expect((await app.ask(`${path}/restore`, { method: 'POST', token: 'bob' })).status).toBe(403);
    expect((await app.ask(`${path}/restore`, { method: 'POST', token: 'ada' })).status).toBe(204);
    await enter(app, path, 'bob');
  });

  test('[API6] of those who delete it at once one does, and the others are told that it is deleted', async () => {
    const app = await start('open');
    const { path } = await app.newDocument();
    const answers = await Promise.all([1, 2, 3].map(() => app.ask(path, { method: 'DELETE' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 410, 410]);
  });

  test.each(['/api/documents/a/.b', '/api/documents/a%2Fb/c', '/api/documents/a/b%00', '/api/documents/*/b'])(
    '[API5] %s names no document',
    async (path) => {
      const answer = await (await start('open')).ask(path);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-document-id']);
    },
  );
});
