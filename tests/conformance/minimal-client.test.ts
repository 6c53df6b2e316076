import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CoscribeProvider } from '../../client/provider.js';
import { type GatewayServer, headOf, startGateway } from '../support/gateway-server.js';
import { readProjectFile } from '../support/project-files.js';
import { until } from '../support/until.js';
import { MinimalClient } from './minimal-client.js';

let server: GatewayServer;
let client: MinimalClient;
let provider: CoscribeProvider;

beforeEach(async () => {
  server = await startGateway();
  client = new MinimalClient(server.url, '/docs/acme/notes');
  provider = new CoscribeProvider({ url: server.url, document: 'acme/notes' });
});

afterEach(async () => {
  client.cut();
  provider.destroy();
  await server.stop();
});

function insert({ doc }: MinimalClient | CoscribeProvider, words: string, at = 0): void {
  doc.getText('text').insert(at, words);
}

function textOf({ doc }: MinimalClient | CoscribeProvider): string {
  return doc.getText('text').toString();
}

async function agreed(): Promise<void> {
  await until(
    () => client.saved && provider.unsavedChanges === 0 && provider.synced,
    'everything to be saved',
  );
  await until(() => textOf(client) === textOf(provider), 'the texts to be equal');
}

describe('a client written from docs/PROTOCOL.md alone', () => {
  test('[GW8] it types together with our provider, and both are told what is saved', async () => {
    client.connect();
    for (let i = 0; i < 50; i++) {
      // Each at an own end, so that no word falls into another's.
      insert(client, `c${i} `, textOf(client).length);
      insert(provider, `p${i} `);
      if (i % 5 === 0) await agreed();
    }
    await agreed();
    const words = textOf(client).trim().split(' ').sort();
    expect(words).toEqual(
      Array.from({ length: 50 }, (_, i) => [`c${i}`, `p${i}`])
        .flat()
        .sort(),
    );
    const head = await headOf(server, 'acme/notes');
    await until(() => client.seq === head, 'the last number');
  });

  test('[GW8] after a cut it gets what it missed and no more, and delivers what it typed meanwhile', async () => {
    client.connect();
    insert(provider, 'before ');
    insert(client, 'both ');
    await agreed();
    const head = await headOf(server, 'acme/notes');
    await until(() => client.seq === head, 'the last number');
    const { seq } = client;
    client.cut();
    insert(client, 'offline ');
    insert(provider, 'missed ');
    await until(() => provider.unsavedChanges === 0, 'the provider to be saved');
    insert(provider, 'too ');
    await until(() => provider.unsavedChanges === 0, 'the provider to be saved');
    client.connect();
    await agreed();
    expect(client.joins.at(-1)).toEqual({ since: { generation: 'generation-1', seq }, updates: 2 });
    expect(textOf(provider)).toContain('offline ');
    expect(textOf(provider).length).toBe('before both offline missed too '.length);
  });

  test('[GW8] a cut while updates are under way loses and doubles nothing', async () => {
    client.connect();
    for (let i = 0; i < 20; i++) {
      insert(client, `[${i}]`, textOf(client).length);
      await until(() => client.joins.length > i, 'the join');
      client.cut();
      client.connect();
    }
    await agreed();
    expect(textOf(provider)).toBe(Array.from({ length: 20 }, (_, i) => `[${i}]`).join(''));
  });

  test('[GW8] it has 150 lines, and knows nothing of ours', () => {
    const source = readProjectFile('tests/conformance/minimal-client.ts');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
    const packages = [...source.matchAll(/from '(.*)'/g)].map(([, name]) => name);
    expect(packages).toEqual(['lib0/decoding', 'ws', 'yjs']);
  });
});
