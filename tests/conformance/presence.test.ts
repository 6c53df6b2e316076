import { afterEach, expect, test } from '@jest/globals';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { HOCUSPOCUS_VERSIONS, HocuspocusConnection } from '../support/hocuspocus-client.js';
import { until } from '../support/until.js';
import { connectYSocketIo } from '../support/y-socket-io-client.js';
import { VERSIONS, YWebSocketClient } from '../support/y-websocket-client.js';

const ROOM = 'acme/board';
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server as it is by default, one client of each kind, and somebody who watches. */
async function start() {
  const server = await startGateway({ limits: { maxAwarenessBytes: 16_384, maxAwarenessDepth: 16 } });
  ends.push(() => server.stop());
  const watcher = new YWebSocketClient('3.1.0', server.url, { room: ROOM });
  const yWebSocket = new YWebSocketClient('1.5.4', server.url, { room: ROOM });
  const hocuspocus = new HocuspocusConnection('4.8.0', server.url);
  const provider = hocuspocus.open(ROOM, {});
  const ySocketIo = connectYSocketIo(server.url, ROOM, new Y.Doc());
  ends.push(
    () => watcher.destroy(),
    () => yWebSocket.destroy(),
    () => hocuspocus.destroy(),
    () => ySocketIo.destroy(),
    () => ySocketIo.doc.destroy(),
  );
  await until(
    () => watcher.synced && yWebSocket.synced && provider.provider.synced && ySocketIo.synced,
    'all to be synced',
  );
  const people: Readonly<Record<string, Awareness>> = {
    'y-websocket': yWebSocket.provider.awareness,
    hocuspocus: provider.provider.awareness,
    'y-socket.io': ySocketIo.awareness,
  };
  const seen = (awareness: Awareness) =>
    watcher.provider.awareness.getStates().get(awareness.clientID) ?? 'nobody';
  return { server, people, seen };
}

const warnings = ({ log }: GatewayServer) =>
  log.entries.filter(({ message }) => message === 'what a client shows of itself is not shown');

test('[PEER14] what applications show of their people others see as it is', async () => {
  const { server, people, seen } = await start();
  const states = [
    {
      user: { name: 'Ann', color: 'hsl(120, 50%, 50%)', colorLight: '#33333333', avatar: 'https://x/y.png' },
    },
    { user: { name: 'Ann' }, selected: Array.from({ length: 500 }, (_, n) => `shape:${n} of the board`) },
    { user: 'Ann', presence: { cursor: { x: 2 }, scribbles: [{ points: [{ x: 1, at: { z: [0.5] } }] }] } },
    { user: { id: 7, displayName: 'Ann' } },
  ];
  for (const [nth, state] of states.entries())
    for (const [kind, awareness] of Object.entries(people)) {
      awareness.setLocalState(state);
      await until(
        () => JSON.stringify(seen(awareness)) === JSON.stringify(state),
        `state ${nth} of ${kind} to be seen`,
      );
    }
  expect(server.refused).toEqual([]);
  expect(warnings(server)).toEqual([]);
});

test('[PEER14] what is too large for that is counted each time, and logged once for each of them', async () => {
  const { server, people, seen } = await start();
  for (const [kind, awareness] of Object.entries(people)) {
    awareness.setLocalState({ user: { name: kind } });
    await until(() => JSON.stringify(seen(awareness)).includes(kind), `${kind} to be seen`);
    for (const nth of [1, 2]) {
      const before = server.refused.length;
      awareness.setLocalState({ user: { name: kind }, drawing: `${nth}`.repeat(17_000) });
      await until(() => server.refused.length > before, `${kind} to be refused`);
    }
    expect(seen(awareness)).toEqual({ user: { name: kind } });
    awareness.setLocalState({ user: { name: kind }, small: 'again' });
    await until(() => JSON.stringify(seen(awareness)).includes('again'), `${kind} to be seen again`);
  }
  expect(new Set(server.refused)).toEqual(new Set(['awareness awareness-refused']));
  expect(warnings(server)).toEqual(
    Object.keys(people).map((protocol) =>
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ protocol, why: expect.stringContaining('at most 16384') }),
      }),
    ),
  );
});

test('[PEER4] [YWS4] who looks without showing himself sees all who move, with whatever client', async () => {
  const { server, people } = await start();
  const viewers = new Map<string, Awareness>();
  for (const version of VERSIONS) {
    const viewer = new YWebSocketClient(version, server.url, { room: ROOM });
    ends.push(() => viewer.destroy());
    viewers.set(`y-websocket ${version}`, viewer.provider.awareness);
  }
  for (const version of HOCUSPOCUS_VERSIONS) {
    const connection = new HocuspocusConnection(version, server.url);
    ends.push(() => connection.destroy());
    const { awareness } = connection.open(ROOM, {}).provider;
    if (awareness) viewers.set(`hocuspocus ${version}`, awareness);
  }
  const ySocketIo = connectYSocketIo(server.url, ROOM, new Y.Doc());
  ends.push(
    () => ySocketIo.destroy(),
    () => ySocketIo.doc.destroy(),
  );
  viewers.set('y-socket.io', ySocketIo.awareness);
  for (const awareness of viewers.values()) awareness.setLocalState(null);
  for (const move of [1, 2, 3, 4])
    for (const [kind, { clientID }] of Object.entries(people)) {
      people[kind]?.setLocalState({ move });
      for (const [viewer, awareness] of viewers)
        await until(
          () => awareness.getStates().get(clientID)?.move === move,
          `${viewer} to see move ${move} of ${kind}`,
        );
    }
});
