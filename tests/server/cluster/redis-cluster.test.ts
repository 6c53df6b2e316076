import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { hashSlot } from '../../../server/cluster/hash-slot.js';
import type { RedisProcess } from '../../../tools/services/redis.js';
import { type RedisClusterProcesses, startRedisCluster } from '../../../tools/services/redis-cluster.js';
import { busContract, untilAsync } from '../../contracts/bus-contract.js';
import { closeBuses, documentNumber, numbered, numberOf, openBus } from '../../support/buses.js';
import { temporaryFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

const SLOTS = 16_384;
const folder = temporaryFolder();
let cluster: RedisClusterProcesses;

beforeAll(async () => {
  cluster = await startRedisCluster({ folder: folder.path, masters: 3 });
});
afterAll(async () => {
  await cluster.stop();
  folder.remove();
});

busContract('The bus over a Redis Cluster', () => ({
  url: cluster.url,
  subscribers: (channels) =>
    Promise.all(
      channels.map(async (channel) => {
        const answers = await Promise.all(
          cluster.masters.map((master) => master.ask('PUBSUB', 'SHARDNUMSUB', channel)),
        );
        return answers.flat().reduce<number>((sum, count) => sum + (Number(count) || 0), 0);
      }),
    ),
}));

function channelOf(number: number): string {
  return `coscribe#/docs/${documentNumber(number)}#`;
}

/** Where the slots of the test's cluster were put. */
function masterOf(slot: number): number {
  return [0, 1, 2].findLast((index) => slot >= Math.floor((index * SLOTS) / 3)) ?? 0;
}

function master(index: number): RedisProcess {
  const found = cluster.masters[index];
  if (!found) throw new Error('no such master');
  return found;
}

describe('The bus over a Redis Cluster', () => {
  afterEach(closeBuses);

  test('[BUS6] the slot of a channel is what Redis takes it for, and documents lie in many slots', async () => {
    const channels = Array.from({ length: 200 }, (_, number) => channelOf(number));
    const told = await Promise.all(channels.map((channel) => master(0).ask('CLUSTER', 'KEYSLOT', channel)));
    expect(channels.map(hashSlot)).toEqual(told);
    expect(new Set(told).size).toBeGreaterThan(190);
    expect(hashSlot('123456789')).toBe(0x31c3);
  });

  test('[BUS6] one address of a cluster is enough, and the others are found', async () => {
    const [one, two] = await Promise.all([openBus(master(1).url), openBus(master(2).url)]);
    for (let number = 0; number < 20; number++) {
      const [sender, receiver] = [
        await one.open(documentNumber(number)),
        await two.open(documentNumber(number)),
      ];
      sender.channel.publish(numbered(number));
      await until(() => receiver.heard.length > 0, `document ${number}`);
    }
  });

  test('[BUS7] a master that is killed takes only its own channels away, and they are back with it', async () => {
    const [one, two] = await Promise.all([openBus(cluster.url), openBus(cluster.url)]);
    const numbers = Array.from({ length: 60 }, (_, number) => number);
    const senders = await Promise.all(numbers.map((number) => one.open(documentNumber(number))));
    const receivers = await Promise.all(numbers.map((number) => two.open(documentNumber(number))));
    const alive = numbers.filter((number) => masterOf(hashSlot(channelOf(number))) !== 1);
    expect(alive.length).toBeGreaterThan(20);
    expect(alive.length).toBeLessThan(60);

    await master(1).kill();
    await until(() => one.connected.length + two.connected.length === 2, 'both say that it is away');
    for (const [number, { channel }] of senders.entries()) channel.publish(numbered(number));
    await until(() => alive.every((number) => receivers[number]?.heard.length === 1), 'the others go on');
    const opened = await two.open(documentNumber(100));
    expect(opened.heard).toEqual([]);

    await master(1).start();
    await cluster.ready();
    await Promise.all([one.isBack(), two.isBack()]);
    for (const [number, { channel }] of senders.entries()) channel.publish(numbered(1000 + number));
    await until(() => receivers.every(({ heard }) => numberOf(heard.at(-1)) >= 1000), 'all hear again');
    expect(receivers.map(({ heard }) => heard.map(numberOf))).toEqual(
      numbers.map((number) => (alive.includes(number) ? [number, 1000 + number] : [1000 + number])),
    );
    for (const bus of [one, two]) {
      expect(bus.logged('warn')).toHaveLength(1);
      expect(bus.logged('info')).toEqual(['Redis is back']);
    }
  });

  test('[BUS6] a channel whose slot is given to another master is subscribed there', async () => {
    const [one, two] = await Promise.all([openBus(cluster.url), openBus(cluster.url)]);
    const [sender, receiver] = [await one.open(documentNumber(7)), await two.open(documentNumber(7))];
    const slot = hashSlot(channelOf(7));
    const from = masterOf(slot);
    const to = (from + 1) % 3;

    for (const [source, target] of [
      [from, to],
      [to, from],
    ] as const) {
      const before = two.connected.length;
      await moveSlot(slot, source, target);
      await until(
        () => two.connected.length >= before + 2 && two.connected.at(-1) === true,
        'it is subscribed',
      );
      const channel = channelOf(7);
      await untilAsync(async () => {
        sender.channel.publish(numbered(target));
        return receiver.heard.some((heard) => numberOf(heard) === target);
      }, 'the receiver hears again');
      expect(await master(source).ask('PUBSUB', 'SHARDNUMSUB', channel)).toEqual([channel, 0]);
    }
  });

  test('[BUS9] a cluster of which a master is away lets nodes start', async () => {
    await master(2).kill();
    const bus = await openBus(cluster.url, { startWithinMs: 1_500 });
    expect(bus.bus.connected).toBe(false);
    expect(bus.logged('warn')).toHaveLength(1);
    await master(2).start();
    await cluster.ready();
    await until(() => bus.connected.length > 0, 'it is there');
    expect(bus.connected).toEqual([true]);
    expect(bus.logged('info')).toEqual(['Redis is back']);
  });
});

async function moveSlot(slot: number, from: number, to: number): Promise<void> {
  const id = String(await master(to).ask('CLUSTER', 'MYID'));
  // The new owner first: https://redis.io/docs/latest/commands/cluster-setslot/
  for (const index of [to, from, 3 - from - to]) {
    await master(index).ask('CLUSTER', 'SETSLOT', String(slot), 'NODE', id);
  }
}
