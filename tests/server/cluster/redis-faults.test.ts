import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeEnvelope } from '../../../server/cluster/bus-message.js';
import { RedisChannel } from '../../../server/cluster/redis-channel.js';
import { MAX_BYTES_IN_FLIGHT } from '../../../server/cluster/redis-shard.js';
import { parseRedisUrls } from '../../../server/cluster/redis-url.js';
import { RedisWire } from '../../../server/cluster/redis-wire.js';
import { UNCOUNTED } from '../../../server/telemetry/counters.js';
import { systemClock } from '../../../shared/time.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import {
  type BusUnderTest,
  closeBuses,
  documentNumber,
  numbered,
  numberOf,
  openBus,
} from '../../support/buses.js';
import { collectLog } from '../../support/collect-log.js';
import { temporaryFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

const DOCUMENTS = 50;
const folder = temporaryFolder();
let redis: RedisProcess;
let one: BusUnderTest;
let two: BusUnderTest;
let senders: Awaited<ReturnType<BusUnderTest['open']>>[];
let receivers: typeof senders;
const unhandled: unknown[] = [];
const keep = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', keep);
  redis = await startRedis({ folder: folder.path });
});
afterAll(async () => {
  process.removeListener('unhandledRejection', keep);
  await redis.stop();
  folder.remove();
});
beforeEach(async () => {
  [one, two] = await Promise.all([openBus(redis.url), openBus(redis.url)]);
  const ids = Array.from({ length: DOCUMENTS }, (_, number) => documentNumber(number));
  senders = await Promise.all(ids.map((id) => one.open(id)));
  receivers = await Promise.all(ids.map((id) => two.open(id)));
});
afterEach(async () => {
  await closeBuses();
  expect(unhandled).toEqual([]);
});

/**
 * Every document's next message must arrive, sent as soon as both have said that they are back. On a busy machine Redis may
 * be late with its answers once more: then it holds for when they are back from that.
 */
async function hearsEverything(times = 1): Promise<void> {
  for (let round = 1_000 * times; ; round += DOCUMENTS) {
    await Promise.all([one.isBack(times), two.isBack(times)]);
    const changes = [one.connected.length, two.connected.length].join();
    for (const [number, { channel }] of senders.entries()) channel.publish(numbered(round + number));
    const hearAll = (): boolean =>
      receivers.every(({ heard }, number) => heard.some((one) => numberOf(one) === round + number));
    const isAwayAgain = (): boolean => [one.connected.length, two.connected.length].join() !== changes;
    await until(() => hearAll() || isAwayAgain(), 'every document hears again');
    if (hearAll()) break;
  }
  for (const bus of [one, two]) {
    expect(bus.connected).toEqual(Array.from(bus.connected, (_, at) => at % 2 === 1));
    // Once more so soon after it came back is not told again.
    for (const told of [bus.logged('warn'), bus.logged('info')]) {
      expect(told.length).toBeGreaterThanOrEqual(times);
      expect(told.length).toBeLessThanOrEqual(bus.connected.length / 2);
    }
    expect(new Set(bus.logged('info'))).toEqual(new Set(['Redis is back']));
    expect(bus.gone).toEqual([]);
  }
}

describe('When Redis is away', () => {
  test('[BUS7] a Redis that is killed and comes back empty is used again; meanwhile nothing waits', async () => {
    for (const times of [1, 2]) {
      await redis.kill();
      await until(() => !one.bus.connected && !two.bus.connected, 'both have noticed');
      const before = one.bus.dropped;
      for (const { channel } of senders) channel.publish(numbered(7));
      // At once, or when the connection on which they went turns out to be cut.
      await until(() => one.bus.dropped >= before + DOCUMENTS, 'all of them are dropped');
      const opening = await two.open(documentNumber(500 + times));
      const closing = await two.open(documentNumber(600));
      closing.channel.close();
      // Long enough for several attempts: they are not logged.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await redis.start();
      await hearsEverything(times);
      const late = await one.open(documentNumber(500 + times));
      late.channel.publish(numbered(9));
      await until(() => opening.heard.length > 0, 'what was opened meanwhile hears too');
      expect(await redis.ask('PUBSUB', 'SHARDNUMSUB', `coscribe#/docs/${documentNumber(600)}#`)).toContain(0);
    }
    expect(receivers.flatMap(({ heard }) => heard.map(numberOf))).not.toContain(7);
  });

  test('[BUS7] a Redis that is stopped is found out, what is sent to it is bounded, and it is used again', async () => {
    redis.suspend();
    const frame = new Uint8Array(65_536);
    const messages = 1_000;
    for (let count = 0; count < messages; count++) {
      senders[count % DOCUMENTS]?.channel.publish({ kind: 'updates', generation: 'g', frame });
    }
    const sent = messages - one.bus.dropped;
    expect(sent).toBeGreaterThan(10);
    expect(sent * frame.length).toBeLessThanOrEqual(MAX_BYTES_IN_FLIGHT);
    // Also many small ones, which cost more than their bytes.
    for (let count = 0; count < 20_000; count++) senders[0]?.channel.publish({ kind: 'access' });
    expect(messages + 20_000 - one.bus.dropped).toBeLessThan(MAX_BYTES_IN_FLIGHT / 512);

    const opening = one.open(documentNumber(700));
    await until(() => !one.bus.connected && !two.bus.connected, 'both have noticed');
    await opening;
    const dropped = one.bus.dropped;
    senders[0]?.channel.publish(numbered(1));
    await until(() => one.bus.dropped > dropped, 'it is dropped');
    // Attempts to connect get a connection and no answer.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    redis.resume();
    await hearsEverything();
  });

  test('[BUS7] connections that are cut are made anew: those that subscribe, the others, or all', async () => {
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await hearsEverything(1);
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal');
    await hearsEverything(2);
    await redis.ask('CLIENT', 'KILL', 'LADDR', `127.0.0.1:${redis.port}`);
    await hearsEverything(3);
  });

  test('[BUS7] a Redis that pauses its clients for long is used again', async () => {
    await redis.ask('CLIENT', 'PAUSE', '2500', 'ALL');
    await hearsEverything();
  });

  test('[BUS7] a subscriber whose output Redis no longer keeps is connected again', async () => {
    await redis.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 65536 65536 1');
    senders[0]?.channel.publish({ kind: 'updates', generation: 'g', frame: new Uint8Array(2_000_000) });
    // Both: who publishes is subscribed too.
    await until(() => one.connected.length > 0 && two.connected.length > 0, 'both were cut off');
    await redis.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 33554432 8388608 60');
    await hearsEverything();
  });

  test('[BUS7] closing while Redis is away, stopped or just starting ends at once', async () => {
    redis.suspend();
    const began = performance.now();
    await one.bus.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    await until(() => !two.bus.connected, 'it is noticed');
    await two.bus.close();
    redis.resume();
    const three = await openBus(redis.url);
    await redis.kill();
    await three.bus.close();
    await redis.start();
    expect(two.connected).toEqual([false]);
  });

  test('[BUS4] a message that this version does not know is ignored with one line for debugging', async () => {
    const log = collectLog();
    const wire = new RedisWire({
      addresses: parseRedisUrls(redis.url),
      cluster: false,
      clock: systemClock(),
      random: Math.random,
      log,
      counters: UNCOUNTED,
      connected: () => {},
    });
    const channel = new RedisChannel({
      wire,
      prefix: 'coscribe',
      name: `/docs/${documentNumber(0)}`,
      listener: () => {},
      ignored: () => {},
    });
    await wire.started;
    const good = encodeEnvelope({ from: 'other', message: numbered(5) });
    const newer = Uint8Array.from(good);
    newer[0] = 2;
    const unknown = encodeEnvelope({ from: 'other', message: { kind: 'access' } });
    unknown[unknown.length - 1] = 77;
    const misplaced = encodeEnvelope({ from: 'other', message: { kind: 'node-goodbye' } });
    const wrong = [
      newer,
      unknown,
      misplaced,
      good.subarray(0, 9),
      Uint8Array.of(...good, 0),
      new Uint8Array(),
    ];
    for (const bytes of [...wrong, good]) channel.send(bytes);
    await until(() => (receivers[0]?.heard.length ?? 0) > 0, 'the good one arrives');
    expect(receivers[0]?.heard).toEqual([{ message: numbered(5), from: 'other' }]);
    expect(two.logged('debug')).toEqual(wrong.map(() => 'a message of another node is ignored'));
    expect(two.gone).toEqual([]);
    await wire.close();
  });

  test('[BUS4] what others send on our channels that are no messages of nodes disturbs nothing', async () => {
    const name = `coscribe#/docs/${documentNumber(0)}#`;
    const nsp = `/docs/${documentNumber(0)}`;
    const emit = (packet: unknown) => JSON.stringify({ type: 9, data: { packet }, uid: 'x', nsp });
    const wrong = [
      '',
      '{',
      '{"type":9}',
      '{"uid":"x"}',
      '\u00c0',
      'null',
      emit('text'),
      emit(['text']),
      emit([]),
      emit([null]),
      JSON.stringify({ type: 3, data: {}, uid: 'x', nsp }),
      JSON.stringify({ type: 6, data: { opts: { rooms: [], except: [] } }, uid: 'x', nsp }),
      JSON.stringify({ type: 8, data: { opts: { rooms: 1 } }, uid: 'x', nsp }),
      JSON.stringify({ type: 7, data: { opts: { rooms: [], except: [] }, requestId: 1 }, uid: 'x', nsp }),
      JSON.stringify({ type: 99, data: {}, uid: 'x', nsp }),
    ];
    for (const payload of wrong) await redis.ask('SPUBLISH', name, payload);
    senders[0]?.channel.publish(numbered(5));
    await until(() => (receivers[0]?.heard.length ?? 0) > 0, 'the good one arrives');
    expect(receivers[0]?.heard.map(numberOf)).toEqual([5]);
    // What the adapter itself ignores it does not tell.
    expect(two.logged('debug').length).toBeLessThanOrEqual(wrong.length);
    expect(two.bus.connected).toBe(true);
    expect(two.connected).toEqual([]);
  });
});
