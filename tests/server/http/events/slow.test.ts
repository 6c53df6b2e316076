import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventReader } from '../../../support/event-reader.js';
import { type EventsServer, eventsServer } from '../../../support/events-server.js';
import { until } from '../../../support/until.js';

const MEGABYTE = 2 ** 20;
/** What the system takes of a connection that nobody reads, generously. */
const MOST_MEGABYTES = 40;
/** 256 KiB, and a piece of 64 KiB; with what HTTP puts around it. */
const MOST_WAITING = 330 * 1024;

let server: EventsServer;
let mostWaiting = 0;

beforeEach(async () => {
  server = await eventsServer();
  mostWaiting = 0;
});
afterEach(() => server.close());

/** Changes a document until a reader that does not read is behind; `each` bytes at a time. */
async function fill(each: number): Promise<void> {
  const { copies, streams, sockets, clock } = server;
  const json = [{ insert: 'x'.repeat(each) }];
  for (let sent = 0; streams.counts.stalled === 0; sent += each) {
    if (sent > MOST_MEGABYTES * MEGABYTE) throw new Error('the reader is never behind');
    copies.latest.change(json);
    clock.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
    mostWaiting = Math.max(mostWaiting, ...sockets.map(({ writableLength }) => writableLength));
  }
}

async function slowReader(): Promise<EventReader> {
  const reader = await server.follow();
  await reader.take('snapshot');
  reader.pause();
  return reader;
}

test('[SSE9] for a slow reader little is kept; when it reads again it is given what it missed', async () => {
  const { copies, streams } = server;
  const quick = await server.follow();
  const reader = await slowReader();
  await fill(100_000);
  for (let change = 0; change < 5; change++) copies.latest.change([{ insert: 'y' }]);
  server.clock.advance(5);
  expect(mostWaiting).toBeLessThan(MOST_WAITING + 100_000);
  reader.resume();
  const { seq } = copies.latest;
  await until(() => reader.lastId === `${seq}-generation-1`, 'all that was missed');
  await until(() => quick.lastId === `${seq}-generation-1`, 'the quick one');
  expect(reader.events.map(({ data }) => data)).toEqual(quick.events.map(({ data }) => data));
  server.clock.advance(1_000);
  expect(streams.counts.stalled).toBe(0);
});

test('[SSE9] what is no longer known is replaced by a snapshot', async () => {
  const { copies, clock } = server;
  const reader = await slowReader();
  await fill(100_000);
  for (let change = 0; change < 12; change++) {
    copies.latest.change([{ insert: 'z'.repeat(100_000) }], { body: '{"text":"all of it"}' });
    clock.advance(5);
  }
  reader.resume();
  await until(() => reader.events.length > 2 && reader.events.at(-1)?.name === 'snapshot', 'a snapshot');
  expect(JSON.parse(reader.events.at(-1)?.data ?? '')).toMatchObject({ text: 'all of it' });
});

test('[SSE9] a snapshot of any size is sent to whoever takes it, however slowly, and never lies in one piece before him', async () => {
  const { copies, clock, streams, sockets } = server;
  const text = 'abcdefgh'.repeat(2 * MEGABYTE);
  copies.body = JSON.stringify({ text });
  const reader = await server.follow();
  reader.pause();
  await until(() => streams.counts.stalled === 1, 'the reader is behind');
  for (let step = 0; step < 2; step++) {
    const before = reader.bytes;
    reader.resume();
    await until(() => reader.bytes > before + 3 * MEGABYTE, 'some megabytes');
    reader.pause();
    mostWaiting = Math.max(mostWaiting, ...sockets.map(({ writableLength }) => writableLength));
    clock.advance(9_000);
    expect(reader.ended).toBe(false);
  }
  reader.resume();
  expect(await reader.take<{ text: string }>('snapshot')).toMatchObject({ text });
  expect(mostWaiting).toBeLessThan(MOST_WAITING);
});

test('[SSE9] whoever takes nothing for ten seconds is cut off, and nothing of him is left', async () => {
  const { clock, streams } = server;
  const reader = await slowReader();
  await fill(200_000);
  clock.advance(9_000);
  expect(streams.counts).toMatchObject({ followers: 1, stalled: 1 });
  clock.advance(3_000);
  await until(() => streams.counts.followers === 0, 'the end of the stream');
  expect(streams.counts.stalled).toBe(0);
  reader.resume();
  await until(() => reader.ended, 'the end of the connection');
});
