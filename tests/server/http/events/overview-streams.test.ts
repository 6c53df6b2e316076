import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Operator } from '../../../../server/admin/operators.js';
import type { Watcher } from '../../../../server/admin/watch.js';
import { type OverviewRequest, OverviewStreams } from '../../../../server/http/events/overview-streams.js';
import { STREAM_HEADERS } from '../../../../server/http/events/refusal-stream.js';
import type { AdminOverview } from '../../../../shared/admin.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { EventReader } from '../../../support/event-reader.js';
import { ManualClock, settle } from '../../../support/manual-clock.js';
import { until } from '../../../support/until.js';

const clock = new ManualClock();
const watchers = new Set<Watcher>();
const admin = {
  watch: (watcher: Watcher) => void watchers.add(watcher),
  unwatch: (watcher: Watcher) => void watchers.delete(watcher),
};
/** Who comes next. */
let request: OverviewRequest;
let streams: OverviewStreams;
let responses: ServerResponse[];
let readers: EventReader[];
let url: string;

const server = createServer((_, response) => {
  response.writeHead(200, STREAM_HEADERS);
  response.flushHeaders();
  responses.push(response);
  streams.begin(response, request);
});

beforeEach(async () => {
  streams = new OverviewStreams({ admin, clock, random: () => 0.5 });
  request = { operator: OPERATOR, review: async () => OPERATOR };
  responses = [];
  readers = [];
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  for (const reader of readers) reader.close();
  await until(() => streams.size === 0 && watchers.size === 0, 'nobody watches');
  server.unref();
});

const OPERATOR: Operator = { actor: {} };

async function watch(): Promise<EventReader> {
  const reader = await EventReader.open(url);
  readers.push(reader);
  return reader;
}

function overview(number: number, size = 0): AdminOverview {
  return { node: 'x'.repeat(size), at: number, nodes: [], errors: [], silent: [] };
}

/** A second passes. */
function tell(number: number, size = 0): void {
  clock.advance(1_000);
  for (const watcher of watchers) watcher.overview(overview(number, size));
}

test('[ADMIN8] whoever watches gets each overview, the latest at once, and the node is watched once for all', async () => {
  const one = await watch();
  tell(1);
  const two = await watch();
  await until(() => streams.size === 2, 'both watch');
  expect(watchers.size).toBe(1);
  tell(2);
  for (const reader of [one, two])
    for (const at of [1, 2]) expect(await reader.take('overview')).toEqual(overview(at));
  expect(one.retry).toBe(2_000);
  one.close();
  await until(() => streams.size === 1, 'one is gone');
  expect(watchers.size).toBe(1);
  two.close();
  await until(() => watchers.size === 0, 'nobody watches');
  // What was the latest then is none any more.
  const three = await watch();
  tell(3);
  expect(await three.take('overview')).toEqual(overview(3));
});

test('[ADMIN8] a slow watcher misses what he does not take, and is cut off when he takes nothing for ten seconds', async () => {
  const slow = await watch();
  const quick = await watch();
  slow.pause();
  let number = 0;
  const [response] = responses;
  const waiting = (): number => response?.socket?.writableLength ?? 0;
  // The system takes some megabytes itself.
  while (waiting() === 0 && number < 200) {
    tell(++number, 200_000);
    await settle();
  }
  const most = waiting();
  for (let more = 0; more < 5; more++) tell(++number, 200_000);
  expect(waiting()).toBeLessThanOrEqual(most);
  expect(most).toBeLessThan(210_000);
  slow.resume();
  await until(() => waiting() === 0, 'he has taken it');
  tell(++number);
  await until(() => slow.events.at(-1)?.data.includes(`"at":${number}`) === true, 'the newest');
  expect(slow.events.length).toBeLessThan(number);
  await until(() => quick.events.at(-1)?.data.includes(`"at":${number}`) === true, 'the quick one');

  slow.pause();
  while (waiting() === 0 && number < 400) {
    tell(++number, 200_000);
    await settle();
  }
  for (let second = 0; second < 12; second++) tell(++number, 200_000);
  await until(() => streams.size === 1, 'he is cut off');
});

test('[ADMIN8] the stream of somebody whose token has ended, or who is no operator any more, ends', async () => {
  request = { ...request, operator: { actor: {}, expiresAt: clock.wall() + 2_500 } };
  const expiring = await watch();
  let refusal: CoscribeError | undefined;
  let reviews = 0;
  const review = async (): Promise<Operator> => {
    reviews++;
    if (refusal !== undefined) throw refusal;
    return OPERATOR;
  };
  request = { operator: OPERATOR, review };
  const demoted = await watch();
  await until(() => streams.size === 2, 'both watch');
  for (const number of [1, 2, 3]) tell(number);
  await expiring.take('overview');
  await expiring.take('overview');
  expect(await expiring.take('end')).toMatchObject({ code: 'token-expired' });
  await until(() => streams.size === 1, 'one is gone');

  refusal = new CoscribeError('store-unavailable');
  for (let number = 4; number < 25; number++) tell(number);
  await settle();
  expect([reviews, streams.size]).toEqual([2, 1]);
  refusal = new CoscribeError('not-allowed');
  for (let number = 25; number < 35; number++) tell(number);
  await until(() => demoted.events.at(-1)?.name === 'end', 'the end');
  expect(JSON.parse(demoted.events.at(-1)?.data ?? '')).toMatchObject({ code: 'not-allowed' });
});

test('[ADMIN8] when the node stops, everybody is told to come back', async () => {
  const reader = await watch();
  for (const watcher of watchers) watcher.ended();
  expect(await reader.take('end')).toMatchObject({ code: 'shutting-down', retryable: true });
  await until(() => reader.ended, 'it ends');
});

test('[ADMIN8] a hundred may watch a node, and no more', async () => {
  for (let number = 0; number < 100; number++) {
    streams.demandRoom();
    await watch();
  }
  await until(() => streams.size === 100, 'all watch');
  expect(() => streams.demandRoom()).toThrow(expect.objectContaining({ code: 'too-many-connections' }));
});
