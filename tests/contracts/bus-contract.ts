import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BusMessage } from '../../server/cluster/bus.js';
import { closeBuses, documentNumber, numbered, numberOf, openBus } from '../support/buses.js';
import { until } from '../support/until.js';

export interface RedisUnderTest {
  readonly url: string;
  /** How many subscribe to each of the channels, told by all servers. */
  subscribers(channels: readonly string[]): Promise<number[]>;
}

const A = documentNumber(1);
const B = documentNumber(2);
const EVERY_KIND: readonly BusMessage[] = [
  { kind: 'updates', generation: 'g1', frame: Uint8Array.of(0, 255, 123) },
  { kind: 'awareness', update: Uint8Array.of(1, 2, 3) },
  { kind: 'awareness-wanted' },
  { kind: 'snapshot', generation: 'g1', seq: 2 ** 40, bytes: 12_345, firstRow: 7 },
  { kind: 'generation', generation: 'g2' },
  { kind: 'access' },
  { kind: 'check', generation: 'g2', seq: 9, hash: 'äbc' },
  { kind: 'stateless', payload: 'äbc' },
];

/** What the bus promises on one Redis server and on a Redis Cluster alike. */
export function busContract(name: string, redis: () => RedisUnderTest): void {
  describe(`${name} keeps the bus contract`, () => {
    afterEach(closeBuses);

    test('[BUS1] every kind of message reaches every other node that has the document open, and no one else', async () => {
      const [one, two, three] = await Promise.all([1, 2, 3].map(() => openBus(redis().url)));
      if (!one || !two || !three) throw new Error('no buses');
      const [sender, first, second, elsewhere, again] = await Promise.all([
        one.open(A),
        two.open(A),
        three.open(A),
        three.open(B),
        one.open(A),
      ]);
      for (const message of EVERY_KIND) sender.channel.publish(message);
      const expected = EVERY_KIND.map((message) => ({ message, from: one.bus.node }));
      await until(() => first.heard.length + second.heard.length >= 14, 'all have heard all');
      expect(first.heard).toEqual(expected);
      expect(second.heard).toEqual(expected);
      expect(sender.heard).toEqual([]);
      expect(again.heard).toEqual([]);
      expect(elsewhere.heard).toEqual([]);
      expect(one.reasons).toBe('[]');
      const { alone, connected, dropped } = one.bus;
      expect({ alone, connected, dropped }).toEqual({ alone: false, connected: true, dropped: 0 });
      expect(new Set([one, two, three].map(({ bus }) => bus.node)).size).toBe(3);
      expect(one.connected).toEqual([]);
    });

    test('[BUS1] bytes arrive as they were, in the order in which a node published them', async () => {
      const [one, two] = await Promise.all([openBus(redis().url), openBus(redis().url)]);
      const [sender, receiver] = [await one.open(A), await two.open(A)];
      const sizes = [0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 300_000, 1_048_576];
      const frames = sizes.map((size) => new Uint8Array(randomBytes(size)));
      for (const frame of frames) {
        // The caller may use its buffer again at once.
        const bytes = frame.slice();
        sender.channel.publish({ kind: 'updates', generation: 'g', frame: bytes });
        bytes.fill(0);
      }
      for (let number = 0; number < 2_000; number++) sender.channel.publish(numbered(number));
      await until(() => receiver.heard.length >= frames.length + 2_000, 'all arrived');
      const received = receiver.heard.slice(0, frames.length).map(({ message }) => message);
      for (const [index, message] of received.entries()) {
        const frame = message.kind === 'updates' ? message.frame : undefined;
        expect(Buffer.compare(frame ?? Buffer.of(), frames[index] ?? Buffer.of())).toBe(0);
        // Kept for long, it must not keep the socket's chunk with it.
        expect(frame?.buffer.byteLength).toBe(frame?.length);
      }
      expect(receiver.heard.slice(frames.length).map(numberOf)).toEqual(
        Array.from({ length: 2_000 }, (_, number) => number),
      );
    });

    test('[BUS2] what is published after `open` has fulfilled arrives, for 1,000 documents opened at once', async () => {
      const [one, two] = await Promise.all([openBus(redis().url), openBus(redis().url)]);
      const ids = Array.from({ length: 1_000 }, (_, number) => documentNumber(number));
      const senders = await Promise.all(ids.map((id) => one.open(id)));
      const receivers = await Promise.all(
        ids.map(async (id, number) => {
          const receiver = await two.open(id);
          senders[number]?.channel.publish(numbered(number));
          return receiver;
        }),
      );
      await until(() => receivers.every(({ heard }) => heard.length > 0), 'all have heard');
      expect(receivers.map(({ heard }) => heard.map(numberOf))).toEqual(ids.map((_, number) => [number]));
    });

    test('[BUS3] a closed channel neither hears nor sends, and Redis knows it no more', async () => {
      const [one, two, three] = await Promise.all([1, 2, 3].map(() => openBus(redis().url)));
      if (!one || !two || !three) throw new Error('no buses');
      const [a, b, c] = [await one.open(A), await two.open(A), await three.open(A)];
      const channels = [A, B].map((id) => `coscribe#/docs/${id}#`);
      expect(await redis().subscribers(channels)).toEqual([3, 0]);
      a.channel.close();
      a.channel.close();
      a.channel.publish(numbered(1));
      b.channel.publish(numbered(2));
      await until(() => c.heard.length > 0, 'Redis has passed it on');
      const [back, other] = [await one.open(A), await two.open(B)];
      b.channel.publish(numbered(3));
      await until(() => back.heard.length > 0, 'the new channel hears');
      expect([a, b, back].map(({ heard }) => heard.map(numberOf))).toEqual([[], [], [3]]);

      for (const { channel } of [b, c, back, other]) channel.close();
      await untilAsync(async () => `${await redis().subscribers(channels)}` === '0,0', 'nobody subscribes');
    });

    test('[BUS3] a document that is closed and opened at once, or opened again before it is closed, stays open', async () => {
      const [one, two] = await Promise.all([openBus(redis().url), openBus(redis().url)]);
      const sender = await one.open(A);
      let receiver = await two.open(A);
      for (let round = 1; round <= 20; round++) {
        const opening = round % 2 === 0 ? two.open(A) : undefined;
        receiver.channel.close();
        receiver = await (opening ?? two.open(A));
        sender.channel.publish(numbered(round));
        await until(() => receiver.heard.length > 0, `round ${round}`);
        expect(receiver.heard.map(numberOf)).toEqual([round]);
      }
      receiver.channel.close();
      const channel = `coscribe#/docs/${A}#`;
      await untilAsync(
        async () => `${await redis().subscribers([channel])}` === '1',
        'only the sender is left',
      );
    });

    test('[BUS10] another prefix is another bus', async () => {
      const [one, other] = await Promise.all([
        openBus(redis().url),
        openBus(redis().url, { prefix: 'other' }),
      ]);
      const [sender, stranger] = [await one.open(A), await other.open(A)];
      const two = await openBus(redis().url);
      const friend = await two.open(A);
      sender.channel.publish(numbered(1));
      await until(() => friend.heard.length > 0, 'the friend hears');
      expect(stranger.heard).toEqual([]);
      await two.bus.close();
      await until(() => one.gone.length > 0, 'the friend is gone');
      expect(other.gone).toEqual([]);
    });

    test('[BUS5] a node that starts is known to the others at once, not only when all say that they are there', async () => {
      const one = await openBus(redis().url);
      expect(one.bus.hasOthers).toBe(false);
      await openBus(redis().url);
      await until(() => one.bus.hasOthers, 'it is known');
    });

    test('[BUS11] what a node tells another one, or all, reaches that one or all, and nobody else', async () => {
      const [one, two, three] = await Promise.all([1, 2, 3].map(() => openBus(redis().url)));
      if (!one || !two || !three) throw new Error('no buses');
      const heard: string[] = [];
      for (const [name, { bus }] of Object.entries({ one, two, three }))
        bus.listen((text, from) => heard.push(`${name}: ${text} ${from === one.bus.node}`));
      await until(() => one.bus.others.length === 2, 'all are known');
      expect(one.bus.others).toEqual([two.bus.node, three.bus.node].sort());
      one.bus.tell('to all, äbc');
      one.bus.tell('to two', two.bus.node);
      one.bus.tell('to itself', one.bus.node);
      one.bus.tell('to nobody', 'nobody');
      one.bus.tell('the end', three.bus.node);
      await until(() => heard.length >= 4, 'all have heard');
      expect(heard.sort()).toEqual([
        'three: the end true',
        'three: to all, äbc true',
        'two: to all, äbc true',
        'two: to two true',
      ]);
      await two.bus.close();
      two.bus.tell('too late');
      await until(() => one.bus.others.length === 1, 'it is gone');
      expect(one.bus.others).toEqual([three.bus.node]);
      expect([...one.logged('debug'), ...three.logged('debug')]).toEqual([]);
    });

    test('[BUS5] a node that stops says so; a closed bus opens nothing and sends nothing', async () => {
      const [one, two] = await Promise.all([openBus(redis().url), openBus(redis().url)]);
      const [a, b] = [await one.open(A), await two.open(A)];
      a.channel.publish(numbered(1));
      await until(() => b.heard.length > 0, 'it is heard');
      await one.bus.close();
      await one.bus.close();
      await until(() => two.gone.length > 0, 'it is gone');
      expect(two.gone).toEqual([one.bus.node]);
      a.channel.publish(numbered(2));
      (await one.open(A)).channel.publish(numbered(3));
      b.channel.publish(numbered(4));
      await two.bus.close();
      expect(a.heard).toEqual([]);
      expect(b.heard.map(numberOf)).toEqual([1]);
      expect(one.connected).toEqual([]);
      expect([...one.logged('warn'), ...one.logged('error')]).toEqual([]);
    });
  });
}

/** `until` for what has to be asked. */
export async function untilAsync(
  condition: () => Promise<boolean>,
  what: string,
  ms = 10_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still waiting after ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
