import type { ErrorCode } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import {
  any,
  buildUpdate,
  type DeletesPlan,
  deleted,
  embed,
  gc,
  type Place,
  rawString,
  string,
  type,
} from './update-builder.js';

export interface HostileUpdate {
  readonly name: string;
  readonly kind: UpdateKind;
  readonly update: Uint8Array;
  readonly code: ErrorCode;
}

/** Where the sender and somebody else stand in the document's text; each has typed something. */
export interface Standing {
  readonly me: number;
  /** Next clock of the sender. */
  readonly clock: number;
  readonly other: number;
  readonly otherClock: number;
}

/** What a client can send to do harm, and the code with which it is refused. */
export function hostileUpdates({ me, clock, other, otherClock }: Standing): HostileUpdate[] {
  const after: Place = { origin: [me, clock - 1] };
  const mine = (...structs: ReturnType<typeof string>[]): Uint8Array =>
    buildUpdate([{ client: me, clock, structs }]);
  const theirs = (...structs: ReturnType<typeof string>[]): Uint8Array =>
    buildUpdate([{ client: other, clock: otherClock, structs }]);
  const deletes = (client: number, ...ranges: DeletesPlan['ranges'][number][]): Uint8Array =>
    buildUpdate([], [{ client, ranges }]);
  const strangers = (count: number, from: number): Uint8Array =>
    buildUpdate(
      Array.from({ length: count }, (_, i) => ({ client: 2_000_000 - i, clock: from, structs: [gc(1)] })),
    );
  const maps = Array.from({ length: 5_000 }, (_, i) =>
    type(1, { parent: i === 0 ? 'map' : [me, clock + i - 1], sub: 'k' }),
  );
  const valid = mine(string('é😀', after));
  const trailing = new Uint8Array(valid.length + 1_000);
  trailing.set(valid);
  const proto: unknown = JSON.parse('{"__proto__":{"admin":true}}');

  const live = (name: string, code: ErrorCode, update: Uint8Array): HostileUpdate => ({
    name,
    kind: 'live',
    update,
    code,
  });
  const late = (name: string, code: ErrorCode, update: Uint8Array): HostileUpdate => ({
    name,
    kind: 'catch-up',
    update,
    code,
  });
  return [
    ...Array.from(valid.keys(), (end) =>
      live(`the first ${end} bytes of an update`, 'invalid-update', valid.slice(0, end)),
    ),
    live('1,000 trailing bytes', 'invalid-update', trailing),
    live(
      '2^25 structs announced',
      'invalid-update',
      buildUpdate([{ client: me, clock, structs: [], announced: 2 ** 25 }]),
    ),
    live('GC of length 0', 'invalid-update', mine(gc(0))),
    live('deleted content of length 0', 'invalid-update', mine(deleted(0, after))),
    live('text that is not UTF-8', 'invalid-update', mine(rawString(Uint8Array.of(0xff), after))),
    live('an embed that is no JSON', 'invalid-update', mine(embed('{', after))),
    live("a delete range on somebody's future", 'missing-dependencies', deletes(other, [otherClock, 1_000])),
    late("a delete range on somebody's future", 'missing-dependencies', deletes(other, [otherClock, 1_000])),
    live("GC over somebody's next clocks", 'update-refused', theirs(gc(50))),
    live("text under somebody's clientID", 'update-refused', theirs(string('x', after))),
    live('a struct that refers to itself', 'update-refused', mine(string('x', { origin: [me, clock] }))),
    late(
      'structs that wait for each other',
      'update-refused',
      buildUpdate(
        [
          { client: other, clock: otherClock, structs: [string('x', { origin: [me, clock] })] },
          { client: me, clock, structs: [string('y', { origin: [other, otherClock] })] },
        ].sort((a, b) => b.client - a.client),
      ),
    ),
    live(
      'an origin that is nowhere',
      'missing-dependencies',
      mine(string('x', { origin: [other, otherClock] })),
    ),
    live(
      'a gap',
      'missing-dependencies',
      buildUpdate([{ client: me, clock: clock + 1, structs: [string('x', after)] }]),
    ),
    late('1,000 clients with gaps', 'missing-dependencies', strangers(1_000, 5)),
    late('25,000 clients with gaps', 'missing-dependencies', strangers(25_000, 5)),
    late('1,001 new clients', 'update-too-large', strangers(1_001, 0)),
    late('25,000 new clients', 'update-too-large', strangers(25_000, 0)),
    live('5,000 nested maps', 'update-refused', mine(...maps)),
    live(
      '10,000 descending deletes',
      'update-refused',
      deletes(
        other,
        ...Array.from({ length: 10_000 }, (_, i) => [20_000 - 2 * i, 1] as const).map(
          ([at, length]) => [at % otherClock, length] as const,
        ),
      ),
    ),
    live(
      '100,000 delete ranges',
      'update-too-large',
      deletes(other, ...Array.from({ length: 100_000 }, () => [0, 1] as const)),
    ),
    live('__proto__ as a key', 'update-refused', mine(any([1], { parent: 'map', sub: '__proto__' }))),
    live('__proto__ in a value', 'update-refused', mine(any([proto], after))),
    live('__proto__ as a root type', 'update-refused', mine(string('x', { parent: '__proto__' }))),
  ];
}
