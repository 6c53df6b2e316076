import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { BusHub } from '../support/bus-hub.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { between, seededRandom } from '../support/seeds.js';
import { withServer } from '../support/server-process.js';
import { startSwitch } from '../support/tcp-switch.js';
import { until } from '../support/until.js';
import { VERSIONS, YWebSocketClient } from '../support/y-websocket-client.js';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
const AGAIN = `again with: SEED=${seed} npx jest tests/conformance/y-websocket-nodes`;
const KILLS = 2;

/** What is written once, wherever it ends up. */
function typeSomewhere(client: YWebSocketClient, token: string): void {
  const text = client.doc.getText('text');
  text.insert(between(random, 0, text.length), token);
}

test('[YWS3] the server is killed with -9 while they type: they come back, nothing is lost, all converge', async () => {
  await withServer({}, async (server) => {
    const clients = VERSIONS.map((version) => new YWebSocketClient(version, server.url));
    const typed: string[] = [];
    try {
      await until(() => clients.every(({ synced }) => synced), 'all to be synced');
      for (let kill = 0; kill < KILLS; kill++) {
        for (let nth = 0; nth < 30; nth++) {
          for (const [at, client] of clients.entries()) {
            const token = `<${kill}.${nth}.${at}>`;
            typed.push(token);
            typeSomewhere(client, token);
          }
          await new Promise(setImmediate);
        }
        await server.kill();
        for (const [at, client] of clients.entries()) {
          typed.push(`<${kill}.off.${at}>`);
          typeSomewhere(client, `<${kill}.off.${at}>`);
        }
        await server.start();
        await until(() => clients.every(({ synced }) => synced), `all to be back; ${AGAIN}`);
      }
      const fresh = new YWebSocketClient('3.1.0', server.url);
      clients.push(fresh);
      await until(
        () => clients.every(({ text }) => text.length === typed.join('').length && text === fresh.text),
        `one text for all; ${AGAIN}`,
      );
      // Tokens may be written into one another; but every letter is there, and once.
      expect([...fresh.text].sort().join('')).toBe([...typed.join('')].sort().join(''));
    } finally {
      for (const client of clients) client.destroy();
    }
  });
});

test('[YWS12] a node that stops sends them to another one, where everything is', async () => {
  const [store, hub] = [new GatedStore(), new BusHub()];
  const start = (name: string): Promise<GatewayServer> => startGateway({ store, bus: hub.node(name) });
  const [first, second] = [await start('one'), await start('two')];
  const balancer = await startSwitch(first.port);
  const clients = VERSIONS.map((version) => new YWebSocketClient(version, balancer.url));
  const there = new YWebSocketClient('3.1.0', second.url);
  clients.push(there);
  try {
    await until(() => clients.every(({ synced }) => synced), 'all to be synced');
    const moving = clients.filter((client) => client !== there);
    for (const client of moving) client.show('moving');
    there.show('there');
    await until(
      () => clients.every(({ names }) => names.join() === 'moving,moving,moving,there'),
      'all to be seen on both nodes',
    );
    balancer.leadTo(second.port);
    const stopped = first.documents.stop({ drainMs: 300 });
    for (const client of moving) client.type('x');
    await stopped;
    // Of a busy machine: what the node has said last is read later.
    await until(() => moving.every(({ closed }) => closed.length > 0), 'all to be sent away');
    for (const { closed } of moving)
      expect(closed[0]).toEqual({ code: 1012, reason: expect.stringContaining('about to stop') });
    await until(() => clients.every(({ text, synced }) => synced && text === 'xxx'), 'all to be there');
    await until(
      () => clients.every(({ names }) => names.join() === 'moving,moving,moving,there'),
      'all to be seen there',
    );
    expect(there.closed).toEqual([]);
  } finally {
    for (const client of clients) client.destroy();
    await balancer.close();
    await first.stop();
    await second.stop();
  }
});
