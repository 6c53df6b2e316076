import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentId } from '../../../shared/ids.js';
import { ContentWorld, made } from '../../support/content-world.js';
import { LIMITS, type Person } from '../../support/document-node.js';
import { type Ask, codeOf, type HttpApp } from '../../support/http-app.js';
import { until } from '../../support/until.js';

let world: ContentWorld;
let app: HttpApp;
let id: DocumentId;
let path: string;
let reader: Person;

beforeAll(async () => {
  world = await ContentWorld.start();
  ({ app } = world);
});
afterAll(() => app.close());
beforeEach(async () => {
  await world.renew();
  ({ id, path, reader } = world);
});

const send = (...request: Parameters<ContentWorld['send']>) => world.send(...request);
const put = (...request: Parameters<ContentWorld['put']>) => world.put(...request);
const patch = (...request: Parameters<ContentWorld['patch']>) => world.patch(...request);
const shown = (): string => world.shown();

describe('If-Match', () => {
  test('[API22] a change is made only where the document stands as its sender thinks', async () => {
    const first = await put('one');
    const tag = first.headers.etag ?? '';
    await reader.catchUp();
    await reader.type(', by somebody else');
    const answer = await put('two', { headers: { 'If-Match': tag } });
    expect([answer.status, codeOf(answer)]).toEqual([412, 'precondition-failed']);
    expect(shown()).toBe('one, by somebody else');
    const read = await app.ask(`${path}/text`, { token: 'eddy' });
    made(await put('two', { headers: { 'If-Match': `"9-else", ${read.headers.etag}` } }));
    expect(shown()).toBe('two');
  });

  test('[API22] of many who change the same version at once, one does', async () => {
    const tag = (await put('counter: 0')).headers.etag ?? '';
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => put(`counter: ${at + 1}`, { headers: { 'If-Match': tag } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    const won = answers.findIndex(({ status }) => status === 200);
    expect(shown()).toBe(`counter: ${won + 1}`);
  });

  test.each(['*', '"0-anything"', 'W/"0-g"'])('[API22] %s makes no document', async (tag) => {
    const nowhere = 'acme/nowhere' as DocumentId;
    app.house.let('eddy', 'editor', nowhere);
    const answer = await app.ask(`/api/documents/${nowhere}/text`, {
      method: 'PUT',
      token: 'eddy',
      text: 'a',
      headers: { 'If-Match': tag },
    });
    expect([answer.status, codeOf(answer)]).toEqual([412, 'precondition-failed']);
    expect(answer.text).toContain('The document is not as demanded');
    expect(answer.text.includes('there is no such document')).toBe(tag !== '"0-anything"');
    expect(await app.store.find(nowhere)).toBeUndefined();
  });

  test('[API22] a weak tag never matches, * does if the document is there', async () => {
    const tag = (await put('one')).headers.etag ?? '';
    expect((await put('two', { headers: { 'If-Match': `W/${tag}` } })).status).toBe(412);
    expect((await put('two', { headers: { 'If-Match': '*' } })).status).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (key: string, more: Record<string, string> = {}): Ask => ({
    headers: { 'Idempotency-Key': key, ...more },
  });
  const append = (text: string, more: Ask) => send('POST', 'text', { text, ...more });

  test('[API23] the same change is made once, and answered alike', async () => {
    const first = await append('once\n', keyed('k-1'));
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    await append('between\n', {});
    const again = await append('once\n', keyed('k-1'));
    expect(made(again)).toEqual(made(first));
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(shown()).toBe('once\nbetween\n');
  });

  test('[API23] sent many times at once it is made once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => append('once\n', keyed('k-2'))));
    expect(new Set(answers.map((one) => made(one).seq)).size).toBe(1);
    expect(shown()).toBe('once\n');
  });

  test('[API23] a condition that held then needs not hold any more', async () => {
    const tag = (await put('a')).headers.etag ?? '';
    const more = keyed('k-3', { 'If-Match': tag });
    const first = made(await put('b', more));
    expect(made(await put('b', more))).toEqual(first);
  });

  test('[API23] what changed nothing changes nothing later', async () => {
    await put('a');
    expect(made(await put('a', keyed('k-4'))).changed).toBe(false);
    await put('b');
    const again = await put('a', keyed('k-4'));
    expect(made(again)).toMatchObject({ changed: false, seq: 1 });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(shown()).toBe('b');
  });

  test('[API23] another change under the key is refused; a refused one does not use it up', async () => {
    await append('a', keyed('k-5'));
    for (const other of [append('b', keyed('k-5')), put('a', keyed('k-5'))]) {
      const answer = await other;
      expect([answer.status, codeOf(answer)]).toEqual([422, 'idempotency-key-reused']);
    }
    expect(codeOf(await patch([{ delete: 9 }], keyed('k-6')))).toBe('patch-failed');
    made(await patch([{ delete: 1 }], keyed('k-6')));
  });

  test('[API23] two people may use one key', async () => {
    app.house.let('emma', 'editor', id);
    await append('a', keyed('k-7'));
    made(await append('a', { ...keyed('k-7'), token: 'emma' }));
    expect(shown()).toBe('aa');
  });

  test('[API23] what the store has kept although nobody was told is found', async () => {
    await append('a', keyed('k-8'));
    app.store.unreported = 1;
    const answer = await append('b', keyed('k-9'));
    if (answer.status !== 200) made(await append('b', keyed('k-9')));
    await until(() => shown() === 'ab', 'it to be shown');
  });
});

describe('who may not', () => {
  const writes: readonly (readonly [method: string, tail: string, more: Ask])[] = [
    ['PUT', 'text', { text: 'a' }],
    ['POST', 'text', { text: 'a' }],
    ['PATCH', 'text', { json: [{ insert: 'a' }] }],
    ['PATCH', 'json', { json: [], headers: { 'Content-Type': 'application/json-patch+json' } }],
    [
      'POST',
      'updates',
      { body: Buffer.from([0, 0]), headers: { 'Content-Type': 'application/octet-stream' } },
    ],
  ];

  test.each(writes)(
    '[API1] %s %s: a viewer is told that he only reads, and makes no document',
    async (method, tail, more) => {
      expect(codeOf(await send(method, tail, { ...more, token: 'ada' }))).toBe('read-only');
      const nowhere = 'acme/not-here' as DocumentId;
      app.house.let('ada', 'viewer', nowhere);
      expect(
        codeOf(await app.ask(`/api/documents/${nowhere}/${tail}`, { method, ...more, token: 'ada' })),
      ).toBe('no-access');
      expect(await app.store.find(nowhere)).toBeUndefined();
    },
  );

  test.each(writes)(
    '[API2] %s %s tells a stranger nothing, and reads nothing of him',
    async (method, tail, more) => {
      app.house.people.set('eve', { user: 'eve' });
      const nowhere = path.replace('plan', 'none');
      const body = Buffer.alloc(2 * LIMITS.maxDocumentBytes);
      const [there, absent, large] = await Promise.all([
        app.ask(`${path}/${tail}`, { method, ...more, token: 'eve' }),
        app.ask(`${nowhere}/${tail}`, { method, ...more, token: 'eve' }),
        app.ask(`${path}/${tail}`, { method, body, token: 'eve' }),
      ]);
      expect([there?.status, there?.text]).toEqual([404, absent?.text]);
      expect(codeOf(large)).toBe('no-access');
    },
  );

  test('[API18] an editor makes a document by writing in it', async () => {
    const fresh = `acme/fresh-${id.slice(5)}` as DocumentId;
    app.house.let('eddy', 'editor', fresh);
    const answer = await app.ask(`/api/documents/${fresh}/text`, {
      method: 'PUT',
      token: 'eddy',
      text: 'new',
    });
    expect(made(answer)).toMatchObject({ seq: 1, changed: true });
    expect((await app.ask(`/api/documents/${fresh}/text`, { token: 'eddy' })).text).toBe('new');
  });

  test('[API18] nobody writes in a document that was deleted', async () => {
    await app.store.remove(id, 1);
    expect(codeOf(await put('a'))).toBe('document-deleted');
  });
});
