import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { EventReader, type ReaderOptions } from '../../support/event-reader.js';
import { askApi } from '../../support/http-api.js';
import { PeopleOfTheHouse } from '../../support/http-app.js';
import { tokenOf } from '../../support/jwt.js';
import { until } from '../../support/until.js';

const DOCUMENT = 'acme/notes';
const OWNER = tokenOf('olga', 'owner');
const EVENTS = `/api/documents/${DOCUMENT}/events`;

let server: AccessServer;
const readers: EventReader[] = [];

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function follow(
  path: string,
  options: ReaderOptions & { readonly token?: string } = {},
): Promise<EventReader> {
  const { token, ...rest } = options;
  const headers = { ...rest.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  const reader = await EventReader.open(`${server.url}${path}`, { ...rest, headers });
  readers.push(reader);
  return reader;
}

async function codeOf(reader: EventReader): Promise<string> {
  return (JSON.parse(await reader.text()) as { readonly code: string }).code;
}

describe('with tokens', () => {
  beforeAll(async () => {
    server = await startAccessServer({ args: ['--allowed-origins', 'https://pages.example'] });
    await askApi(server.url, 'POST', 'documents', { token: OWNER, body: { id: DOCUMENT, text: 'Hello' } });
  });
  afterAll(() => server.stop());

  test('[SSE4] whoever may read follows, by the header or by the address, which no other request takes', async () => {
    const viewer = tokenOf('vera', 'viewer');
    expect(await (await follow(EVENTS, { token: viewer })).take('snapshot')).toMatchObject({ text: 'Hello' });
    const byAddress = await follow(`${EVENTS}?token=${viewer}`);
    expect(await byAddress.take('snapshot')).toMatchObject({ text: 'Hello' });
    // The one in the header counts, if there is one.
    expect((await follow(`${EVENTS}?token=${viewer}`, { token: 'x' })).status).toBe(401);
    expect((await askApi(server.url, 'GET', `documents/${DOCUMENT}/text?token=${viewer}`)).status).toBe(400);
    expect((await askApi(server.url, 'GET', `documents/${DOCUMENT}?token=${viewer}`)).status).not.toBe(200);
    const refused = await follow(`/api/documents/acme/nothing/events?token=${viewer}`);
    expect(refused.status).toBe(404);
    await follow(`${EVENTS}?token=${viewer}&as=pdf`);
    expect(JSON.stringify(server.entries)).not.toContain(viewer.slice(-20));
  });

  test('[SSE4] whoever may not learns no more than that there is nothing', async () => {
    const stranger = tokenOf('otto');
    const answers = await Promise.all(
      [EVENTS, '/api/documents/acme/nothing/events'].map((path) => follow(path, { token: stranger })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(texts[0]).toBe(texts[1]);
    expect((await follow(EVENTS)).status).toBe(401);
  });

  test('[SSE4] pages of origins that are allowed may follow, and ask with a `Last-Event-ID`', async () => {
    const Origin = 'https://pages.example';
    const reader = await follow(EVENTS, { token: OWNER, headers: { Origin } });
    expect(reader.response.headers['access-control-allow-origin']).toBe(Origin);
    await reader.take('snapshot');
    const asked = await follow(EVENTS, {
      method: 'OPTIONS',
      headers: { Origin, 'Access-Control-Request-Method': 'GET' },
    });
    expect(asked.status).toBe(204);
    expect(asked.response.headers['access-control-allow-headers']).toMatch(/Last-Event-ID/i);
    const foreign = { token: OWNER, headers: { Origin: 'https://elsewhere.example' } };
    expect(await codeOf(await follow(EVENTS, foreign))).toBe('origin-refused');
  });

  test('[SSE5] a token that ends: a new one is asked for in time, then the stream ends, and the next request is refused', async () => {
    const token = tokenOf('vera', 'viewer', { exp: (Date.now() + 3_500) / 1_000 });
    const reader = await follow(EVENTS, { token });
    await reader.take('snapshot');
    expect(await reader.take('renew')).toEqual({});
    expect(await reader.take('end')).toMatchObject({ code: 'token-expired' });
    await until(() => reader.ended, 'the end');
    const again = await follow(EVENTS, { token, headers: { Accept: 'text/event-stream' } });
    expect([again.status, await codeOf(again)]).toEqual([401, 'token-expired']);
  });

  test('[SSE5] a token that is revoked ends the stream', async () => {
    const token = tokenOf('rita', 'viewer');
    const reader = await follow(EVENTS, { token });
    await reader.take('snapshot');
    await server.revokeTokens({ user: 'rita' });
    expect(await reader.take('end')).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect((await follow(EVENTS, { token })).status).toBe(401);
  });
});

test('[SSE5] what somebody may do changes: he is told, or his stream ends; and so it does when the document is deleted', async () => {
  const house = new PeopleOfTheHouse();
  const id = parseDocumentId('acme/plan');
  house.let('ann', 'editor', id);
  house.let('olga', 'owner', id);
  server = await startAccessServer({ auth: [], authenticator: house });
  try {
    const path = `/api/documents/${id}/events`;
    await askApi(server.url, 'POST', 'documents', { token: 'olga', body: { id } });
    const reader = await follow(path, { token: 'ann' });
    await reader.take('snapshot');
    house.let('ann', 'viewer', id);
    await server.accessChanged(id);
    expect(await reader.take('access')).toEqual({ role: 'viewer' });
    house.let('ann', 'none', id);
    await server.accessChanged(id);
    expect(await reader.take('end')).toMatchObject({ code: 'no-access', retryable: false });
    expect((await follow(path, { token: 'ann' })).status).toBe(404);

    const owner = await follow(path, { token: 'olga' });
    await owner.take('snapshot');
    await askApi(server.url, 'DELETE', `documents/${id}`, { token: 'olga' });
    expect(await owner.take('end')).toMatchObject(new CoscribeError('document-deleted').toWire());
    expect(await codeOf(await follow(path, { token: 'olga' }))).toBe('document-deleted');
  } finally {
    await server.stop();
  }
});
