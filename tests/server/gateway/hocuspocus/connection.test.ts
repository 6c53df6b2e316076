import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as decoding from 'lib0/decoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type GatewayServer, startGateway } from '../../../support/gateway-server.js';
import { RawClient } from '../../../support/raw-client.js';
import { authFor, messageFor, RawHocuspocus } from '../../../support/raw-hocuspocus.js';
import { RegisterAccess } from '../../../support/register-access.js';
import { between, forSeedsInTurn, randomBytes } from '../../../support/seeds.js';
import { until } from '../../../support/until.js';

const [SYNC, AWARENESS, AUTH, QUERY_AWARENESS, STATELESS, BROADCAST, CLOSE, STATUS] = [
  0, 1, 2, 3, 5, 6, 7, 8,
];
const [STEP_1, STEP_2, UPDATE] = [0, 1, 2];
const NOTHING = Uint8Array.of(0);

const access = new RegisterAccess();
const opened: { end(): void }[] = [];
let server: GatewayServer;

beforeAll(async () => {
  access.add('ann', 'editor');
  access.add('ben', 'editor');
  server = await startGateway({
    access,
    gatewayLimits: { maxDocumentsPerConnection: 3, joinTimeoutMs: 300 },
  });
});
afterEach(() => {
  for (const client of opened.splice(0)) client.end();
});
afterAll(() => server.stop());

async function open(): Promise<RawHocuspocus> {
  const raw = await RawHocuspocus.open(server.url);
  opened.push({ end: () => raw.socket.terminate() });
  return raw;
}

/** Somebody else in the document, who must notice nothing. */
async function witness(document: string): Promise<RawClient> {
  const client = await RawClient.joined(server.url, { document, auth: { protocol: 1, token: 'ben' } });
  opened.push({ end: () => client.close() });
  return client;
}

const types = (messages: readonly Buffer[]): number[] => messages.map(([type = -1]) => type);

/** A client that has written nothing, in a document. */
async function enter(address: string): Promise<RawHocuspocus> {
  const raw = await open();
  raw.ask(address, 'ann');
  await until(() => raw.messagesFor(address).length >= 3, 'the content');
  raw.send(messageFor(address, SYNC, STEP_2, Uint8Array.of(0, 0)));
  await until(() => types(raw.messagesFor(address)).includes(STATUS), 'its status');
  return raw;
}

test('[HOCUS1] the first messages are those of a Hocuspocus server, in their order', async () => {
  const raw = await enter('acme/first');
  const [authenticated, step1, step2, status] = raw.messagesFor('acme/first');
  expect(authenticated?.toString('latin1')).toBe('\x02\x02\x0aread-write');
  expect([step1?.[0], step1?.[1]]).toEqual([SYNC, STEP_1]);
  expect([step2?.[0], step2?.[1]]).toEqual([SYNC, STEP_2]);
  expect(status).toEqual(Buffer.of(STATUS, 1));
  raw.send(Uint8Array.of(9));
  await until(() => raw.received.at(-1)?.equals(Uint8Array.of(10)) === true, 'the pong');
});

test('[HOCUS7] whoever asks is told who is there', async () => {
  const other = await witness('acme/who');
  const raw = await enter('acme/who');
  const awareness = new Awareness(other.doc);
  awareness.setLocalState({ user: { name: 'Ben' } });
  other.socket.emit('awareness', encodeAwarenessUpdate(awareness, [other.doc.clientID]));
  awareness.destroy();
  const shown = (): number => types(raw.messagesFor('acme/who')).filter((type) => type === AWARENESS).length;
  await until(() => shown() === 1, 'it to be shown');
  raw.send(messageFor('acme/who', QUERY_AWARENESS));
  await until(() => shown() === 2, 'the answer');
  expect(raw.messagesFor('acme/who').at(-1)?.toString()).toContain('Ben');
});

test('[HOCUS2] so many documents go over one connection, and the next one is denied', async () => {
  const raw = await open();
  for (const name of ['one', 'two', 'one\0again', 'four']) raw.ask(name, 'ann');
  await until(() => raw.messagesFor('four').length > 0, 'the last one to be denied');
  expect(raw.messagesFor('four')[0]?.subarray(0, 2)).toEqual(Buffer.of(AUTH, 1));
  expect(raw.messagesFor('four')[0]?.toString()).toContain('too-many-documents: ');
  raw.send(messageFor('two', CLOSE));
  raw.ask('four', 'ann');
  await until(() => raw.messagesFor('four').length > 3, 'it to be let in now');
  expect(raw.messagesFor('one\0again').length).toBeGreaterThan(2);
});

test('[HOCUS12] before a token, and after a refusal, nothing is kept and nothing is answered', async () => {
  const other = await witness('acme/early');
  const raw = await open();
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'early');
  const update = Y.encodeStateAsUpdate(doc);
  const talk = (): void =>
    raw.send(
      messageFor('acme/early', SYNC, UPDATE, update),
      messageFor('acme/early', SYNC, STEP_2, update),
      messageFor('acme/early', AWARENESS, NOTHING),
      messageFor('acme/early', STATELESS, 'hello'),
      messageFor('acme/early', QUERY_AWARENESS),
      messageFor('acme/early', CLOSE),
    );
  talk();
  raw.ask('acme/early', 'eve');
  await until(() => raw.received.length > 0, 'the denial');
  raw.send(messageFor('acme/early', SYNC, STEP_1, NOTHING), messageFor('acme/early', SYNC, UPDATE, update));
  raw.ask('acme/other', 'eve');
  await until(() => raw.messagesFor('acme/other').length > 0, 'the other denial');
  expect([types(raw.messagesFor('acme/early')), other.text]).toEqual([[AUTH], '']);
  // Whoever is in no document has so much time.
  await until(() => raw.closed !== undefined, 'the end');
  expect(raw.closed?.code).toBe(4408);
});

test('[HOCUS6] a token of somebody else is no renewal, and the session goes on', async () => {
  const raw = await enter('acme/renewed');
  raw.send(authFor('acme/renewed', 'ben', '4.8.0'));
  await until(() => types(raw.messagesFor('acme/renewed')).at(-1) === AUTH, 'the denial');
  expect(raw.messagesFor('acme/renewed').at(-1)?.toString()).toContain('unauthenticated: ');
  const other = await witness('acme/renewed');
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'still here');
  raw.send(messageFor('acme/renewed', SYNC, UPDATE, Y.encodeStateAsUpdate(doc)));
  await until(() => other.text === 'still here', 'it to write');
});

test('[HOCUS12] what only servers may say reaches nobody, and what nobody knows does no harm', async () => {
  const raw = await enter('acme/forged');
  const other = await enter('acme/forged');
  const before = other.received.length;
  raw.send(
    messageFor('acme/forged', BROADCAST, 'reload'),
    messageFor('acme/forged', 4, STEP_2, Uint8Array.of(0, 0)),
    messageFor('acme/forged', AUTH, 2, 'read-write'),
    messageFor('acme/forged', 77, 'what'),
    messageFor('acme/forged', QUERY_AWARENESS),
    messageFor('acme/forged', STATELESS, 'nobody listens'),
  );
  raw.send(messageFor('acme/forged', SYNC, UPDATE, Uint8Array.of(0, 0)));
  await until(
    () => raw.messagesFor('acme/forged').filter(([type]) => type === STATUS).length > 1,
    'a status',
  );
  expect([other.received.length, raw.closed]).toEqual([before, undefined]);
});

test('[HOCUS12] what is no message costs its sender the connection, and nobody else anything', async () => {
  const other = await witness('acme/hostile');
  await forSeedsInTurn(15, 'tests/server/gateway/hocuspocus/connection', async (random) => {
    const raw = await enter('acme/hostile');
    for (let left = 20; left > 0; left--) {
      const bytes = randomBytes(random, between(random, 0, 60));
      const parts = [SYNC, AWARENESS, AUTH, STATELESS, STATUS, between(random, 0, 20)];
      const type = parts[between(random, 0, parts.length - 1)] ?? 0;
      raw.send(random() < 0.3 ? bytes : Buffer.concat([messageFor('acme/hostile', type), bytes]));
    }
    raw.send(messageFor('x'.repeat(300), SYNC, STEP_1, NOTHING));
    await until(() => raw.closed !== undefined, 'the end of it');
    expect([4400, 4205]).toContain(raw.closed?.code);
  });
  await other.type('works');
  expect(other.text).toContain('works');
  expect(server.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
});

test('[HOCUS12] a message that is too large costs its sender the connection, and a flood nobody else anything', async () => {
  const other = await witness('acme/flood');
  const [huge, flood] = [await enter('acme/flood'), await enter('acme/flood')];
  huge.send(messageFor('acme/flood', SYNC, UPDATE, new Uint8Array(11_000_000)));
  await until(() => huge.closed !== undefined, 'the one to be closed');
  expect(huge.closed).toMatchObject({ code: 1009, reason: expect.stringContaining('larger than') });
  const [step1, empty] = [
    messageFor('acme/flood', SYNC, STEP_1, NOTHING),
    messageFor('acme/flood', SYNC, UPDATE, Uint8Array.of(0, 0)),
  ];
  for (let left = 3_000; left > 0; left--) flood.send(step1, empty, authFor('acme/flood', 'eve'));
  expect(await other.type('works')).toMatchObject({ ok: true });
  await until(() => other.text === 'works', 'the other to go on');
});

test('[HOCUS12] an update that will always be refused ends its document and no other', async () => {
  const raw = await enter('acme/kept');
  raw.ask('acme/ended', 'ann');
  await until(() => raw.messagesFor('acme/ended').length > 2, 'the other document');
  raw.send(messageFor('acme/ended', SYNC, STEP_2, Uint8Array.of(0, 0)));
  raw.send(messageFor('acme/ended', SYNC, UPDATE, Uint8Array.of(1, 1, 5, 0)));
  await until(() => types(raw.messagesFor('acme/ended')).includes(CLOSE ?? 7), 'it to be closed');
  expect(raw.messagesFor('acme/ended').at(-1)?.toString()).toContain('invalid-update: ');
  raw.send(messageFor('acme/kept', SYNC, UPDATE, Uint8Array.of(0, 0)));
  const statuses = (): number => types(raw.messagesFor('acme/kept')).filter((type) => type === STATUS).length;
  await until(() => statuses() > 1, 'the other to go on');
});

test('[HOCUS12] whoever does not read for a while misses nothing, though little is kept for him', async () => {
  const raw = await enter('acme/slow');
  const other = await witness('acme/slow');
  raw.socket.pause();
  for (let left = 25; left > 0; left--) await other.type('x'.repeat(200_000));
  raw.socket.resume();
  const copy = new Y.Doc();
  let [read, bytes] = [0, 0];
  await until(() => {
    for (const message of raw.messagesFor('acme/slow').slice(read)) {
      read++;
      bytes += message.length;
      const decoder = decoding.createDecoder(message);
      const isUpdate = decoding.readVarUint(decoder) === SYNC && decoding.readVarUint(decoder) !== STEP_1;
      if (isUpdate) Y.applyUpdate(copy, decoding.readVarUint8Array(decoder));
    }
    return copy.getText('text').length === other.text.length;
  }, 'all of it');
  // Once, and not once more for what waited.
  expect(bytes).toBeLessThan(2 * other.text.length);
});
