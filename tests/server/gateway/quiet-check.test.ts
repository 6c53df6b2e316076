import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { hashContent } from '../../../shared/content-hash.js';
import { Clients, textOf } from '../../support/clients.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { RawClient, TRANSPORTS } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

const SOON = { quietMs: 100, everyMs: 100, everyMsPerMb: 0, share: 1 };

let server: GatewayServer;
const open: RawClient[] = [];
const clients = new Clients();

beforeEach(async () => {
  server = await startGateway({ quietChecks: SOON });
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  clients.destroy();
  await server.stop();
});

async function joined(options: Parameters<typeof RawClient.joined>[1] = {}): Promise<RawClient> {
  const client = await RawClient.joined(server.url, options);
  open.push(client);
  return client;
}

function warnings(): unknown[] {
  return server.log.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields.clientHash);
}

describe.each(TRANSPORTS)('a check, over %s', (transport) => {
  test('[CHECK6] [CHECK8] comes as one event, and its answer is heard', async () => {
    const client = await joined({ transport });
    const check = client.next('check');
    await client.type('words');
    expect(await check).toEqual([1, hashContent(client.doc)]);
    client.socket.emit('diverged', 1, '1:abc');
    await client.settled();
    expect(warnings()).toEqual(['1:abc']);
    expect(client.refusals).toEqual([]);
  });
});

describe('what clients say of a check', () => {
  test('[GW5] junk is refused, also before the first join, and has no effect', async () => {
    const client = await joined();
    const check = client.next('check');
    await client.type('words');
    await check;
    const junk: [unknown, unknown][] = [
      [undefined, undefined],
      ['1', '1:abc'],
      [-1, '1:abc'],
      [1, 7],
      [1, ''],
      [1, 'abc'],
      [1, `1:${'a'.repeat(65)}`],
      [1, '1:abc\nan error of another line'],
      [1, { toString: '1:abc' }],
      [Number.NaN, new Uint8Array(3)],
    ];
    for (const [seq, hash] of junk) client.socket.emit('diverged', seq, hash);
    await client.settled();
    expect(client.refusals).toEqual(junk.map(() => 'bad-request'));
    const outside = await RawClient.connect(server.url);
    open.push(outside);
    const refused = outside.next('refused');
    outside.socket.emit('diverged', 1, '1:abc');
    expect(await refused).toEqual([expect.objectContaining({ code: 'not-joined' })]);
    expect(warnings()).toEqual([]);
  });

  test('[CHECK9] a copy in which a clientID was used twice is found out by its client', async () => {
    const writer = await joined();
    await writer.type('what everybody has');
    const reader = clients.connect(server.url);
    await until(() => reader.synced, 'the reader to have joined');
    // The writer's next clock, with other words: his true ones are nothing new to this copy then.
    const liar = new Y.Doc();
    Y.applyUpdate(liar, Y.encodeStateAsUpdate(writer.doc));
    liar.clientID = writer.doc.clientID;
    liar.getText('text').insert(0, 'z');
    Y.applyUpdate(reader.doc, Y.encodeStateAsUpdate(liar), reader);
    await writer.type('x');
    await until(() => reader.status === 'diverged', 'the reader to find out');
    expect(textOf(reader)).not.toBe(writer.text);
    await until(() => warnings().length === 1, 'the server to hear of it');
    const again = clients.connect(server.url);
    await until(() => again.synced, 'a new copy to have joined');
    expect(textOf(again)).toBe(writer.text);
  });
});
