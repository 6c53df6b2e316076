import * as encoding from 'lib0/encoding';
import type { UpdateKind } from '../../shared/protocol.js';
import { hostileUpdates, type Standing } from './hostile-updates.js';
import type { RawClient, TransportName } from './raw-client.js';
import { buildUpdate, gc, type SectionPlan, string, type } from './update-builder.js';

/** Somebody who means harm, in a document in which somebody else is too. */
export interface Scene {
  readonly attacker: RawClient;
  readonly document: string;
}

export interface Attack {
  readonly name: string;
  readonly transport?: TransportName;
  /** Much of it is admitted: a worker thread merges it in its own time, and in memory of its own. */
  readonly admitted?: boolean;
  /** Fulfils when the server has answered everything, or has ended the connection. */
  run(scene: Scene): Promise<unknown>;
}

/** What both have typed when an attack begins, each under its clientID. */
export const ATTACKER = { clientId: 7, typed: 'mine' } as const;
export const VICTIM = { clientId: 9, typed: 'others' } as const;

const me = ATTACKER.clientId;
const clock = ATTACKER.typed.length;
const other = VICTIM.clientId;
const otherClock = VICTIM.typed.length;
const STANDING: Standing = { me, clock, other, otherClock };

/** The largest update that a server takes by default, in bytes. */
const MAX_UPDATE_BYTES = 262_144;
const KINDS: readonly UpdateKind[] = ['live', 'catch-up'];

export function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Fulfils when there is an answer, or when the server has ended the connection, as it does with what is too large. */
export function orClosed(client: RawClient, ask: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    client.socket.once('disconnect', resolve);
    ask().then(resolve, resolve);
  });
}

/** Updates that are sent without waiting for answers. */
function burst(
  name: string,
  kind: UpdateKind,
  make: () => readonly Uint8Array[],
  how: Pick<Attack, 'transport' | 'admitted'> = {},
): Attack {
  let made: readonly Uint8Array[] | undefined;
  return {
    name: `${name}, ${kind}, over ${how.transport ?? 'websocket'}`,
    ...how,
    run: ({ attacker }) => {
      made ??= make();
      return Promise.all(made.map((update) => orClosed(attacker, () => attacker.update(update, kind))));
    },
  };
}

function mine(structs: SectionPlan['structs']): Uint8Array {
  return buildUpdate([{ client: me, clock, structs }]);
}

function strangers(count: number, from: number): Uint8Array {
  return buildUpdate(range(count, (i) => ({ client: 200_000 - i, clock: from, structs: [gc(1)] })));
}

function descendingDeletes(count: number): Uint8Array {
  const ranges = range(count, (i) => [2 * (count - i), 1] as const);
  return buildUpdate([{ client: me, clock, structs: [gc(2 * count + 2)] }], [{ client: me, ranges }]);
}

function nestedMaps(count: number): Uint8Array {
  return mine(range(count, (i) => type(1, { parent: i === 0 ? 'map' : [me, clock + i - 1], sub: 'k' })));
}

/** With the largest number with which it still fits. */
function largest(make: (count: number) => Uint8Array): Uint8Array {
  let low = 1;
  for (let high = MAX_UPDATE_BYTES; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if (make(middle).length <= MAX_UPDATE_BYTES) low = middle;
    else high = middle - 1;
  }
  return make(low);
}

const SINGLE: readonly (readonly [name: string, make: () => Uint8Array])[] = [
  ['40,000 clients with gaps', () => strangers(40_000, 5)],
  ['as many clients with gaps as fit', () => largest((count) => strangers(count, 5))],
  ['100,000 client ids', () => strangers(100_000, 0)],
  ['as many client ids as fit', () => largest((count) => strangers(count, 0))],
  ['as many nested maps as fit', () => largest(nestedMaps)],
  ['100,000 descending deletes', () => descendingDeletes(100_000)],
  ['as many descending deletes as fit', () => largest(descendingDeletes)],
  ['as many structs as fit', () => largest((count) => mine(range(count, () => gc(1))))],
  ['as many letters as fit', () => largest((count) => mine(range(count, () => string('x'))))],
];

/** One update, or what belongs together, at a time. */
function singleUpdates(kind: UpdateKind): Attack[] {
  const updates = hostileUpdates(STANDING);
  const isPrefix = ({ name }: { name: string }): boolean => name.startsWith('the first ');
  const byName = new Map(updates.filter((one) => !isPrefix(one)).map(({ name, update }) => [name, update]));
  return [
    burst('every prefix of an update', kind, () => updates.filter(isPrefix).map(({ update }) => update)),
    ...Array.from(byName, ([name, update]) => burst(name, kind, () => [update])),
    ...SINGLE.map(([name, make]) => burst(name, kind, () => [make()])),
  ];
}

function everyBitFlipped(): Uint8Array[] {
  const structs = [string('text of a hundred bytes '.repeat(4)), string('é😀', { origin: [other, 1] })];
  const ranges = [0, 4].map((at) => [at, 2] as const);
  const valid = buildUpdate([{ client: me, clock, structs }], [{ client: other, ranges }]);
  return range(8 * valid.length, (bit) => {
    const flipped = valid.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return flipped;
  });
}

function gaps(count: number): Uint8Array[] {
  return range(count, (i) => buildUpdate([{ client: me, clock: clock + 1 + 2 * i, structs: [string('x')] }]));
}

/** So many updates of 1,000 clients each. */
function clientsInParts(count: number): Uint8Array[] {
  return range(count, (part) =>
    buildUpdate(range(1_000, (i) => ({ client: 1_000_000 - 1_000 * part - i, clock: 0, structs: [gc(1)] }))),
  );
}

function largeUpdates(count: number): Uint8Array[] {
  const structs = range(125_000, () => gc(1));
  return range(count, (i) => buildUpdate([{ client: me, clock: clock + i * structs.length, structs }]));
}

function bursts(kind: UpdateKind, transport: TransportName): Attack[] {
  return [
    burst('every bit flipped', kind, everyBitFlipped, { transport }),
    burst('2,000 updates with gaps', kind, () => gaps(2_000), { transport }),
    burst('5,000 updates with gaps', kind, () => gaps(5_000), { transport }),
    burst('1,000 times what is no update', kind, () => range(1_000, () => Uint8Array.of(1)), { transport }),
  ];
}

function presence(client: number, at: number, json: string): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, at);
  encoding.writeVarString(encoder, json);
  return encoding.toUint8Array(encoder);
}

export const PRESENCE: readonly (readonly [name: string, update: Uint8Array])[] = [
  ["somebody else's", presence(other, 1, '{}')],
  ['null for somebody else at the last clock', presence(other, 2 ** 53 - 1, 'null')],
  ['null at the last clock', presence(me, 2 ** 53 - 1, 'null')],
  ['8,000 deep', presence(me, 1, '['.repeat(8_000) + ']'.repeat(8_000))],
  ['as deep as fits', presence(me, 1, '['.repeat(500) + ']'.repeat(500))],
  ['none at all', Uint8Array.of(255, 255, 255, 255)],
];

function presenceAttacks(times: number): Attack[] {
  return PRESENCE.map(([name, update]) => ({
    name: `awareness, ${times} times: ${name}`,
    run: async ({ attacker }) => {
      // It is looked at once per tick, after what else has come is answered.
      const refused = attacker.next('refused');
      for (let i = 0; i < times; i++) attacker.socket.emit('awareness', update);
      await refused;
      await attacker.settled();
    },
  }));
}

export const ONE_AT_A_TIME: readonly Attack[] = [...KINDS.flatMap(singleUpdates), ...presenceAttacks(1)];

export const MANY_AT_ONCE: readonly Attack[] = [
  ...KINDS.flatMap((kind) => bursts(kind, 'websocket')),
  ...KINDS.flatMap((kind) => bursts(kind, 'polling')),
  ...KINDS.map((kind) => burst('12 large updates', kind, () => largeUpdates(12), { admitted: true })),
  burst('100,000 client ids in parts', 'catch-up', () => clientsInParts(100), { admitted: true }),
  ...presenceAttacks(1_000),
];
