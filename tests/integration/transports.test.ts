import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CoscribeProvider } from '../../client/provider.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { type PickyProxy, startProxy } from '../support/picky-proxy.js';
import { until } from '../support/until.js';

let server: GatewayServer;
let proxy: PickyProxy | undefined;
const providers: CoscribeProvider[] = [];

beforeEach(async () => {
  server = await startGateway();
});

afterEach(async () => {
  for (const provider of providers.splice(0)) provider.destroy();
  await until(() => server.io.engine.clientsCount === 0, 'the connections to be closed');
  await proxy?.close();
  await server.stop();
});

function open(url: string): CoscribeProvider {
  const provider = new CoscribeProvider({ url, document: 'acme/notes' });
  providers.push(provider);
  return provider;
}

function textOf({ doc }: CoscribeProvider): string {
  return doc.getText('text').toString();
}

function transportsInUse(): string[] {
  const { clients } = server.io.engine as unknown as {
    clients: Record<string, { transport: { name: string } }>;
  };
  return Object.values(clients).map(({ transport }) => transport.name);
}

describe.each([
  ['websocket', { upgrades: true, requests: false }],
  ['polling', { upgrades: false, requests: true }],
] as const)('where only %s gets through', (transport, lets) => {
  test('[GW17] two providers type together, paste a megabyte, and come back after a cut', async () => {
    proxy = await startProxy(server.port, lets);
    const [one, two] = [open(proxy.url), open(proxy.url)];
    await until(() => one.synced && two.synced, 'both to be synced');
    expect(transportsInUse()).toEqual([transport, transport]);
    if (transport === 'polling') expect(proxy.seen.upgrades).toBeGreaterThan(0);

    const [first, second] = [one.doc.getText('text'), two.doc.getText('text')];
    for (let i = 0; i < 20; i++) {
      first.insert(0, `${i} `);
      second.insert(second.length, ` ${i}`);
    }
    first.insert(0, 'x'.repeat(1_000_000));
    await until(() => one.unsavedChanges + two.unsavedChanges === 0, 'everything to be saved');
    await until(() => textOf(one) === textOf(two), 'equal texts');
    expect(first.length).toBeGreaterThan(1_000_000);

    proxy.cut();
    first.insert(0, 'while it was cut');
    await until(() => one.unsavedChanges === 0 && textOf(one) === textOf(two), 'both to be back');
    expect(second.toString()).toContain('while it was cut');
    expect(transportsInUse()).toContain(transport);
  });
});

test('[GW17] a provider over each transport: they see each other', async () => {
  proxy = await startProxy(server.port, { upgrades: false, requests: true });
  const [direct, blocked] = [open(server.url), open(proxy.url)];
  direct.awareness.setLocalStateField('user', { name: 'Ada', color: '#112233' });
  blocked.doc.getText('text').insert(0, 'over polling');
  await until(() => textOf(direct) === 'over polling', 'the text');
  await until(() => blocked.awareness.getStates().has(direct.doc.clientID), 'the presence');
  expect(transportsInUse().sort()).toEqual(['polling', 'websocket']);
});
