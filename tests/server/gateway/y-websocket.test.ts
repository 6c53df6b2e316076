import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Credentials } from '../../../server/auth/access.js';
import { readMessage } from '../../../server/gateway/y-websocket-messages.js';
import { varUintLength, writeVarUint } from '../../../shared/var-uint.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { ATTACKER, VICTIM } from '../../support/hostile-attacks.js';
import { hostileUpdates } from '../../support/hostile-updates.js';
import { encodeStates } from '../../support/presence-nodes.js';
import { awarenessOf, ownUpdate } from '../../support/presence-people.js';
import { quickClock } from '../../support/quick-clock.js';
import { RawClient } from '../../support/raw-client.js';
import { RawLine } from '../../support/raw-line.js';
import { RegisterAccess } from '../../support/register-access.js';
import { between, seededRandom } from '../../support/seeds.js';
import { until } from '../../support/until.js';
import { buildUpdate, string } from '../../support/update-builder.js';

const SECRET = 'the-secret-token';
const STEP_1 = Uint8Array.of(0, 0, 1, 0);

const access = new RegisterAccess();
const asked: Credentials[] = [];
let server: GatewayServer;
const lines: RawLine[] = [];

beforeAll(async () => {
  access.add(SECRET, 'editor');
  const identify = access.identify.bind(access);
  access.identify = (credentials) => {
    asked.push(credentials);
    const { cookie, authorization } = credentials.headers;
    const token =
      credentials.token ?? authorization?.slice('Bearer '.length) ?? cookie?.slice('token='.length);
    return identify({ ...credentials, ...(token !== undefined && { token }) });
  };
  server = await startGateway({ access, clock: quickClock(10) });
});
afterEach(() => {
  for (const line of lines.splice(0)) line.terminate();
});
afterAll(() => server.stop());

async function open(path: string, headers: Record<string, string> = {}): Promise<RawLine> {
  const line = await RawLine.open(server.url, path, { headers });
  lines.push(line);
  return line;
}

/** A line that is in a document. */
async function joined(document: string): Promise<RawLine> {
  const line = await open(`/yjs/${document}?token=${SECRET}`);
  line.send(STEP_1);
  await until(() => line.received.length > 0, 'the content');
  return line;
}

function message(types: readonly number[], bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(...types, bytes.length, ...bytes);
}

function codeOf(line: RawLine): Promise<number> {
  return line.ended().then(({ code }) => code);
}

describe('where a document is', () => {
  test.each([
    ['/yjs/notes', 'default/notes'],
    ['/yjs/default/notes', 'default/notes'],
    ['/yjs/acme/plan', 'acme/plan'],
    ['/yjs/acme%2Fplan', 'acme/plan'],
    ['/yjs/%61cme/plan', 'acme/plan'],
  ])('[YWS11] %s is %s', async (path, id) => {
    const line = await open(`${path}?token=${SECRET}`);
    line.send(STEP_1);
    await until(() => line.received.length > 0, 'the content');
    expect(await server.documents.exists(id as Parameters<typeof server.documents.exists>[0])).toBe(true);
  });

  test.each([
    '/yjs',
    '/yjs/',
    '/yjs//notes',
    '/yjs/acme/',
    '/yjs/%',
    '/yjs/a/b/c',
    '/yjs/.x',
    `/yjs/${'x'.repeat(65)}`,
  ])('[YWS11] %s is nothing', async (path) => {
    const line = await open(`${path}?token=${SECRET}`);
    expect(await codeOf(line)).toBe(4400);
  });
});

describe('who somebody is', () => {
  test.each([
    ['the query', '?token=the-secret-token&x=1', {}],
    ['a header', '', { authorization: `Bearer ${SECRET}` }],
    ['a cookie', '', { cookie: `token=${SECRET}` }],
  ])('[YWS11] is shown by %s', async (_, query, headers) => {
    const line = await open(`/yjs/acme/plan${query}`, headers as Record<string, string>);
    line.send(STEP_1);
    await until(() => line.received.length > 0, 'the content');
  });

  test('[YWS11] is in no log, and a token that is too long is refused', async () => {
    const long = await open(`/yjs/acme/plan?token=${'t'.repeat(9_000)}`);
    expect(await codeOf(long)).toBe(4400);
    const wrong = await open('/yjs/acme/plan?token=wrong-secret');
    expect(await codeOf(wrong)).toBe(4401);
    expect(asked.map(({ token }) => token)).toContain('wrong-secret');
    // Users are called what their tokens are, here.
    const lines = server.log.entries.map(({ fields: { user: _user, ...rest }, message }) => [rest, message]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|token=/);
  });
});

describe('what a client says', () => {
  test('[YWS10] messages of a type that only its application knows change nothing', async () => {
    const line = await joined('acme/odd');
    const before = line.received.length;
    line.send(Uint8Array.of(99, 1, 2, 3), Uint8Array.of(2, 0, 0), Uint8Array.of(4), STEP_1);
    await until(() => line.received.length > before, 'the content again');
    expect(line.closed).toBeUndefined();
  });

  test.each([
    ['nothing', []],
    ['a sync message without a type', [0]],
    ['a sync message of no type', [0, 3, 1, 0]],
    ['bytes that are not there', [0, 2, 100, 1]],
    ['a number without an end', [0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255]],
    ['awareness that is not there', [1, 5, 1]],
    ['a state vector that is none', [0, 0, 3, 9, 9, 9]],
    ['an update that is none', [0, 2, 3, 9, 9, 9]],
    ['an answer that is none', [0, 1, 3, 9, 9, 9]],
  ])('[YWS10] %s ends its session', async (_, bytes) => {
    const line = await joined('acme/bad');
    line.send(Uint8Array.from(bytes));
    expect(await codeOf(line)).toBe(4400);
  });

  test('[YWS10] an update before it has asked for the document makes it begin anew', async () => {
    const line = await open(`/yjs/acme/early?token=${SECRET}`);
    line.send(Uint8Array.of(0, 2, 2, 0, 0));
    expect(await codeOf(line)).toBe(1013);
  });

  test('[YWS10] awareness that does harm harms nobody', async () => {
    const line = await joined('acme/harm');
    const other = await joined('acme/harm');
    const victim = awarenessOf({ user: { name: 'Victim' } }, 9);
    other.send(message([1], ownUpdate(victim)));
    line.send(message([1], encodeStates([[7, 0, '{}']])));
    const seen = new Awareness(new Y.Doc());
    const names = (): string[] => {
      for (const bytes of line.received.splice(0)) {
        const read = readMessage(bytes);
        if (read.type === 'awareness') applyAwarenessUpdate(seen, read.bytes, 'server');
      }
      return [...seen.getStates().values()].flatMap(({ user }) => (user as { name?: string })?.name ?? []);
    };
    await until(() => names().includes('Victim'), 'the victim to be seen');
    // Under the other's number, gone, deep, large, none at all.
    for (const states of [
      encodeStates([[9, 2 ** 50, '{"user":{"name":"Thief"}}']]),
      encodeStates([[9, 2 ** 50, 'null']]),
      encodeStates([[7, 1, `${'['.repeat(50)}${']'.repeat(50)}`]]),
      encodeStates([[7, 2 ** 52, '{}']]),
      Uint8Array.of(255, 255),
    ])
      line.send(message([1], states));
    line.send(Uint8Array.of(3));
    await until(() => line.received.length > 0, 'an answer');
    expect(names()).toEqual(['Victim']);
    expect(line.closed).toBeUndefined();
    seen.destroy();
    victim.destroy();
  });

  test('[YWS4] who asks who is there is told', async () => {
    const [line, other] = [await joined('acme/who'), await joined('acme/who')];
    const somebody = awarenessOf({ user: { name: 'Ann' } }, 9);
    other.send(message([1], ownUpdate(somebody)));
    await until(() => line.received.some(([type]) => type === 1), 'her to be seen');
    line.received.length = 0;
    line.send(Uint8Array.of(3));
    await until(() => line.received.length > 0, 'the answer');
    expect(line.received[0]?.toString()).toContain('Ann');
    somebody.destroy();
  });

  test('[YWS10] whatever comes costs its sender only', async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    const random = seededRandom(seed);
    const auth = { protocol: 1, token: SECRET };
    const writer = await RawClient.joined(server.url, { document: 'acme/fuzz', auth });
    const byte = (): number => between(random, 0, 255);
    const kinds = [
      () => [byte(), byte(), byte()],
      () => [0, between(random, 0, 3), between(random, 0, 30)],
      () => [1, between(random, 0, 30), between(random, 0, 3)],
      () => [0, 2, 6, 1, 1, 7, between(random, 0, 3), 4, 1],
    ];
    for (let round = 0; round < 40; round++) {
      const line = await joined('acme/fuzz');
      for (let nth = 0; nth < 10; nth++) {
        const head = kinds[between(random, 0, kinds.length - 1)]?.() ?? [];
        const tail = Array.from({ length: between(random, 0, 30) }, byte);
        if (line.closed === undefined) line.send(Uint8Array.from([...head, ...tail]));
      }
      expect(await writer.type('.')).toMatchObject({ ok: true });
      line.terminate();
    }
    const fresh = await RawClient.joined(server.url, { document: 'acme/fuzz', auth });
    const again = `SEED=${seed} npx jest tests/server/gateway/y-websocket`;
    expect({ again, text: fresh.text.replaceAll('.', '') }).toEqual({ again, text: '' });
    expect({ again, text: fresh.text }).toEqual({ again, text: writer.text });
    expect({ again, errors: server.log.entries.filter(({ level }) => level === 'error') }).toEqual({
      again,
      errors: [],
    });
    writer.close();
    fresh.close();
  });

  const STANDING = {
    me: ATTACKER.clientId,
    clock: ATTACKER.typed.length,
    other: VICTIM.clientId,
    otherClock: VICTIM.typed.length,
  };
  /** Somebody who may not, in a document in which somebody else is; both have typed something. */
  async function meet(document: string): Promise<{ attacker: RawLine; victim: RawClient }> {
    const auth = { protocol: 1, token: SECRET };
    const victim = await RawClient.connect(server.url, { document, auth });
    victim.doc.clientID = VICTIM.clientId;
    await victim.join();
    await victim.type(VICTIM.typed);
    const attacker = await joined(document);
    const { clientId, typed } = ATTACKER;
    attacker.send(syncMessage(2, buildUpdate([{ client: clientId, clock: 0, structs: [string(typed)] }])));
    await until(() => victim.text.length === `${typed}${VICTIM.typed}`.length, 'both to have typed');
    attacker.received.length = 0;
    return { attacker, victim };
  }

  test('[YWS10] no row of the table of hostile updates gets in: its sender is sent away, or asked for what is missing', async () => {
    const rows = hostileUpdates(STANDING);
    const outcomes = await Promise.all(
      rows.map(async ({ name, update }, at) => {
        const { attacker, victim } = await meet(`hostile/row-${at}`);
        attacker.send(syncMessage(2, update));
        const isAsked = (): boolean => attacker.received.some(([type, step]) => type === 0 && step === 0);
        await until(() => attacker.closed !== undefined || isAsked(), name);
        expect(await victim.type('!')).toMatchObject({ ok: true });
        victim.close();
        return { name, text: [...victim.text].sort().join(''), end: attacker.closed?.code ?? 'asked' };
      }),
    );
    const text = [...ATTACKER.typed, ...VICTIM.typed, '!'].sort().join('');
    expect(outcomes.filter((outcome) => outcome.text !== text)).toEqual([]);
    expect(new Set(outcomes.map(({ end }) => end))).toEqual(new Set([4400, 4413, 4422, 'asked']));
  });
});

function syncMessage(step: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0, step), lengthOf(bytes), bytes]);
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(varUintLength(length));
  writeVarUint(bytes, 0, length);
  return bytes;
}
