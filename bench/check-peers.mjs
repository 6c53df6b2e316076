/**
 * `npm run bench:check`: whether the generator speaks the peers' protocols as the peers' own clients do. For every peer,
 * two clients of the generator and one client from the package itself type into one document; all copies must end equal,
 * and carets must be seen both ways. A client that comes back must get what it missed and no more.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { SocketIOProvider } from 'y-socket.io';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { FollowingClient } from '../dist/bench/generator/following-client.js';
import { ServerProcess } from '../dist/bench/server-process.js';
import { SERVERS } from '../dist/bench/servers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENT = 'bench/check';
const TYPED = 40;

/** The packages' own clients: server's protocol -> provider of a copy. */
const PROVIDERS = {
  hocuspocus(port, document) {
    const websocketProvider = new HocuspocusProviderWebsocket({
      url: `ws://127.0.0.1:${port}`,
      WebSocketPolyfill: WebSocket,
    });
    const provider = new HocuspocusProvider({ websocketProvider, name: DOCUMENT, document });
    provider.attach();
    return { awareness: provider.awareness, end: () => [provider.destroy(), websocketProvider.destroy()] };
  },
  'y-websocket'(port, document) {
    const options = { WebSocketPolyfill: WebSocket, disableBc: true };
    const provider = new WebsocketProvider(`ws://127.0.0.1:${port}`, DOCUMENT, document, options);
    return { awareness: provider.awareness, end: () => provider.destroy() };
  },
  'y-socket-io'(port, document) {
    const provider = new SocketIOProvider(`ws://127.0.0.1:${port}`, DOCUMENT, document, { disableBc: true });
    return { awareness: provider.awareness, end: () => provider.destroy() };
  },
};

/** A client of the generator with a real copy. */
class Generated {
  document = new Y.Doc();
  awareness = new Awareness(this.document);
  sent = 0;

  constructor(protocol, address, known) {
    const request = { document: DOCUMENT, clientId: this.document.clientID, ...(known && { known }) };
    this.client = new FollowingClient(protocol, address, request, (update) =>
      Y.applyUpdate(this.document, update, this),
    );
    this.document.on('update', (update, origin) => {
      if (origin !== this) this.client.sendUpdate(update, this.sent++);
    });
  }

  showCaret(name) {
    this.awareness.setLocalState({ user: { name } });
    this.client.sendAwareness(encodeAwarenessUpdate(this.awareness, [this.document.clientID]));
  }

  /** Names of everybody who is seen. */
  get names() {
    for (const update of this.client.awarenessUpdates.splice(0)) {
      applyAwarenessUpdate(this.awareness, update, this);
    }
    return namesIn(this.awareness);
  }

  end() {
    this.client.close();
    this.awareness.destroy();
  }
}

function namesIn(awareness) {
  const names = [...awareness.getStates().values()].map(({ user }) => user?.name);
  return names.filter((name) => name !== undefined).sort();
}

const textOf = (document) => document.getText('text').toString();

async function until(condition, what) {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everybody types at the same time, here and there in the text. */
async function type(documents) {
  for (let round = 0; round < TYPED; round++) {
    for (const [who, document] of documents.entries()) {
      const text = document.getText('text');
      text.insert(Math.floor((text.length * who) / documents.length), 'abc'[who]);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function check(server) {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-check-'));
  const running = new ServerProcess({ server, root: ROOT, dataDir: folder });
  const ends = [() => running.kill(), () => rmSync(folder, { recursive: true, force: true })];
  try {
    await running.start();
    const first = new Generated(server.protocol, running.address);
    ends.unshift(() => first.end());
    await first.client.opened;
    const second = new Generated(server.protocol, running.address);
    ends.unshift(() => second.end());
    await second.client.opened;
    const published = new Y.Doc();
    const provider = PROVIDERS[server.protocol.name](running.address.port, published);
    ends.unshift(() => provider.end());

    const documents = [first.document, second.document, published];
    await type(documents);
    const equal = () => documents.every((document) => textOf(document) === textOf(published));
    await until(() => textOf(published).length === 3 * TYPED && equal(), 'equal copies');

    first.showCaret('first');
    second.showCaret('second');
    provider.awareness.setLocalState({ user: { name: 'published' } });
    const all = ['first', 'published', 'second'];
    const everybody = (names) => all.every((name) => names.includes(name));
    await until(() => everybody(first.names) && everybody(second.names), 'the carets at the generator');
    await until(() => everybody(namesIn(provider.awareness)), "the carets at the package's own client");
    if (server.acknowledges !== undefined) {
      await until(() => second.client.acks.length === second.sent, 'the acknowledgements');
      assert.deepEqual(
        second.client.acks,
        second.client.acks.map((_, tag) => tag),
      );
    }

    const missed = Y.encodeStateVector(first.document);
    published.getText('text').insert(0, 'MISSED');
    await until(() => textOf(first.document).startsWith('MISSED'), 'the last words');
    const known = { stateVector: missed, generation: '', seq: 0 };
    const returning = new Generated(server.protocol, running.address, known);
    ends.unshift(() => returning.end());
    const bytes = await returning.client.opened;
    const wanted = Y.encodeStateAsUpdate(first.document, missed).length;
    const fresh = new Generated(server.protocol, running.address);
    ends.unshift(() => fresh.end());
    const whole = await fresh.client.opened;
    assert.equal(textOf(fresh.document), textOf(first.document));
    assert.equal(bytes, wanted);
    assert.deepEqual(
      [first, second, returning, fresh].flatMap(({ client }) => client.failures),
      [],
    );
    return `${textOf(published).length} characters equal in 4 copies; back after a pause: ${bytes} of ${whole} bytes`;
  } finally {
    for (const end of ends) await end();
  }
}

const alone = SERVERS.filter(({ services }) => services === undefined);
for (const server of alone.filter(({ protocol }) => Object.hasOwn(PROVIDERS, protocol.name))) {
  console.log(`${server.name}: ${await check(server)}`);
}
// A provider may keep a timer.
process.exit(0);
