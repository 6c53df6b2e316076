import { afterEach, describe, expect, test } from '@jest/globals';
import type { CoscribeProvider } from '../../client/provider.js';
import { BusHub } from '../support/bus-hub.js';
import { Clients, textOf, type } from '../support/clients.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, namespacesOf, startGateway } from '../support/gateway-server.js';
import { startSwitch } from '../support/tcp-switch.js';
import { until } from '../support/until.js';

const ends: (() => unknown)[] = [];
const TYPE_EVERY_MS = 20;
/** Clients are told to go within a second, and have as much time as ever. */
const soon = (): number => Math.random() * 0.2;

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Two nodes over one store, and in front of them what leads to the first, until it is told otherwise. */
async function twoNodes(options: { readonly upgrades?: boolean } = {}) {
  const hub = new BusHub();
  const store = new GatedStore();
  const a = await startGateway({ bus: hub.node('a'), store, random: soon });
  const b = await startGateway({ bus: hub.node('b'), store, random: soon });
  const balancer = await startSwitch(a.port, options);
  const clients = new Clients();
  ends.push(
    () => b.stop(),
    () => a.stop(),
    () => balancer.close(),
    () => until(() => connections(a) + connections(b) === 0, 'all connections to be closed'),
    () => clients.destroy(),
  );
  return { a, b, balancer, clients };
}

function connections({ io }: GatewayServer): number {
  return io.engine.clientsCount;
}

/** What the provider is from now on. */
function statuses(provider: CoscribeProvider): Set<string> {
  const seen = new Set<string>([provider.status]);
  provider.on('change', () => seen.add(provider.status));
  return seen;
}

describe.each([
  ['websocket', true],
  ['polling', false],
] as const)('over %s', (_transport, upgrades) => {
  test('[DRAIN4] [DRAIN6] [DRAIN7] people who type move to the other node, live and visible all the time', async () => {
    const { a, b, balancer, clients } = await twoNodes({ upgrades });
    const people = ['Ann', 'Bob', 'Cleo'].map((name) =>
      clients.connect(balancer.url, { presence: { name, color: '#112233' } }),
    );
    await until(() => people.every(({ awareness }) => awareness.getStates().size === 3), 'all to see all');
    const seen = people.map(statuses);
    let vanished = 0;
    for (const { awareness } of people) {
      awareness.on('change', ({ removed }: { removed: number[] }) => {
        vanished += removed.length;
      });
    }
    balancer.leadTo(b.port);
    let typed = 0;
    const typing = setInterval(() => {
      for (const person of people) type(person, 'x');
      typed += people.length;
    }, TYPE_EVERY_MS);
    await a.documents.stop().finally(() => clearInterval(typing));
    await until(() => connections(a) === 0 && connections(b) === 3, 'three connections to the other node');
    await until(() => people.every(({ unsavedChanges }) => unsavedChanges === 0), 'everything to be saved');
    await until(() => people.every((person) => textOf(person).length === typed), 'everything to be with all');
    for (const each of seen) expect([...each]).toEqual(['synced']);
    expect(vanished).toBe(0);
  });
});

describe('documents of one page', () => {
  test('[DRAIN4] move each at its time over one other connection; the old one is closed after the last', async () => {
    const { a, b, balancer, clients } = await twoNodes();
    const providers = ['acme/one', 'acme/two', 'acme/three'].map((document) =>
      clients.connect(balancer.url, { document }),
    );
    await until(() => providers.every(({ synced }) => synced), 'all to be synced');
    const seen = providers.map(statuses);
    expect(connections(a)).toBe(1);
    balancer.leadTo(b.port);
    await a.documents.stop();
    await until(() => connections(a) === 0 && connections(b) === 1, 'one connection to the other node');
    expect(namespacesOf(b)).toHaveLength(3);
    for (const provider of providers) type(provider, 'still here');
    await until(() => providers.every(({ unsavedChanges }) => unsavedChanges === 0), 'all to be saved');
    for (const each of seen) expect([...each]).toEqual(['synced']);
  });

  test('[DRAIN3] [DRAIN5] a document that the stopping node refuses is tried elsewhere, and nobody has to go before there is an elsewhere', async () => {
    const { a, b, balancer, clients } = await twoNodes();
    const first = clients.connect(balancer.url, { document: 'acme/one' });
    await until(() => first.synced, 'the first to be synced');
    const seen = statuses(first);
    // The balancer notices late: until then whoever connects anew is refused.
    const stopped = a.documents.stop();
    const second = clients.connect(balancer.url, { document: 'acme/two' });
    await until(() => second.error?.code === 'shutting-down', 'the second to be refused');
    let attempts = 0;
    a.io.engine.on('connection', () => attempts++);
    for (const socket of a.io.of('/docs/acme/one').sockets.values()) socket.emit('move', 0);
    await until(() => attempts >= 3, 'more attempts to come to the stopping node');
    type(first, 'live');
    await until(() => first.unsavedChanges === 0, 'an edit to be saved by the stopping node');
    balancer.leadTo(b.port);
    await until(() => second.synced, 'the second to be synced');
    await stopped;
    expect([...seen]).toEqual(['synced']);
    expect(connections(b)).toBe(1);
  });

  test('[PROV30] one that the server dismisses leaves the others as they are', async () => {
    const { a, clients } = await twoNodes();
    const [one, two] = ['acme/one', 'acme/two'].map((document) => clients.connect(a.url, { document }));
    if (one === undefined || two === undefined) throw new Error('two were connected');
    // What a client still says when it is dismissed would end the connection (socket.io-client closes at a packet for a
    // namespace that it has left): whoever sees it has heard all that it had to say.
    const sees = clients.connect(a.url, { document: 'acme/one' });
    await until(() => two.synced && sees.awareness.getStates().size === 2, 'the first to be seen');
    sees.destroy();
    await until(
      () => one.awareness.getStates().size === 1 && connections(a) === 1,
      'the other one to be gone',
    );
    const [ofOne, ofTwo] = [statuses(one), statuses(two)];
    for (const socket of a.io.of('/docs/acme/one').sockets.values()) {
      socket.emit('bye', { code: 'internal', message: 'a mistake', retryable: true }, 10);
      socket.disconnect();
    }
    await until(() => ofOne.has('offline') && one.synced, 'the first to be back');
    expect([...ofTwo]).toEqual(['synced']);
    expect(connections(a)).toBe(1);
  });
});
