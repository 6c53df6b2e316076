import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UpdateKind } from '../../shared/protocol.js';
import { ATTACKER, PRESENCE, VICTIM } from '../support/hostile-attacks.js';
import { type HostileUpdate, hostileUpdates } from '../support/hostile-updates.js';
import { MeasuredServer } from '../support/measured-server.js';
import { until } from '../support/until.js';
import { buildUpdate, string } from '../support/update-builder.js';
import { GATEWAYS, type Gateway, type WireClient } from './gateways.js';

const MAX_TURN_MS = 100;
const MAX_RESIDENT_MB = 64;
/** A first run compiles code, and any may meet a collection of garbage. */
const ATTEMPTS = 3;
/** In milliseconds: a table has a hundred rows, and each is sent, answered and measured. */
const TABLE_TIMEOUT_MS = 120_000;
/** A log of so many rows is merged. */
const ROWS_TO_MERGE = 600;
const KINDS: readonly UpdateKind[] = ['live', 'catch-up'];
/** With which an update is refused that is not the kind it is said to be, or is sent to a document without what it needs. */
const REFUSALS = ['invalid-update', 'missing-dependencies', 'update-refused', 'update-too-large'];

const server = new MeasuredServer();
let documents = 0;

beforeAll(() => server.start());
afterAll(() => server.remove());

/** Where both stand once they have typed. */
const STANDING = {
  me: ATTACKER.clientId,
  clock: ATTACKER.typed.length,
  other: VICTIM.clientId,
  otherClock: VICTIM.typed.length,
};

interface Pair {
  readonly document: string;
  readonly attacker: WireClient;
  readonly neighbour: WireClient;
}

async function meet(gateway: Gateway): Promise<Pair> {
  const document = `hostile/${++documents}`;
  const attacker = await gateway.join(server.url, document, ATTACKER.clientId);
  const neighbour = await gateway.join(server.url, document, VICTIM.clientId);
  return { document, attacker, neighbour };
}

/** Whether everybody, and whoever comes now, is shown the same. */
async function expectAgreement(gateway: Gateway, { document, attacker, neighbour }: Pair): Promise<string> {
  const fresh = await gateway.join(server.url, document, 11);
  await until(() => [attacker, neighbour].every(({ text }) => text === fresh.text), 'equal texts');
  await fresh.close();
  return fresh.text;
}

async function closeAll(...clients: readonly WireClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
}

/** What somebody does costs the server little: what costs too much costs it each time. */
async function expectCheap(run: () => Promise<void>): Promise<void> {
  const excesses: object[] = [];
  for (let nth = 0; nth < ATTEMPTS; nth++) {
    const cost = await server.measure(run);
    if (cost.turnMs <= MAX_TURN_MS && cost.residentMb <= MAX_RESIDENT_MB) return;
    excesses.push(cost);
  }
  expect(excesses).toEqual([]);
}

describe.each(GATEWAYS)('$name', (gateway) => {
  async function expectRefused(pair: Pair, row: HostileUpdate, kind: UpdateKind, isFilled: boolean) {
    const codes = await pair.attacker.send(row.update, kind);
    const expected = isFilled && kind === row.kind ? [row.code] : REFUSALS;
    expect({ row: row.name, kind, codes }).toEqual({ row: row.name, kind, codes: [expect.any(String)] });
    expect({ row: row.name, kind, code: codes?.[0], of: expected }).toEqual({
      row: row.name,
      kind,
      code: expected.find((code) => code === codes?.[0]),
      of: expected,
    });
  }

  test.each(KINDS)(
    '[HOST2] each row of the table, %s, in a document that others work in',
    async (kind) => {
      const pair = await meet(gateway);
      const { attacker, neighbour, document } = pair;
      // Not the one whose next edits are aimed at: there must be none yet.
      const typist = await gateway.join(server.url, document, 10);
      try {
        expect(await attacker.type(ATTACKER.typed)).toBe(true);
        await until(() => neighbour.text === ATTACKER.typed, 'the text');
        expect(await neighbour.type(VICTIM.typed)).toBe(true);
        for (const row of hostileUpdates(STANDING)) {
          await expectCheap(() => expectRefused(pair, row, kind, true));
          // Nothing that was not typed is there, and whoever types on is served.
          expect(await typist.type('!')).toBe(true);
        }
        expect(await neighbour.type('?')).toBe(true);
        const text = await expectAgreement(gateway, pair);
        expect(typist.text).toBe(text);
        expect(text.replaceAll('!', '')).toBe(`${ATTACKER.typed}${VICTIM.typed}?`);
        // The store opens again with all of it.
        await closeAll(attacker, neighbour, typist);
        await server.stop();
        await server.start();
        const fresh = await gateway.join(server.url, document, 12);
        expect(fresh.text).toBe(text);
        await fresh.close();
      } finally {
        await closeAll(attacker, neighbour, typist);
      }
    },
    TABLE_TIMEOUT_MS,
  );

  test.each(KINDS)('[HOST2] each row of the table, %s, in an empty document', async (kind) => {
    // Their beginnings are refused the same way each time: a part of them does.
    const rows = hostileUpdates(STANDING).filter(
      ({ name }, at) => at % 7 === 0 || !name.startsWith('the first'),
    );
    for (const row of rows) {
      const pair = await meet(gateway);
      await expectRefused(pair, row, kind, false);
      expect(await pair.neighbour.type('here')).toBe(true);
      expect(await expectAgreement(gateway, pair)).toBe('here');
      await closeAll(pair.attacker, pair.neighbour);
    }
  });

  test('[HOST2] crossed origins, which no gate can see: whoever is there or comes later is shown the same', async () => {
    const pair = await meet(gateway);
    const { attacker, neighbour, document } = pair;
    const second = await gateway.join(server.url, document, 10);
    expect(await neighbour.type('abcdef')).toBe(true);
    const crossed = (client: number, origin: number, right: number): Uint8Array => {
      const { clientId } = VICTIM;
      const place = { origin: [clientId, origin], right: [clientId, right] } as const;
      return buildUpdate([{ client, clock: 0, structs: [string('x', place)] }]);
    };
    expect(await attacker.send(crossed(ATTACKER.clientId, 4, 1), 'live')).toBeUndefined();
    expect(await second.send(crossed(10, 1, 2), 'live')).toBeUndefined();
    // Whoever sends such a thing has not got it himself.
    await expectAgreement(gateway, { document, attacker: neighbour, neighbour });
    // So many that the log is to be merged, which would show another text.
    const typed = await Promise.all(Array.from({ length: ROWS_TO_MERGE }, () => neighbour.type('.')));
    expect(typed.every((taken) => taken)).toBe(true);
    const text = await expectAgreement(gateway, { document, attacker: neighbour, neighbour });
    expect(text).toHaveLength('abcdefxx'.length + ROWS_TO_MERGE);
    await closeAll(attacker, neighbour, second);
    await server.idle();
    await server.stop();
    await server.start();
    const fresh = await gateway.join(server.url, document, 12);
    expect(fresh.text).toBe(text);
    await fresh.close();
  });

  test.each(PRESENCE)('[HOST2] presence that does harm: %s', async (_, update) => {
    const pair = await meet(gateway);
    await expectCheap(async () => {
      expect(await pair.attacker.sendAwareness(update)).toEqual(['awareness-refused']);
    });
    expect(await pair.neighbour.type('here')).toBe(true);
    expect(await expectAgreement(gateway, pair)).toBe('here');
    await closeAll(pair.attacker, pair.neighbour);
  });
});
