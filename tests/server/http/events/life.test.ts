import { afterEach, describe, expect, test } from '@jest/globals';
import type { Admission } from '../../../../server/documents/admitted.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { encodeUpdateList } from '../../../../shared/frames.js';
import type { Joined } from '../../../../shared/protocol.js';
import { NOTES, Person } from '../../../support/document-node.js';
import { type EventsServer, eventsServer } from '../../../support/events-server.js';
import { settle } from '../../../support/manual-clock.js';
import { RecordingTransport } from '../../../support/recording-transport.js';
import { until } from '../../../support/until.js';

/** As a browser asks for a stream. */
const EVENT_SOURCE = { headers: { Accept: 'text/event-stream' } };

let server: EventsServer;
afterEach(() => server.close());

describe('presence', () => {
  test('[SSE7] is told to whoever asks: everybody first, then who changes, and who goes', async () => {
    server = await eventsServer();
    const { writer, clock } = server;
    writer.show({ user: { name: 'Ada' } });
    clock.advance(50);
    const reader = await server.follow('?presence=yes');
    const plain = await server.follow();
    await reader.take('snapshot');
    const { clientID } = writer.doc;
    const whole = await reader.take<{ states: Record<string, unknown> }>('presence');
    expect(whole).toMatchObject({ whole: true, states: { [clientID]: { user: { name: 'Ada' } } } });
    writer.show({ user: { name: 'Ada' }, typing: true });
    clock.advance(50);
    expect(await reader.take('presence')).toMatchObject({ states: { [clientID]: { typing: true } } });
    writer.session.leave();
    clock.advance(50);
    expect(await reader.take('presence')).toEqual({ states: { [clientID]: null } });
    expect(reader.lastId).toBe('0-generation-1');
    await plain.take('snapshot');
    expect(plain.events).toHaveLength(1);
  });

  test('[SSE7] [SSE8] what many hear is put together once, at their pace, and who was slow hears all of it', async () => {
    server = await eventsServer();
    const { writer, clock } = server;
    const readers = await Promise.all(Array.from({ length: 100 }, () => server.follow('?presence=yes')));
    for (const reader of readers) await reader.take('snapshot');
    for (const reader of readers) await reader.take('presence');
    for (let n = 1; n <= 3; n++) {
      writer.show({ n });
      clock.advance(50);
    }
    for (const reader of readers) {
      await until(() => reader.events.at(-1)?.data.includes('"n":3') === true, 'the last state');
      expect(reader.events).toHaveLength(5);
    }
    // One who hears much else, and does not read it.
    const slow = await server.follow('?presence=yes&as=json');
    await slow.take('snapshot');
    slow.pause();
    while (server.streams.counts.stalled === 0) {
      if (server.copies.latest.seq > 400) throw new Error('the reader is never behind');
      server.copies.latest.change(['x'.repeat(100_000)]);
      clock.advance(5);
      await settle();
    }
    writer.show({ n: 4 });
    clock.advance(60);
    await until(() => readers[0]?.events.at(-1)?.data.includes('"n":4') === true, 'the others');
    slow.resume();
    await until(() => slow.events.at(-1)?.data.includes('"n":4') === true, 'the last state');
    expect(slow.events.at(-1)?.data).toContain('"whole":true');
  });

  test('[SSE7] where nobody is, that is said', async () => {
    server = await eventsServer();
    const reader = await server.follow('?presence=yes&as=json');
    await reader.take('snapshot');
    expect(await reader.take('presence')).toEqual({ whole: true, states: {} });
  });
});

test('[SSE10] a stream on which nothing happens has a comment every 15 seconds', async () => {
  server = await eventsServer();
  const reader = await server.follow();
  await reader.take('snapshot');
  for (let beats = 1; beats <= 3; beats++) {
    server.clock.advance(15_000);
    await until(() => reader.comments >= beats, 'a comment');
  }
  expect(reader.comments).toBeLessThanOrEqual(6);
});

describe('bounds', () => {
  test('[SSE11] a document has so many followers; who comes in vain is told when to come back, if he can be told', async () => {
    server = await eventsServer({ maxFollowersPerDocument: 2 });
    const [first] = [await server.follow(), await server.follow('?as=json')];
    const program = await server.follow();
    expect(program.status).toBe(503);
    expect(await program.text()).toContain('"document-full"');
    const page = await server.follow('', EVENT_SOURCE);
    expect(page.status).toBe(200);
    expect(await page.take('end')).toMatchObject({ code: 'document-full', retryable: true });
    expect(page.retry).toBeGreaterThanOrEqual(3_000);
    first.close();
    await until(() => server.streams.counts.followers === 1, 'one that is gone');
    expect((await server.follow('', EVENT_SOURCE)).events).not.toContain('end');
    await until(() => server.streams.counts.followers === 2, 'the second one');
  });

  test('[SSE6] for what will not pass an EventSource is given the status, after which it asks no more', async () => {
    server = await eventsServer();
    server.copies.error = new CoscribeError('wrong-type');
    expect((await server.follow('', EVENT_SOURCE)).status).toBe(409);
    server.copies.error = new CoscribeError('server-busy');
    expect((await server.follow('', EVENT_SOURCE)).status).toBe(200);
    expect((await server.follow('', { ...EVENT_SOURCE, method: 'HEAD' })).status).toBe(200);
    expect((await server.follow()).status).toBe(503);
    expect(server.streams.counts).toEqual({ followers: 0, hubs: 0, stalled: 0 });
  });

  test('[SSE11] a stream counts as a connection of its address, as long as it lasts', async () => {
    server = await eventsServer({ edge: { maxConnectionsPerAddress: 1, trustedProxies: ['127.0.0.1'] } });
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    const reader = await server.follow('', from('192.0.2.1'));
    expect(reader.status).toBe(200);
    expect((await server.follow('', from('192.0.2.1'))).status).toBe(429);
    expect(server.refused).toEqual(['request too-many-connections']);
    expect((await server.follow('', from('192.0.2.2'))).status).toBe(200);
    reader.close();
    await until(() => server.edge.counts.size === 1, 'that it is not counted any more');
    expect((await server.follow('', from('192.0.2.1'))).status).toBe(200);
  });

  test('[SSE11] followers are not among the people who may be in a document', async () => {
    server = await eventsServer({ maxSessions: 2 });
    for (let follower = 0; follower < 3; follower++) await (await server.follow()).take('snapshot');
    await new Person('another secret of 16 characters').join(server.documents);
    await expect(new Person('one more secret of 16 characters').join(server.documents)).rejects.toThrow(
      'Too many people',
    );
    expect((await server.follow()).status).toBe(200);
  });

  test('[SSE11] the session of a follower is given no content', async () => {
    server = await eventsServer();
    await server.addRows(50);
    const transport = new RecordingTransport();
    const admission: Admission = { grant: { identity: {}, role: 'viewer' }, revision: 0, at: 0 };
    const session = await server.documents.open(NOTES, admission, transport, true);
    const answers: Joined[] = [];
    await session.join({ content: false }, (joined) => answers.push(joined));
    expect(answers).toEqual([expect.objectContaining({ head: 50, content: encodeUpdateList([]) })]);
    await server.writer.type('x');
    await until(() => transport.frames.length === 1, 'what comes after the join');
  });
});

describe('the end', () => {
  test('[SSE5] a document that is deleted: every stream says so and ends', async () => {
    server = await eventsServer();
    const reader = await server.follow();
    await reader.take('snapshot');
    await server.documents.deleted(NOTES);
    expect(await reader.take('end')).toMatchObject({ code: 'document-deleted', retryable: false });
    await until(() => reader.ended, 'the end');
  });

  test('[SSE14] a node that stops tells all to come back at different times', async () => {
    server = await eventsServer();
    const reader = await server.follow();
    await reader.take('snapshot');
    await server.documents.stop();
    expect(await reader.take('end')).toMatchObject({ code: 'shutting-down', retryable: true });
    expect(reader.retry).toBe(2_500);
    await until(() => reader.ended, 'the end');
  });

  test('[SSE12] whoever goes at whatever moment leaves nothing behind', async () => {
    server = await eventsServer({ edge: { maxConnectionsPerAddress: 100, trustedProxies: ['127.0.0.1'] } });
    const { clock, copies, edge, streams } = server;
    const before = clock.pending;
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    const readers = await Promise.all(
      ['', '?presence=yes', '?as=json', '?lastEventId=0'].map((query) => server.follow(query, { headers })),
    );
    for (const reader of readers) reader.close();
    // Gone before it is known who it is.
    for (let time = 0; time < 5; time++) {
      const opening = server.follow('', { headers });
      await settle();
      server.server.closeAllConnections();
      await opening.catch(() => {});
    }
    await until(() => streams.counts.followers === 0, 'that all are gone');
    await until(() => edge.counts.size === 0, 'that none is counted');
    clock.advance(20_000);
    expect(streams.counts).toEqual({ followers: 0, hubs: 0, stalled: 0 });
    expect(copies.followings.every(({ stopped }) => stopped)).toBe(true);
    expect(clock.pending).toBe(before);
  });

  test('[SSE12] who comes back within ten seconds finds what is followed still followed', async () => {
    server = await eventsServer();
    const { clock, copies, streams } = server;
    (await server.follow()).close();
    await until(() => streams.counts.followers === 0, 'that it is gone');
    clock.advance(9_000);
    (await server.follow()).close();
    await until(() => streams.counts.followers === 0, 'that it is gone');
    clock.advance(9_000);
    expect(copies.followings).toHaveLength(1);
    expect(copies.latest.stopped).toBe(false);
    clock.advance(1_000);
    expect(copies.latest.stopped).toBe(true);
  });
});
