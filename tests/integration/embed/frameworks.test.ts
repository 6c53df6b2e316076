import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express, { type NextFunction, type Request, type Response } from 'express';
import fastify from 'fastify';
import { collectLog } from '../../support/collect-log.js';
import { Embedding } from '../../support/embedding.js';
import { ask, type RawAnswer } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

let given: Embedding;
beforeEach(() => {
  given = new Embedding();
});
afterEach(() => given.end());

const JSON_TYPE = { 'Content-Type': 'application/json' };

function post(url: string, body: object): Promise<RawAnswer> {
  return ask(url, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
}

describe('beside Express', () => {
  async function application({ prefix = '/' } = {}) {
    const coscribe = await given.coscribe();
    const app = express();
    app.use(prefix, coscribe.middleware);
    app.use(express.json());
    app.get('/', (_, response) => response.send('the application'));
    app.post('/api/notes', (request: Request, response) => response.json({ got: request.body }));
    app.get('/broken', () => {
      throw new Error('on purpose');
    });
    app.use((_: Request, response: Response) => response.status(404).send('nothing, says the application'));
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) =>
      response.status(500).send(`the application is sorry: ${error.message}`),
    );
    const http = createServer(app);
    coscribe.attach(http);
    return { coscribe, http, url: await given.listen(http) };
  }

  async function expectApplication(url: string): Promise<void> {
    expect((await ask(url)).text).toBe('the application');
    expect((await post(`${url}/api/notes`, { a: 1 })).text).toBe('{"got":{"a":1}}');
    expect(await ask(`${url}/broken`)).toMatchObject({
      status: 500,
      text: 'the application is sorry: on purpose',
    });
    for (const path of ['/api/others', '/healthz', '/admin', '/api/documentsx', '/d/team/note'])
      expect(await ask(url + path)).toMatchObject({ status: 404, text: 'nothing, says the application' });
  }

  test("[EMBED6] documents are edited, and routes, bodies and errors are still the application's", async () => {
    const { url, coscribe } = await application();
    const { document } = await given.twoWrite(url);
    await expectApplication(url);
    expect(JSON.parse((await ask(`${url}/api/documents/${document}`)).text)).toMatchObject({ id: document });
    expect((await post(`${url}/api/documents`, { id: 'team/new' })).status).toBe(201);
    // What is ours and not there is told as ours is.
    expect((await ask(`${url}/api/documents/team/none`)).text).toContain('urn:coscribe:error:no-access');
    await coscribe.stop();
    await expectApplication(url);
  });

  test('[EMBED6] the API can be put below a prefix, and says so in its answers', async () => {
    const { url } = await application({ prefix: '/collab' });
    const made = await post(`${url}/collab/api/documents`, { id: 'team/new' });
    expect([made.status, made.headers.location]).toEqual([201, '/collab/api/documents/team/new']);
    expect((await ask(`${url}/api/documents`)).text).toBe('nothing, says the application');
    expect((await ask(`${url}/collab/coscribe.js`)).status).toBe(200);
    await expectApplication(url);
  });

  test('[EMBED6] behind what reads all bodies the API says that it cannot read its own', async () => {
    const log = collectLog();
    const coscribe = await given.coscribe({ log });
    const app = express();
    app.use(express.json());
    app.use(coscribe.middleware);
    const url = await given.listen(createServer(app));
    const answer = await post(`${url}/api/documents`, { id: 'team/new' });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('the middleware of Coscribe belongs before it');
    const told = log.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(told).toEqual(['Request failed']);
    expect((await ask(`${url}/api/documents`)).status).toBe(200);
  });
});

describe('beside Fastify', () => {
  test("[EMBED6] documents are edited, and routes, hooks and errors are still the application's", async () => {
    const coscribe = await given.coscribe();
    const app = fastify();
    const hooked: string[] = [];
    app.addHook('onRequest', (request, reply, done) => coscribe.middleware(request.raw, reply.raw, done));
    app.addHook('onRequest', async ({ url }) => {
      hooked.push(url);
    });
    app.addHook('preClose', async () => {
      await coscribe.stop();
    });
    app.get('/', async () => 'the application');
    app.post('/api/notes', async ({ body }) => ({ got: body }));
    app.get('/broken', async () => {
      throw new Error('on purpose');
    });
    app.setErrorHandler((error: Error, _, reply) => reply.status(500).send(`sorry: ${error.message}`));
    coscribe.attach(app.server);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    given.atEnd(() => app.close());

    const provider = await given.twoWrite(url);
    expect((await ask(url)).text).toBe('the application');
    expect((await post(`${url}/api/notes`, { a: 1 })).text).toBe('{"got":{"a":1}}');
    expect((await ask(`${url}/broken`)).text).toBe('sorry: on purpose');
    expect((await ask(`${url}/missing`)).text).toContain('Route GET:/missing not found');
    expect((await post(`${url}/api/documents`, { id: 'team/new' })).status).toBe(201);
    expect(hooked).toEqual(['/', '/api/notes', '/broken', '/missing']);
    // Closing the application ends with everything, though two people are there.
    const { server } = app;
    await app.close();
    expect(server.listening).toBe(false);
    await until(() => !provider.synced, 'the connection is gone');
  });
});
