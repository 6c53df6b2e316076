import { afterEach, describe, expect, test } from '@jest/globals';
import type { AccessControl, Grant } from '../../../../server/auth/access.js';
import { openAccess } from '../../../../server/auth/open-access.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { parseDocumentId } from '../../../../shared/ids.js';
import { Person } from '../../../support/document-node.js';
import type { EventReader } from '../../../support/event-reader.js';
import { type EventsServer, type EventsServerOptions, eventsServer } from '../../../support/events-server.js';
import { settle } from '../../../support/manual-clock.js';
import { until } from '../../../support/until.js';

const BOARD = parseDocumentId('acme/scoreboard');
const EVENT_SOURCE = { headers: { Accept: 'text/event-stream' } };

let server: EventsServer;
afterEach(() => server.close());

/** Somebody writes in the document, which makes it. */
async function write(text: string): Promise<Person> {
  const person = new Person('the secret of the one who writes');
  await person.join(server.documents, {}, BOARD);
  await person.type(text);
  return person;
}

/** Lets time pass until the reader has so many events. */
async function hear(reader: EventReader, count: number): Promise<void> {
  await until(() => {
    server.clock.advance(1_000);
    return reader.events.length >= count;
  }, `${count} events`);
}

/** Everybody has this role, as long as it is given. */
function accessWith(role: () => Grant['role'] | 'none'): AccessControl {
  return {
    ...openAccess,
    mode: 'tokens',
    async admit(credentials, document) {
      const now = role();
      if (now === 'none') throw new CoscribeError('no-access');
      return { ...(await openAccess.admit(credentials, document)), role: now };
    },
  };
}

async function start(options: EventsServerOptions = {}): Promise<void> {
  server = await eventsServer(options);
}

describe('a document that nobody has made yet', () => {
  test.each([
    ['', { text: '' }],
    ['?as=json', { json: {} }],
    ['?as=json&root=board', { json: null }],
  ])('[SSE16] with %j is empty, and followed as soon as somebody makes it', async (query, nothing) => {
    await start();
    const reader = await server.follow(query, EVENT_SOURCE, BOARD);
    expect(reader.status).toBe(200);
    expect(await reader.take('snapshot')).toEqual({ generation: 'none', seq: 0, ...nothing });
    expect(reader.retry).toBe(2_000);
    await write('1:0');
    await hear(reader, 2);
    expect(await reader.take('snapshot')).toMatchObject({ generation: 'generation-1' });
    expect(server.streams.counts.followers).toBe(1);
    expect(server.streams.waiting.count).toBe(0);
    server.copies.latest.change(['x']);
    await hear(reader, 3);
    reader.close();
    await until(() => server.streams.counts.followers === 0, 'that it is gone');
  });

  test('[SSE11] [SSE16] is not made by that, however long it lasts, and a comment is written now and then', async () => {
    await start();
    const reader = await server.follow('?presence=yes', EVENT_SOURCE, BOARD);
    await reader.take('snapshot');
    for (let second = 0; second < 40; second++) {
      server.clock.advance(1_000);
      await settle();
    }
    await until(() => reader.comments >= 3, 'comments');
    expect(reader.events).toHaveLength(1);
    expect((await server.follow('', { method: 'HEAD' }, BOARD)).status).toBe(200);
    expect(server.documents.openCount).toBe(1);
    expect(await server.store.find(BOARD)).toBeUndefined();
    expect(server.streams.waiting.count).toBe(1);
  });

  test('[SSE16] is nothing to who may not make it, at once or when it is there', async () => {
    let role: Grant['role'] | 'none' = 'viewer';
    await start({ access: accessWith(() => role) });
    expect((await server.follow('', EVENT_SOURCE, BOARD)).status).toBe(404);
    role = 'editor';
    const [out, still] = [
      await server.follow('', EVENT_SOURCE, BOARD),
      await server.follow('', EVENT_SOURCE, 'acme/other'),
    ];
    await out.take('snapshot');
    await write('secret');
    role = 'none';
    await hear(out, 2);
    expect(await out.take('end')).toMatchObject({ code: 'no-access', retryable: false });
    await until(() => out.ended, 'the end');
    expect(still.events).toHaveLength(1);
    expect(server.streams.waiting.count).toBe(1);
  });

  test('[SSE16] is asked for again while the store is away', async () => {
    await start();
    const reader = await server.follow('', EVENT_SOURCE, BOARD);
    await reader.take('snapshot');
    await write('x');
    const { positions } = server.store;
    let asked = 0;
    server.store.positions = async () => {
      asked++;
      throw new CoscribeError('store-unavailable');
    };
    await until(() => {
      server.clock.advance(1_000);
      return asked >= 3;
    }, 'questions');
    expect(reader.events).toHaveLength(1);
    server.store.positions = positions;
    await hear(reader, 2);
  });

  test('[SSE11] has as many followers as any, and so many are waited for', async () => {
    await start({ maxFollowersPerDocument: 2 });
    const readers = [await server.follow('', {}, BOARD), await server.follow('', {}, BOARD)];
    expect((await server.follow('', {}, BOARD)).status).toBe(503);
    readers[0]?.close();
    await until(() => server.streams.waiting.count === 1, 'that it is gone');
    expect((await server.follow('', {}, BOARD)).status).toBe(200);
    const { waiting } = server.streams;
    const options = {
      what: { as: 'text', root: 'text' },
      random: () => 0.5,
      follow: async () => undefined,
    } as const;
    const added = Array.from({ length: 999 }, (_, n) => waiting.add(parseDocumentId(`a/${n}`), options));
    const another = await server.follow('', EVENT_SOURCE, 'a/one-more');
    expect(await another.take('end')).toMatchObject({ code: 'server-busy', retryable: true });
    for (const one of added) one.leave();
    expect(waiting.count).toBe(2);
  });

  test('[SSE12] [SSE14] a node that stops sends those away who wait, and nothing is left', async () => {
    await start();
    const before = server.clock.pending;
    const reader = await server.follow('', EVENT_SOURCE, BOARD);
    await reader.take('snapshot');
    const stopping = server.documents.stop();
    await hear(reader, 2);
    expect(await reader.take('end')).toMatchObject({ code: 'shutting-down', retryable: true });
    await stopping;
    expect(server.streams.waiting.count).toBe(0);
    expect(server.clock.pending).toBeLessThanOrEqual(before);
  });
});
