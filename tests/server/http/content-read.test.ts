import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { DocumentId } from '../../../shared/ids.js';
import { Person } from '../../support/document-node.js';
import { codeOf, type HttpApp, startHttpApp } from '../../support/http-app.js';

let app: HttpApp;
let id: DocumentId;
let path: string;
let writer: Person;

beforeAll(async () => {
  app = await startHttpApp({ mode: 'tokens' });
});
afterAll(() => app.close());
beforeEach(async () => {
  ({ id, path } = await app.newDocument());
  app.house.let('ada', 'viewer', id);
  app.house.let('eddy', 'editor', id);
  writer = new Person('the secret of the one who writes');
  await writer.join(app.documents, {}, id);
});

const get = (tail: string, more: Parameters<HttpApp['ask']>[1] = {}) =>
  app.ask(`${path}/${tail}`, { token: 'ada', ...more });

/** What everything below is read of. */
async function write(): Promise<void> {
  const before = Y.encodeStateVector(writer.doc);
  writer.doc.transact(() => {
    const text = writer.doc.getText('text');
    text.insert(0, 'Grüße 😀\n');
    text.format(0, 5, { bold: true });
    writer.doc.getMap('board').set('title', 'Plan <b>');
    writer.doc.getArray('list').insert(0, [1, { a: [true, null] }]);
  });
  expect(await writer.submit(Y.encodeStateAsUpdate(writer.doc, before))).toBe(1);
}

describe('what a document shows', () => {
  beforeEach(write);

  test('[API16] as text, which no browser takes for anything else', async () => {
    const { status, headers, text } = await get('text');
    expect([status, text]).toEqual([200, 'Grüße 😀\n']);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      vary: expect.stringContaining('Authorization'),
      etag: expect.stringMatching(/^"1-[\w-]+"$/),
    });
  });

  test('[API16] as JSON: all of it, or one root', async () => {
    const all = await get('json');
    expect(all.headers['content-type']).toBe('application/json');
    expect(JSON.parse(all.text)).toEqual({
      text: 'Grüße 😀\n',
      board: { title: 'Plan <b>' },
      list: [1, { a: [true, null] }],
    });
    expect(JSON.parse((await get('json?root=board')).text)).toEqual({ title: 'Plan <b>' });
  });

  test('[API16] as Yjs has it: everything, what a copy lacks, and the state vector', async () => {
    const copy = new Y.Doc();
    const whole = await get('state');
    expect(whole.headers['content-type']).toBe('application/octet-stream');
    Y.applyUpdate(copy, whole.body);
    expect(copy.getText('text').toString()).toBe('Grüße 😀\n');
    const since = Buffer.from(Y.encodeStateVector(copy)).toString('base64url');
    expect(await writer.type('more')).toBe(2);
    const lacked = await get(`state?since=${since}`);
    expect(lacked.body.length).toBeLessThan(whole.body.length);
    Y.applyUpdate(copy, lacked.body);
    expect(copy.getText('text').toString()).toBe('Grüße 😀\nmore');
    const vector = Y.decodeStateVector((await get('state-vector')).body);
    expect(vector).toEqual(Y.decodeStateVector(Y.encodeStateVector(writer.doc)));
  });

  test.each([
    ['', 'text/markdown; charset=utf-8', 'md'],
    ['?format=markdown', 'text/markdown; charset=utf-8', 'md'],
    ['?format=plain', 'text/plain; charset=utf-8', 'txt'],
    ['?format=json&root=board', 'application/json', 'json'],
    ['?format=yjs', 'application/octet-stream', 'yjs'],
  ])('[API16] as a file: export%s', async (query, type, extension) => {
    const { status, headers, text } = await get(`export${query}`);
    const name = id.slice('acme/'.length);
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
      200,
      type,
      `attachment; filename="${name}.${extension}"`,
    ]);
    if (extension === 'md') expect(text).toContain('**Grüße** 😀');
    if (extension === 'txt') expect(text).toBe('Grüße 😀\n');
    if (extension === 'json') expect(JSON.parse(text)).toEqual({ title: 'Plan <b>' });
  });

  test('[API16] what was answered to a change is in what is read then', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await writer.type(`${turn}`);
      expect((await get('text')).text).toMatch(new RegExp(`${turn}$`));
    }
  });

  test('[API16] a root of another type is refused, one that nobody has used is empty', async () => {
    expect(codeOf(await get('text?root=board'))).toBe('wrong-type');
    const { status, text } = await get('text?root=nothing');
    expect([status, text]).toEqual([200, '']);
  });
});

describe('parameters', () => {
  test.each([
    ['text?rot=a', '"rot\\" is no parameter of this request; it has \\"root\\"'],
    ['text?root=a&root=b', 'more than once'],
    [`text?root=${'a'.repeat(129)}`, '"root\\" is a name'],
    ['text?root=__proto__', '"root\\" is a name'],
    ['json?as=x', 'is no parameter'],
    ['state?since=%2A', 'state vector'],
    ['state?since=__', 'state vector'],
    ['state-vector?root=a', 'it has none'],
    ['export?format=pdf', 'markdown, plain, json, yjs'],
    ['export?format=toString', 'markdown, plain, json, yjs'],
    ['export?format=yjs&root=text', 'without \\"root\\"'],
  ])('[API15] %s is refused with a sentence', async (tail, sentence) => {
    const answer = await get(tail);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request']);
    expect(answer.text).toContain(sentence);
  });
});

describe('conditions', () => {
  beforeEach(write);
  const tag = async () => (await get('text')).headers.etag ?? '';

  test('[API17] who has it already is told so, until somebody changes it, without the document being opened', async () => {
    const known = await tag();
    app.copies.views = 0;
    for (const header of [known, `W/${known}`, `"x", ${known}`, '*']) {
      const { status, headers, body } = await get('text', { headers: { 'If-None-Match': header } });
      expect([status, headers.etag, body.length]).toEqual([304, known, 0]);
    }
    expect(app.copies.views).toBe(0);
    await writer.type('!');
    const after = await get('text', { headers: { 'If-None-Match': known } });
    expect([after.status, after.text]).toEqual([200, 'Grüße 😀\n!']);
    expect(after.headers.etag).not.toBe(known);
  });

  test.each(['text', 'json', 'state', 'state-vector', 'export?format=plain'])(
    '[API17] HEAD %s says what GET says, without the document being opened',
    async (tail) => {
      const asked = await get(tail);
      app.copies.views = 0;
      const head = await get(tail, { method: 'HEAD' });
      expect([head.status, head.body.length, app.copies.views]).toEqual([200, 0, 0]);
      const own = ({ headers }: typeof head) => {
        const { date: _date, 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = headers;
        delete rest['x-request-id'];
        return rest;
      };
      expect(own(head)).toEqual(own(asked));
    },
  );

  test('[API17] reading with If-Match is refused where the document stands elsewhere', async () => {
    const known = await tag();
    expect((await get('text', { headers: { 'If-Match': known } })).status).toBe(200);
    const answer = await get('text', { headers: { 'If-Match': '"0-else"' } });
    expect([answer.status, codeOf(answer)]).toEqual([412, 'precondition-failed']);
  });

  test('[API17] a malformed tag is refused with a sentence', async () => {
    const answer = await get('text', { headers: { 'If-None-Match': '1-g' } });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request']);
  });
});

describe('who may not', () => {
  const tails = ['text', 'json', 'state', 'state-vector', 'export'];

  test.each(tails)('[API2] nobody learns from %s whether a document is there', async (tail) => {
    app.house.people.set('eve', { user: 'eve' });
    const nowhere = path.replace('plan', 'none');
    for (const method of ['GET', 'HEAD']) {
      const [there, absent] = await Promise.all(
        [path, nowhere].map((at) => app.ask(`${at}/${tail}`, { method, token: 'eve' })),
      );
      expect([there?.status, there?.text]).toEqual([404, absent?.text]);
      const bare = (answer: typeof there) => ({ ...answer?.headers, date: '', 'x-request-id': '' });
      expect(bare(there)).toEqual(bare(absent));
    }
    expect(codeOf(await app.ask(`${path}/${tail}`))).toBe('unauthenticated');
  });

  test('[API2] a document that is deleted is there for its owners only', async () => {
    app.house.let('olga', 'owner', id);
    await app.ask(path, { method: 'DELETE', token: 'olga' });
    expect(codeOf(await get('text'))).toBe('no-access');
    expect(codeOf(await get('text', { token: 'olga' }))).toBe('document-deleted');
    expect(codeOf(await get('text', { token: 'olga', headers: { 'If-None-Match': '*' } }))).toBe(
      'document-deleted',
    );
  });

  test('[API16] reading creates nothing', async () => {
    app.house.let('olga', 'owner', 'acme/not-there' as DocumentId);
    expect(codeOf(await app.ask('/api/documents/acme/not-there/text', { token: 'olga' }))).toBe('no-access');
    expect(await app.store.find('acme/not-there' as DocumentId)).toBeUndefined();
  });
});
