import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentId } from '../../../shared/ids.js';
import { ContentWorld } from '../../support/content-world.js';
import { type Ask, codeOf, type HttpApp } from '../../support/http-app.js';

let world: ContentWorld;
let app: HttpApp;
let id: DocumentId;
let path: string;
let copies = 0;

beforeAll(async () => {
  world = await ContentWorld.start();
  ({ app } = world);
});
afterAll(() => app.close());
beforeEach(async () => {
  await world.renew();
  ({ id, path } = world);
  app.house.let('olga', 'owner', id);
});

/** A name that nothing has yet, in which Olga may write. */
function freeName(): DocumentId {
  const name = `acme/free-${++copies}` as DocumentId;
  app.house.let('olga', 'owner', name);
  return name;
}

async function ask(method: string, tail: string, more: Ask = {}) {
  const answer = await app.ask(`${path}${tail}`, { method, token: 'olga', ...more });
  return { ...answer, said: [answer.status, answer.status < 400 ? '' : codeOf(answer)] };
}

async function tag(): Promise<string> {
  return (await ask('GET', '/text')).headers.etag ?? '';
}

describe('If-Match for a document as a whole', () => {
  const acts: readonly (readonly [what: string, method: string, tail: string, status: number])[] = [
    ['deletion', 'DELETE', '', 204],
    ['move', 'POST', '/move', 200],
    ['copy', 'POST', '/copy', 201],
  ];
  test.each(acts)('[API22] %s: only where the document stands so', async (_, method, tail, status) => {
    await world.put('one');
    const old = await tag();
    await world.put('two');
    const to = freeName();
    const more = tail === '' ? {} : { json: { to } };
    const act = (condition: string) => ask(method, tail, { ...more, headers: { 'If-Match': condition } });
    for (const condition of [old, `W/${await tag()}`, '"0-else"'])
      expect((await act(condition)).said).toEqual([412, 'precondition-failed']);
    expect((await act('no tag')).said).toEqual([400, 'bad-request']);
    expect((await ask('GET', '/text')).text).toBe('two');
    expect(await app.store.find(to)).toBeUndefined();
    expect((await act(`${old}, ${await tag()}`)).status).toBe(status);
  });

  test('[API22] what is not there is refused as without a condition', async () => {
    await ask('DELETE', '');
    expect((await ask('DELETE', '', { headers: { 'If-Match': '"1-a"' } })).said).toEqual([
      410,
      'document-deleted',
    ]);
  });

  test.each([
    ['DELETE', '', 'If-None-Match'],
    ['POST', '/copy', 'If-None-Match'],
    ['POST', '/move', 'If-None-Match'],
    ['POST', '/restore', 'If-None-Match'],
    ['POST', '/restore', 'If-Match'],
  ])('[API22] %s %s has no %s, and says so', async (method, tail, header) => {
    const more = method === 'DELETE' ? {} : { json: { to: freeName() } };
    const answer = await ask(method, tail, { ...more, headers: { [header]: '*' } });
    expect(answer.said).toEqual([400, 'bad-request']);
    expect(answer.text).toContain(header);
    expect((await ask('GET', '')).status).toBe(200);
  });

  test('[API22] a document is made only if there is none: also in so many words', async () => {
    const make = (name: string, headers: Record<string, string>) =>
      app.ask('/api/documents', { method: 'POST', token: 'olga', json: { id: name }, headers });
    const name = freeName();
    const absent = { 'If-None-Match': '*' };
    expect((await make(name, absent)).status).toBe(201);
    expect(codeOf(await make(name, absent))).toBe('precondition-failed');
    expect(codeOf(await make(name, {}))).toBe('document-exists');
    for (const headers of [{ 'If-None-Match': '"1-a"' }, { 'If-Match': '*' }])
      expect(codeOf(await make(freeName(), headers as Record<string, string>))).toBe('bad-request');
  });
});

describe('where a document stands', () => {
  test('[API17] has a tag of its content and of what its asker may do; changes take it as well', async () => {
    await world.put('one');
    app.house.let('ada', 'viewer', id);
    const first = (await ask('GET', '')).headers.etag ?? '';
    expect(first).toBe(`${(await tag()).slice(0, -1)}~owner"`);
    const known = { headers: { 'If-None-Match': first } };
    for (const method of ['GET', 'HEAD']) {
      const again = await ask(method, '', known);
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', first]);
    }
    expect((await ask('GET', '', { ...known, token: 'ada' })).status).toBe(200);
    expect((await world.put('two', { headers: { 'If-Match': first } })).status).toBe(200);
    expect((await ask('GET', '', known)).status).toBe(200);
    const condition = { headers: { 'If-Match': first } };
    expect((await ask('GET', '', condition)).said).toEqual([412, 'precondition-failed']);
    expect((await ask('DELETE', '', condition)).said).toEqual([412, 'precondition-failed']);
    const now = (await ask('HEAD', '')).headers.etag ?? '';
    expect((await ask('DELETE', '', { headers: { 'If-Match': now } })).status).toBe(204);
  });
});
