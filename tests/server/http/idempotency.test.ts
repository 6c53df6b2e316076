import { beforeEach, describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import type { HttpEnv } from '../../../server/http/call.js';
import { type KeptAnswer, Repeats, receiptOf, senderOf } from '../../../server/http/idempotency.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { CoscribeError } from '../../../shared/errors.js';

const store = new MemoryStore(() => 'g');
const clock = { wall: () => Date.now() };

/** Requests to one address, of which a test says what they do. */
let act: () => Promise<KeptAnswer>;
let done: number;
let nodes: readonly Hono<HttpEnv>[];

function node(): Hono<HttpEnv> {
  const repeats = new Repeats(store, clock);
  const app = new Hono<HttpEnv>();
  app.onError((error) => {
    if (!(error instanceof CoscribeError)) throw error;
    return new Response(error.code, { status: error.status });
  });
  app.post('/act', async (c) => {
    const receipt = receiptOf(c, c.req.header('From') ?? 'somebody', await c.req.text());
    return repeats.once(c, receipt, () => act());
  });
  return app;
}

interface Sent {
  readonly key?: string;
  readonly body?: string;
  readonly from?: string;
  readonly query?: string;
  readonly on?: 0 | 1;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({ key, body = '', from, query = '', on = 0, headers = {} }: Sent) {
  const answer = await nodes[on]?.request(`/act${query}`, {
    method: 'POST',
    body,
    headers: {
      ...headers,
      ...(key !== undefined && { 'Idempotency-Key': key }),
      ...(from !== undefined && { From: from }),
    },
  });
  const replayed = answer?.headers.get('Idempotency-Replayed') === 'true';
  return {
    status: answer?.status,
    text: await answer?.text(),
    replayed,
    place: answer?.headers.get('Location'),
  };
}

beforeEach(() => {
  done = 0;
  nodes = [node(), node()];
  act = async () => {
    done++;
    return { status: 201, headers: { Location: `/${done}` }, json: { done } };
  };
});

const newKey = (): string => `key-${Math.random()}`;

describe('a request with a key', () => {
  test('[API23] is carried out once, and answered alike each time, on every node', async () => {
    const key = newKey();
    const first = await send({ key, body: 'a' });
    expect(first).toEqual({ status: 201, text: '{"done":1}', replayed: false, place: '/1' });
    for (const on of [0, 1] as const)
      expect(await send({ key, body: 'a', on })).toEqual({ ...first, replayed: true });
    expect(done).toBe(1);
  });

  test('[API23] waits for the same request, which is being carried out', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send({ key })));
    expect(done).toBe(1);
    expect(answers.map(({ text }) => text)).toEqual(Array(10).fill('{"done":1}'));
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(9);
  });

  test('[API23] is carried out by the next one if it went wrong', async () => {
    const key = newKey();
    const right = act;
    act = async () => {
      act = right;
      throw new CoscribeError('not-allowed');
    };
    const answers = await Promise.all([send({ key }), send({ key }), send({ key })]);
    expect(answers.map(({ status }) => status)).toEqual([403, 201, 201]);
    expect(done).toBe(1);
  });

  test('[API23] that finds itself done on another node is answered as there', async () => {
    const key = newKey();
    const right = act;
    act = async () => {
      act = right;
      await send({ key, on: 1 });
      throw new CoscribeError('document-exists');
    };
    expect(await send({ key })).toMatchObject({ status: 201, text: '{"done":1}', replayed: true });
  });

  test.each<[string, Sent]>([
    ['another body', { body: 'b' }],
    ['another query', { query: '?root=b' }],
    ['another condition', { headers: { 'If-Match': '"2-g"' } }],
    ['another type', { headers: { 'Content-Type': 'text/csv' } }],
  ])('[API23] is another one with %s', async (_, other) => {
    const key = newKey();
    const headers = { 'Content-Type': 'text/plain' };
    expect((await send({ key, body: 'a', headers })).status).toBe(201);
    const again = await send({ key, body: 'a', ...other, headers: { ...headers, ...other.headers } });
    expect([again.status, again.text]).toEqual([422, 'idempotency-key-reused']);
    expect(done).toBe(1);
  });

  test('[API23] is not that of somebody else', async () => {
    const key = newKey();
    await send({ key, from: 'ada' });
    await send({ key, from: 'bob' });
    expect(done).toBe(2);
  });

  test.each(['', ' ', 'a b', 'ä', 'x'.repeat(65)])('[API23] %j is no key', async (key) => {
    const { status, text } = await send({ key });
    expect([status, text]).toEqual([400, 'bad-request']);
    expect(done).toBe(0);
  });
});

test('[API23] without a key it is carried out each time', async () => {
  await send({});
  await send({});
  expect(done).toBe(2);
});

test('[API23] whoever is known by nothing else is known by his address', () => {
  expect(senderOf({ identity: { user: 'ada' }, role: 'editor' }, '10.0.0.1')).toBe('user:ada');
  expect(senderOf({ identity: {}, role: 'editor', link: 'l' }, '10.0.0.1')).toBe('link:l');
  expect(senderOf({ identity: {}, role: 'editor' }, '10.0.0.1')).toBe('address:10.0.0.1');
});
