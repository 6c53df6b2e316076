import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiError, askApi, wireErrorOf } from '../../../client/app/api.js';
import { CoscribeError } from '../../../shared/errors.js';

describe('requests of a page', () => {
  const asked: { method: string; authorization: string | undefined; body: string }[] = [];
  let answer: { status: number; type: string; body: string };
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      asked.push({ method: request.method ?? '', authorization: request.headers.authorization, body });
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('[PAGE18] carry the token in a header, and nowhere else', async () => {
    answer = { status: 200, type: 'application/json', body: '{"a":1}' };
    const { value, now } = await askApi(url, { method: 'POST', token: 'secret', body: { b: 2 } });
    expect(value).toEqual({ a: 1 });
    expect(Math.abs(now - Date.now())).toBeLessThan(5_000);
    expect(asked.at(-1)).toEqual({ method: 'POST', authorization: 'Bearer secret', body: '{"b":2}' });
    await askApi(url);
    expect(asked.at(-1)).toEqual({ method: 'GET', authorization: undefined, body: '' });
  });

  test('[PAGE23] that are refused give the sentence of the error', async () => {
    const error = new CoscribeError('too-many-links');
    const body = JSON.stringify({ code: error.code, detail: error.message, retryable: false });
    answer = { status: 409, type: 'application/problem+json', body };
    const thrown = await askApi(url).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(wireErrorOf(thrown)).toEqual(error.toWire());
  });

  test.each([
    ['nothing', 502, ''],
    ['a page', 500, '<html>'],
    ['a code that nobody knows', 400, '{"code":"<img>","detail":7}'],
  ])('[PAGE23] that are answered with %s give a sentence all the same', async (_, status, body) => {
    answer = { status, type: 'text/html', body };
    const { code, message } = wireErrorOf(await askApi(url).catch((reason: unknown) => reason));
    expect(code).toBe('internal');
    expect(message).not.toBe('');
  });

  test('[PAGE19] whose answer breaks off fail, and give nothing that could be taken for one', async () => {
    answer = { status: 200, type: 'application/json', body: '{"role":"own' };
    expect(wireErrorOf(await askApi(url).catch((reason: unknown) => reason)).retryable).toBe(true);
    answer = { status: 204, type: 'application/json', body: '' };
    expect((await askApi(url)).value).toBeUndefined();
  });

  test('[PAGE23] that nobody answers say so', async () => {
    const { message, retryable } = wireErrorOf(
      await askApi('http://127.0.0.1:1/').catch((reason: unknown) => reason),
    );
    expect(message).toBe('The server can’t be reached; try again in a moment.');
    expect(retryable).toBe(true);
  });
});
