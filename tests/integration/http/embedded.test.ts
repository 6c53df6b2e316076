import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import fastify from 'fastify';
import { Embedding } from '../../support/embedding.js';
import { askApi } from '../../support/http-api.js';

const given = new Embedding();
let urls: Readonly<Record<string, string>>;

beforeAll(async () => {
  const coscribe = await given.coscribe();
  const inExpress = express();
  inExpress.use('/collab', coscribe.middleware);
  inExpress.use(express.text(), express.json());
  const inFastify = fastify();
  inFastify.addHook('onRequest', (request, reply, done) => coscribe.middleware(request.raw, reply.raw, done));
  given.atEnd(() => inFastify.close());
  const [first, second] = await Promise.all([
    given.listen(createServer(inExpress)),
    inFastify.listen({ port: 0, host: '127.0.0.1' }),
  ]);
  urls = { Express: `${first}/collab`, Fastify: second };
});
afterAll(() => given.end());

describe.each(['Express', 'Fastify'])('beside %s', (name) => {
  const ask = (...[method, path, request]: [string, string, Parameters<typeof askApi>[3]?]) =>
    askApi(urls[name] ?? '', method, path, request);

  test('[API27] documents are made, written, read, copied, moved and deleted', async () => {
    const document = `documents/team/${name}`;
    const prefix = name === 'Express' ? '/collab' : '';
    const made = await ask('POST', 'documents', { body: { id: `team/${name}`, text: 'one\n' } });
    expect([made.status, made.headers.location]).toEqual([201, `${prefix}/api/${document}`]);
    const added = await ask('POST', `${document}/text`, { raw: 'two\n' });
    expect(added.status).toBe(200);
    const read = await ask('GET', `${document}/text`);
    expect([read.text, read.headers.etag]).toEqual(['one\ntwo\n', added.headers.etag]);
    const late = await ask('PUT', `${document}/text`, { raw: 'no', headers: { 'If-Match': '"1-x"' } });
    expect(late.code).toBe('precondition-failed');
    expect((await ask('PATCH', `${document}/text`, { body: [{ retain: 3 }, { insert: '!' }] })).status).toBe(
      200,
    );
    expect((await ask('POST', `${document}/copy`, { body: { to: `copies/${name}` } })).status).toBe(201);
    const moved = await ask('POST', `documents/copies/${name}/move`, { body: { to: `moved/${name}` } });
    expect([moved.status, moved.headers.location]).toEqual([200, `${prefix}/api/documents/moved/${name}`]);
    expect((await ask('GET', `documents/moved/${name}/text`)).text).toBe('one!\ntwo\n');
    expect((await ask('DELETE', document)).status).toBe(204);
    expect((await ask('GET', `${document}/text`)).code).toBe('document-deleted');
  });

  test('[ADMIN9] operators are answered, and other addresses beside theirs are the application’s', async () => {
    const document = `documents/admin/${name}`;
    await ask('POST', 'documents', { body: { id: `admin/${name}` } });
    const described = await ask('GET', `admin/${document}`);
    expect([described.status, JSON.parse(described.text)]).toMatchObject([
      200,
      { id: `admin/${name}`, head: 0 },
    ]);
    expect((await ask('DELETE', 'admin/sessions/none.1')).code).toBe('not-found');
    const theirs = await fetch(`${urls[name]}/api/admin/users`);
    expect([theirs.status, theirs.headers.get('content-type')]).not.toEqual([
      404,
      'application/problem+json',
    ]);
  });
});
