import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { AccessMode } from '../../../server/auth/access.js';
import { CoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import { LIMITS, Person } from '../../support/document-node.js';
import { codeOf, type HttpAnswer, type HttpApp, startHttpApp } from '../../support/http-app.js';

const apps: HttpApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(mode: AccessMode): Promise<HttpApp> {
  const app = await startHttpApp({ mode });
  apps.push(app);
  return app;
}

const post = (app: HttpApp, path: string, json: object, token?: string, headers = {}) =>
  app.ask(path, { method: 'POST', json, token, headers });
const textOf = async (app: HttpApp, path: string, token?: string) =>
  (await app.ask(`${path}/text`, { token })).text;
const outcome = (answer: HttpAnswer) => [answer.status, codeOf(answer)];

/** What this document holds is more than a text. */
async function write(app: HttpApp, id: DocumentId): Promise<Y.Doc> {
  const writer = new Person('the secret of the one who writes');
  await writer.join(app.documents, {}, id);
  writer.doc.getText('text').insert(0, 'a bold text');
  writer.doc.getText('text').format(2, 4, { bold: true });
  writer.doc.getMap('board').set('title', 'Plan');
  expect(await writer.submit(Y.encodeStateAsUpdate(writer.doc))).toBe(1);
  return writer.doc;
}

describe('POST /api/documents', () => {
  test.each(['open', 'links', 'tokens'] as const)('[API24] begins with a text, in mode %s', async (mode) => {
    const app = await start(mode);
    app.house.let('ada', 'editor', parseDocumentId('acme/new'));
    const token = mode === 'tokens' ? 'ada' : undefined;
    const answer = await post(app, '/api/documents', { id: 'acme/new', text: 'Grüße 😀\n' }, token);
    expect([answer.status, answer.headers.location]).toEqual([201, '/api/documents/acme/new']);
    const { link } = JSON.parse(answer.text) as { link?: { token: string } };
    expect(await textOf(app, '/api/documents/acme/new', link?.token ?? token)).toBe('Grüße 😀\n');
    const [row] = await app.store.readLog(parseDocumentId('acme/new'), 0, 1);
    expect(row?.author).toMatch(mode === 'tokens' ? /^user:ada$/ : /^anonymous:/);
    expect(outcome(await post(app, '/api/documents', { id: 'acme/new', text: 'x' }, token))).toEqual([
      409,
      'document-exists',
    ]);
  });

  test('[API24] a text that no document takes makes none', async () => {
    const app = await startHttpApp({ limits: { maxUpdateBytes: 1_000_000 } });
    apps.push(app);
    const text = 'x'.repeat(LIMITS.maxDocumentBytes + 1);
    const answer = await post(app, '/api/documents', { id: 'acme/large', text });
    expect(outcome(answer)).toEqual([413, 'document-too-large']);
    expect(await app.store.find(parseDocumentId('acme/large'))).toBeUndefined();
  });

  test('[API24] what could not be filled is not left empty', async () => {
    const app = await start('open');
    app.store.appendError = new CoscribeError('store-unavailable');
    expect(outcome(await post(app, '/api/documents', { id: 'acme/new', text: 'a' }))).toEqual([
      503,
      'store-unavailable',
    ]);
    expect((await app.store.find(parseDocumentId('acme/new')))?.deletedAt).toBeDefined();
  });
});

describe('copy', () => {
  test('[API24] has everything that is in it, and a life of its own', async () => {
    const app = await start('tokens');
    const { id, path } = await app.newDocument();
    const doc = await write(app, id);
    const to = parseDocumentId('acme/second');
    app.house.let('ada', 'viewer', id);
    app.house.let('ada', 'editor', to);
    const answer = await post(app, `${path}/copy`, { to }, 'ada');
    expect([answer.status, answer.headers.location]).toEqual([201, `/api/documents/${to}`]);
    expect(JSON.parse(answer.text)).toEqual({ id: to });
    const copy = new Y.Doc();
    Y.applyUpdate(copy, (await app.ask(`/api/documents/${to}/state`, { token: 'ada' })).body);
    expect(copy.getText('text').toDelta()).toEqual(doc.getText('text').toDelta());
    expect(copy.getMap('board').toJSON()).toEqual({ title: 'Plan' });
    const [before, after] = [id, to].map((one) => app.store.positions([one]).then((all) => all.get(one)));
    expect((await before)?.generation).not.toBe((await after)?.generation);
    const rows = await app.store.readLog(to, 0, 10);
    expect(new Set(rows.map(({ author }) => author))).toEqual(new Set(['user:ada']));
    await app.ask(`/api/documents/${to}/text`, { method: 'PUT', text: 'other', token: 'ada' });
    expect(await textOf(app, path, 'ada')).toBe('a bold text');
  });

  test('[API24] of an empty one is empty; of one that is not there is none', async () => {
    const app = await start('open');
    const { path } = await app.newDocument();
    expect((await post(app, `${path}/copy`, { to: 'acme/empty' })).status).toBe(201);
    expect(await textOf(app, '/api/documents/acme/empty')).toBe('');
    expect(outcome(await post(app, '/api/documents/acme/none/copy', { to: 'acme/x' }))).toEqual([
      404,
      'no-access',
    ]);
    expect(await app.store.find(parseDocumentId('acme/x'))).toBeUndefined();
    expect(outcome(await post(app, `${path}/copy`, { to: 'acme/empty' }))).toEqual([409, 'document-exists']);
    expect(outcome(await post(app, `${path}/copy`, {}))).toEqual([400, 'bad-request']);
    expect(outcome(await post(app, `${path}/copy`, { to: '.x' }))).toEqual([400, 'invalid-document-id']);
  });

  test('[API24] needs the right to read here and to write there', async () => {
    const app = await start('tokens');
    const { id, path } = await app.newDocument();
    const to = parseDocumentId('acme/there');
    for (const [here, there, expected] of [
      ['none', 'owner', 'no-access'],
      ['viewer', 'none', 'no-access'],
      ['viewer', 'viewer', 'not-allowed'],
      ['viewer', 'editor', undefined],
    ] as const) {
      app.house.let('ada', here, id);
      app.house.let('ada', there, to);
      expect(codeOf(await post(app, `${path}/copy`, { to }, 'ada'))).toBe(expected);
    }
  });

  test('[API24] in mode links its maker gets a link of his own, and the answer is kept nowhere', async () => {
    const app = await start('links');
    const { id, path, link } = await app.newDocument();
    await write(app, id);
    const { token } = await link('viewer');
    const key = { 'Idempotency-Key': 'k' };
    expect(outcome(await post(app, `${path}/copy`, { to: 'acme/mine' }, token, key))).toEqual([
      400,
      'bad-request',
    ]);
    const answer = await post(app, `${path}/copy`, { to: 'acme/mine' }, token);
    const made = JSON.parse(answer.text) as { link: { token: string; role: string } };
    expect([answer.status, made.link.role]).toEqual([201, 'owner']);
    expect(await textOf(app, '/api/documents/acme/mine', made.link.token)).toBe('a bold text');
    expect(codeOf(await app.ask('/api/documents/acme/mine/text', { token }))).toBe('no-access');
  });
});

describe('move', () => {
  test('[API25] gives it another name, and keeps everything else', async () => {
    const app = await start('tokens');
    const { id, path } = await app.newDocument();
    await write(app, id);
    const to = parseDocumentId('acme/renamed');
    for (const one of [id, to]) app.house.let('olga', 'owner', one);
    const guest = new Person('the secret of a guest, and long enough');
    await guest.join(app.documents, {}, id);
    const answer = await post(app, `${path}/move`, { to }, 'olga');
    expect([answer.status, answer.headers.location]).toEqual([200, `/api/documents/${to}`]);
    expect(JSON.parse(answer.text)).toMatchObject({ id: to, name: 'renamed', head: 1, role: 'owner' });
    expect(guest.transport.closed.map(({ reason }) => reason.code)).toEqual(['document-moved']);
    expect(await textOf(app, `/api/documents/${to}`, 'olga')).toBe('a bold text');
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      for (const tail of ['', '/text', '/export?format=json', '/links', '/events?as=json']) {
        const moved = await app.ask(`${path}${tail}`, { method, token: 'olga' });
        // Not every address takes every method.
        if (moved.status === 405 || moved.status === 204) continue;
        expect([moved.status, moved.headers.location, moved.headers['cache-control'], moved.text]).toEqual([
          308,
          `/api/documents/${to}${tail}`,
          'no-store',
          method === 'HEAD' ? '' : expect.stringContaining('"code":"document-moved"'),
        ]);
        // Who does not go there must not take that for success.
        if (method !== 'HEAD')
          expect([moved.headers['content-type'], JSON.parse(moved.text)]).toEqual([
            'application/problem+json',
            {
              type: 'urn:coscribe:error:document-moved',
              title: 'The document has another name now.',
              status: 308,
              detail: `The document has another name now. (nothing was done: send the same request to ${to})`,
              code: 'document-moved',
              retryable: false,
              movedTo: to,
            },
          ]);
      }
    // Who may read where it was, and not where it is, is told no more.
    app.house.people.set('walt', { user: 'walt' });
    app.house.let('walt', 'owner', id);
    const refused = await app.ask(`${path}/text`, { token: 'walt' });
    expect(outcome(refused)).toEqual([410, 'document-moved']);
    expect(JSON.stringify(refused)).not.toContain('renamed');
    app.house.people.set('eve', { user: 'eve' });
    expect(codeOf(await app.ask(path, { token: 'eve' }))).toBe('no-access');
  });

  test('[API23] DELETE and restore are carried out once, whatever others do between', async () => {
    const app = await start('tokens');
    const { id, path } = await app.newDocument();
    app.house.let('olga', 'owner', id);
    const send = async (method: string, tail: string, key: string) => {
      const headers = { 'Idempotency-Key': key };
      const answer = await app.ask(`${path}${tail}`, { method, token: 'olga', headers });
      return [
        answer.status,
        answer.text === '' ? '' : codeOf(answer),
        answer.headers['idempotency-replayed'],
      ];
    };
    const [done, again] = [
      [204, '', undefined],
      [204, '', 'true'],
    ];
    expect(await send('DELETE', '', 'one')).toEqual(done);
    expect(await send('DELETE', '', 'one')).toEqual(again);
    expect(await send('DELETE', '', 'two')).toEqual([410, 'document-deleted', undefined]);
    expect(await send('POST', '/restore', 'back')).toEqual(done);
    // It is not deleted once more, nor brought back once more.
    expect(await send('DELETE', '', 'one')).toEqual(again);
    expect((await app.ask(path, { token: 'olga' })).status).toBe(200);
    expect(await send('DELETE', '', 'three')).toEqual(done);
    expect(await send('POST', '/restore', 'back')).toEqual(again);
    expect((await app.ask(path, { token: 'olga' })).status).toBe(410);
    expect(await send('POST', '/restore', 'one')).toEqual([422, 'idempotency-key-reused', undefined]);
    expect(await send('DELETE', '', 'ü')).toEqual([400, 'bad-request', undefined]);
  });

  test('[API25] in mode links its links lead to it', async () => {
    const app = await start('links');
    const { id, path, link } = await app.newDocument();
    await write(app, id);
    const [owner, viewer] = [(await link('owner')).token, (await link('viewer')).token];
    expect(codeOf(await post(app, `${path}/move`, { to: 'acme/renamed' }, viewer))).toBe('not-allowed');
    expect((await post(app, `${path}/move`, { to: 'acme/renamed' }, owner)).status).toBe(200);
    expect(await textOf(app, '/api/documents/acme/renamed', viewer)).toBe('a bold text');
    const moved = await app.ask(`${path}/text?root=text`, { token: viewer });
    expect([moved.status, moved.headers.location]).toEqual([
      308,
      '/api/documents/acme/renamed/text?root=text',
    ]);
    const other = await app.newDocument();
    const stranger = (await other.link('owner')).token;
    expect(outcome(await app.ask(`${path}/text`, { token: stranger }))).toEqual([404, 'no-access']);
    // Once more, then another document gets the first name.
    await post(app, '/api/documents/acme/renamed/move', { to: 'acme/again' }, owner);
    expect((await app.ask(path, { token: viewer })).headers.location).toBe('/api/documents/acme/again');
    await post(app, '/api/documents', { id });
    expect(outcome(await app.ask(path, { token: viewer }))).toEqual([404, 'no-access']);
  });

  test('[API23] and with a key it is done once', async () => {
    const app = await start('open');
    const { path } = await app.newDocument();
    for (const [tail, to] of [
      ['copy', 'acme/copied'],
      ['move', 'acme/moved'],
    ]) {
      const key = { 'Idempotency-Key': `to-${tail}` };
      const first = await post(app, `${path}/${tail}`, { to }, undefined, key);
      const again = await post(app, `${path}/${tail}`, { to }, undefined, key);
      expect(first.status).toBeLessThan(300);
      expect([again.status, again.text, again.headers.location]).toEqual([
        first.status,
        first.text,
        first.headers.location,
      ]);
      expect(again.headers['idempotency-replayed']).toBe('true');
    }
    const made = await Promise.all(
      [1, 2, 3].map(() =>
        post(app, '/api/documents', { text: 'a' }, undefined, { 'Idempotency-Key': 'fresh' }),
      ),
    );
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
  });
});

describe('the list', () => {
  test.each(['updated', 'created', 'name'] as const)(
    '[API15] by %s a cursor reaches everything, each document once',
    async (order) => {
      const app = await start('tokens');
      const mine: string[] = [];
      for (let at = 0; at < 12; at++) {
        const { id } = await app.newDocument();
        app.house.let('ada', at % 3 === 0 ? 'none' : 'viewer', id);
        if (at % 3 !== 0) mine.push(id);
        app.state.aheadMs += 1_000;
      }
      const found: string[] = [];
      let cursor = '';
      let requests = 0;
      do {
        const at = cursor === '' ? '' : `&cursor=${cursor}`;
        const { text } = await app.ask(
          `/api/documents?workspace=acme&prefix=plan&order=${order}&limit=3${at}`,
          {
            token: 'ada',
          },
        );
        const { documents, next = '' } = JSON.parse(text) as { documents: { id: string }[]; next?: string };
        found.push(...documents.map(({ id }) => id));
        cursor = next;
        requests++;
      } while (cursor !== '' && requests < 20);
      const expected = order === 'name' ? mine.sort() : mine.reverse();
      expect(found).toEqual(expected);
      expect(requests).toBeLessThanOrEqual(4);
    },
  );

  test.each(['cursor=x', 'order=size', 'limit=0', 'prefix=%20', 'name=a', 'limit=1&limit=2'])(
    '[API15] %s is refused with a sentence',
    async (query) => {
      const answer = await (await start('open')).ask(`/api/documents?${query}`);
      expect(outcome(answer)).toEqual([400, 'bad-request']);
    },
  );
});
