import { createServer, type ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { Embedding } from '../../support/embedding.js';
import { EventReader } from '../../support/event-reader.js';

const embedding = new Embedding();
afterEach(() => embedding.end());

/** As Express' `compression` does: what may be transformed is compressed, and comes when there is enough of it. */
function compress(response: ServerResponse): void {
  const { write, end, writeHead } = response;
  const gzip = createGzip();
  let isCompressed = false;
  gzip.on('data', (bytes: Buffer) => Reflect.apply(write, response, [bytes]));
  gzip.on('end', () => Reflect.apply(end, response, []));
  response.writeHead = function decide(this: ServerResponse, ...args: unknown[]): ServerResponse {
    const headers = args.at(-1) as Record<string, string>;
    isCompressed = !/no-transform/.test(headers['cache-control'] ?? '');
    if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
    return Reflect.apply(writeHead, this, args) as ServerResponse;
  } as typeof writeHead;
  response.write = ((...args: [Buffer]) =>
    isCompressed ? gzip.write(...args) : Reflect.apply(write, response, args)) as typeof write;
  response.end = ((...args: [Buffer?]) =>
    isCompressed ? gzip.end(...args) : Reflect.apply(end, response, args)) as typeof end;
}

test('[SSE13] in an application of Express, under a path of its own and behind compression, events come at once', async () => {
  const coscribe = await embedding.coscribe();
  const app = express();
  app.use((_request, response, next) => {
    compress(response);
    next();
  });
  app.use('/collab', coscribe.middleware);
  const url = await embedding.listen(createServer(app));
  await coscribe.edit('acme/notes', (doc) => doc.getText('text').insert(0, 'Hello'));
  const reader = await EventReader.open(`${url}/collab/api/documents/acme/notes/events`);
  expect(reader.response.headers).not.toHaveProperty('content-encoding');
  expect(await reader.take('snapshot')).toMatchObject({ text: 'Hello' });
  await coscribe.edit('acme/notes', (doc) => doc.getText('text').insert(5, '!'));
  expect(await reader.take('delta')).toMatchObject({ delta: [{ retain: 5 }, { insert: '!' }] });
  reader.close();
  // What is no stream is compressed.
  const text = await fetch(`${url}/collab/api/documents/acme/notes/text`);
  expect(text.headers.get('content-encoding')).toBe('gzip');
  await text.body?.cancel();
});
