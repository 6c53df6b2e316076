import { describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { caretOf } from '../../support/carets.js';
import { type Bench, type BenchClient, DOCUMENT, withBench } from '../../support/server-under-test.js';
import { until } from '../../support/until.js';

const WORDS = Uint8Array.of(1, 2, 3);

async function threeClients(bench: Bench): Promise<readonly BenchClient[]> {
  return [await bench.join(), await bench.join(), await bench.join()];
}

describe.each(['socket-io-relay', 'ws-relay'])('%s', (name) => {
  test('[BENCH21] every edit and caret goes to everybody else in the document, and nowhere else', async () => {
    await withBench(name, async (bench) => {
      const clients = await threeClients(bench);
      const elsewhere = await bench.join(undefined, 'bench/other');
      elsewhere.type('x');
      for (const [who, client] of clients.entries()) client.type('abc'.charAt(who));
      await until(() => clients.every(({ text }) => text.length === 3), 'the edits');
      expect(new Set(clients.map(({ text }) => text)).size).toBe(1);
      const [one, two, three] = clients as [BenchClient, BenchClient, BenchClient];
      const caret = caretOf(one.doc, 'One');
      one.sendAwareness(caret);
      await until(() => two.awarenessUpdates.length + three.awarenessUpdates.length === 2, 'the carets');
      expect([one, two, three].map(({ awarenessUpdates }) => awarenessUpdates)).toEqual([
        [],
        [caret],
        [caret],
      ]);
      expect(elsewhere.text).toBe('x');
      expect(clients.flatMap(({ acks, failures }) => [...acks, ...failures])).toEqual([]);
    });
  });
});

describe('the relays', () => {
  test('[BENCH21] the bytes of the Socket.IO relay are those of a stock client', async () => {
    await withBench('socket-io-relay', async (bench) => {
      const socket = io(bench.url, { auth: { document: DOCUMENT }, transports: ['websocket'] });
      try {
        await new Promise<void>((resolve) => socket.on('connect', resolve));
        const got: Uint8Array[] = [];
        socket.on('update', (update: Uint8Array) => got.push(Uint8Array.from(update)));
        const client = await bench.join();
        client.sendUpdate(WORDS);
        await until(() => got.length === 1, 'the bytes at the stock client');
        expect(got).toEqual([WORDS]);
        socket.emit('awareness', WORDS);
        await until(() => client.awarenessUpdates.length === 1, 'the bytes at the generator');
        expect(client.awarenessUpdates).toEqual([WORDS]);
      } finally {
        socket.disconnect();
      }
    });
  });

  test('[BENCH21] the bytes of the ws relay are those of a plain WebSocket, after one that says what they are', async () => {
    await withBench('ws-relay', async (bench) => {
      const socket = new WebSocket(`${bench.url.replace('http', 'ws')}/${DOCUMENT}`);
      try {
        await new Promise<void>((resolve) => socket.on('open', resolve));
        const got: Uint8Array[] = [];
        socket.on('message', (data: Buffer) => got.push(Uint8Array.from(data)));
        const client = await bench.join();
        client.sendUpdate(WORDS);
        await until(() => got.length === 1, 'the bytes at the plain WebSocket');
        expect(got).toEqual([Uint8Array.of(0, ...WORDS)]);
        socket.send(Uint8Array.of(1, ...WORDS));
        await until(() => client.awarenessUpdates.length === 1, 'the bytes at the generator');
        expect(client.awarenessUpdates).toEqual([WORDS]);
        socket.send(Uint8Array.of(9));
        await until(() => client.failures.length === 1, 'the failure');
      } finally {
        socket.terminate();
      }
    });
  });
});
