import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { type CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import type { ErrorCode } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { docOf, hasPending } from '../support/edit-swarm.js';
import {
  any,
  binary,
  buildUpdate,
  deleted,
  embed,
  format,
  gc,
  item,
  legacyJson,
  type Place,
  ROOT,
  rawString,
  type SectionPlan,
  skip,
  string,
  type,
} from '../support/update-builder.js';

const ME = 7;
const OTHER = 9;
const LIMITS = { maxUpdateBytes: 256 * 1024, maxDeleteRanges: 10_000 };

/** A document of "mine" (client 7) and "others" (client 9). */
const STATE = buildUpdate([
  { client: OTHER, clock: 0, structs: [string('others', { origin: [ME, 3] })] },
  { client: ME, clock: 0, structs: [string('mine')] },
]);

function documentIndex(state: Uint8Array = STATE): DocumentIndex {
  return DocumentIndex.ofState(state);
}

function check(update: Uint8Array, kind: UpdateKind = 'live', index = documentIndex()): CheckedUpdate {
  return checkUpdate(update, { index, kind, clientId: ME, limits: LIMITS });
}

function expectRefused(
  code: ErrorCode,
  update: Uint8Array,
  kinds: readonly UpdateKind[] = ['live', 'catch-up'],
): void {
  for (const kind of kinds) {
    expect(() => check(update, kind)).toThrow(expect.objectContaining({ code }));
  }
}

function mine(...structs: SectionPlan['structs']): Uint8Array {
  return buildUpdate([{ client: ME, clock: 4, structs }]);
}

const AFTER_MINE: Place = { origin: [ME, 3] };

describe('form', () => {
  test('[GATE3] a well-formed update passes', () => {
    const update = buildUpdate(
      [{ client: ME, clock: 4, structs: [string('!', { origin: [OTHER, 5] }), deleted(2, AFTER_MINE)] }],
      [
        {
          client: OTHER,
          ranges: [
            [0, 2],
            [4, 1],
          ],
        },
      ],
    );
    for (const kind of ['live', 'catch-up'] as const) {
      expect(check(update, kind)).toMatchObject({ update, addsStructs: true, deleteRanges: 2, newClock: 7 });
    }
  });

  test('[GATE3] one that only deletes, and one that does nothing, pass', () => {
    const deletes = buildUpdate([], [{ client: OTHER, ranges: [[5, 1]] }]);
    expect(check(deletes)).toMatchObject({ addsStructs: false, deleteRanges: 1, newClock: 4 });
    expect(check(buildUpdate([]))).toMatchObject({ addsStructs: false, deleteRanges: 0, newClock: 4 });
  });

  test('[GATE3] every prefix of a valid update is refused', () => {
    const update = buildUpdate(
      [{ client: ME, clock: 4, structs: [string('é😀', AFTER_MINE), any([{ a: 1 }], AFTER_MINE)] }],
      [{ client: OTHER, ranges: [[0, 2]] }],
    );
    expect(() => check(update)).not.toThrow();
    for (let end = 0; end < update.length; end++) expectRefused('invalid-update', update.subarray(0, end));
  });

  test('[GATE3] 1,000 trailing bytes are refused', () => {
    const update = mine(string('x', AFTER_MINE));
    const longer = new Uint8Array(update.length + 1_000);
    longer.set(update);
    expectRefused('invalid-update', longer);
  });

  test('[GATE3] a client or a client of the delete set without anything is refused', () => {
    expectRefused('invalid-update', mine());
    expectRefused('invalid-update', buildUpdate([], [{ client: OTHER, ranges: [] }]));
  });

  test('[GATE3] numbers beyond what is exact are refused', () => {
    expectRefused('invalid-update', buildUpdate([{ client: ME, clock: 2 ** 31, structs: [gc(1)] }]));
    expectRefused('invalid-update', mine(gc(2 ** 31)));
    expectRefused('invalid-update', Uint8Array.from([...new Array(9).fill(0xff), 1]));
    expectRefused('invalid-update', Uint8Array.from([1, 1, ...new Array(7).fill(0xff), 0x7f, 0, 0, 1, 0]));
  });

  test('[GATE3] text that is not UTF-8, and JSON that is none, are refused', () => {
    for (const bytes of [
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
      [0x80],
    ]) {
      expectRefused('invalid-update', mine(rawString(Uint8Array.from(bytes), AFTER_MINE)));
    }
    expectRefused('invalid-update', mine(embed('{', AFTER_MINE)));
    expectRefused('invalid-update', mine(format('bold', '', AFTER_MINE)));
  });

  test('[GATE3] unknown content, types, values and flags are refused', () => {
    const nothing = (): void => {};
    expectRefused('invalid-update', mine(item(11, AFTER_MINE, nothing)));
    expectRefused('invalid-update', mine(item(31, AFTER_MINE, nothing)));
    expectRefused('invalid-update', mine(type(7, AFTER_MINE)));
    expectRefused('invalid-update', Uint8Array.from([1, 1, ME, 4, 0x88, ME, 3, 1, 99, 0]));
    expectRefused('invalid-update', Uint8Array.from([1, 1, ME, 4, 0x80, 1, 0]));
    expectRefused('invalid-update', Uint8Array.from([1, 1, ME, 4, 0x04, 2, ME, 0, 1, 97, 0]));
  });
});

describe('structs', () => {
  test('[GATE4] structs of another client are refused in a live update', () => {
    const theirs: SectionPlan = { client: OTHER, clock: 6, structs: [string('x', AFTER_MINE)] };
    expectRefused('update-refused', buildUpdate([theirs]), ['live']);
    expectRefused(
      'update-refused',
      buildUpdate([{ client: ME, clock: 4, structs: [string('x', AFTER_MINE)] }, theirs]),
      ['live'],
    );
    expect(check(buildUpdate([theirs]), 'catch-up').added).toMatchObject([{ client: OTHER, from: 6, to: 7 }]);
  });

  test("[GATE4] GC over a victim's next clocks is refused in a live update, over one's own it is honest", () => {
    expectRefused('update-refused', buildUpdate([{ client: OTHER, clock: 6, structs: [gc(5)] }]), ['live']);
    expect(check(mine(gc(5))).newClock).toBe(9);
  });

  test('[GATE4] [GATE1] Yjs itself sends GC for what is made and deleted in one transaction', () => {
    const doc = new Y.Doc();
    doc.clientID = ME;
    let update: Uint8Array = new Uint8Array();
    doc.on('update', (made) => {
      update = made;
    });
    doc.transact(() => {
      const inner = new Y.Text('text');
      doc.getMap('map').set('key', inner);
      doc.getMap('map').delete('key');
    });
    expect(Y.decodeUpdate(update).structs.some((struct) => struct instanceof Y.GC)).toBe(true);
    expect(check(update, 'live', new DocumentIndex()).newClock).toBe(5);
  });

  test('[GATE5] lengths of 0 are refused: GC, ContentDeleted, text, values', () => {
    for (const struct of [gc(0), deleted(0, AFTER_MINE), string('', AFTER_MINE), any([], AFTER_MINE)]) {
      expectRefused('invalid-update', mine(struct));
    }
  });

  test('[GATE5] Skip, subdocuments and legacy JSON are refused', () => {
    expectRefused('update-refused', mine(skip(3)));
    expectRefused('update-refused', mine(legacyJson(['1'], AFTER_MINE)));
    const docs = new Y.Doc();
    docs.getMap('map').set('sub', new Y.Doc());
    expect(() => check(Y.encodeStateAsUpdate(docs), 'catch-up')).toThrow(
      expect.objectContaining({
        code: 'update-refused',
        message: expect.stringMatching(/\(subdocuments\)$/),
      }),
    );
  });

  test('[GATE5] binary, embeds, formats and shared types pass', () => {
    const structs = [
      binary(Uint8Array.of(1), AFTER_MINE),
      embed('{"a":[]}', AFTER_MINE),
      format('b', 'true', AFTER_MINE),
    ];
    expect(check(mine(...structs, type(1, AFTER_MINE))).newClock).toBe(8);
  });

  test('[GATE5] a client that comes twice is refused: Yjs forgets the first', () => {
    const twice = [
      { client: ME, clock: 4, structs: [string('x', AFTER_MINE)] },
      { client: ME, clock: 5, structs: [string('y', AFTER_MINE)] },
    ];
    expectRefused('update-refused', buildUpdate(twice));
  });

  test('[GATE5] clients that do not descend are refused: Y.mergeUpdates loses what they wrote', () => {
    const ascending = buildUpdate([
      { client: ME, clock: 4, structs: [string('x', AFTER_MINE)] },
      { client: 12, clock: 0, structs: [string('y', AFTER_MINE)] },
    ]);
    const next = buildUpdate([{ client: 12, clock: 1, structs: [string('z', { origin: [12, 0] })] }]);
    const separate = docOf(STATE, ascending, next);
    const merged = docOf(STATE, Y.mergeUpdates([ascending, next]));
    expect(hasPending(separate)).toBe(false);
    expect(hasPending(merged)).toBe(true);
    expectRefused('update-refused', ascending, ['catch-up']);
  });

  test('[GATE5] more than one value under a key is refused: Yjs throws when the type around it is deleted', () => {
    const map = type(1, { parent: 'map', sub: 'k' });
    const one = string('a', { parent: [ME, 4], sub: 'k' });
    const two = string('ab', { parent: [ME, 4], sub: 'k' });
    const cut = string('x', { origin: [ME, 5] });
    const gone = buildUpdate([], [{ client: ME, ranges: [[4, 1]] }]);
    expect(() => docOf(STATE, mine(map, two, cut), gone)).toThrow('Unexpected case');

    expect(check(mine(map, one, cut)).newClock).toBe(7);
    expectRefused('update-refused', mine(map, two));
    expectRefused('update-refused', mine(string('ab', { parent: 'map', sub: 'k' })));
    // Beside something under a key is under the key, too, in this update or a later one.
    const beside = any([1, 2], { origin: [ME, 5] });
    expectRefused('update-refused', mine(map, one, beside));
    // An UndoManager keeps values that were overwritten in one transaction; Yjs joins them.
    const section = { client: ME, clock: 4, structs: [map, one, beside, any([3], { origin: [ME, 7] })] };
    for (const kind of ['live', 'catch-up'] as const) {
      expect(check(buildUpdate([section], [{ client: ME, ranges: [[5, 3]] }]), kind).newClock).toBe(9);
    }
    expectRefused('update-refused', buildUpdate([section], [{ client: ME, ranges: [[5, 2]] }]));
    const index = documentIndex();
    index.admit(check(mine(map, one), 'live', index));
    for (const place of [{ origin: [ME, 5] }, { right: [ME, 5] }] as const) {
      const later = buildUpdate([{ client: ME, clock: 6, structs: [string('ab', place)] }]);
      for (const kind of ['live', 'catch-up'] as const) {
        expect(() => check(later, kind, index)).toThrow(expect.objectContaining({ code: 'update-refused' }));
      }
    }
  });

  test('[GATE5] names of root types have up to 128 characters', () => {
    for (const name of ['', 'a', 'é'.repeat(128)])
      expect(check(mine(string('x', { parent: name }))).newClock).toBe(5);
    expectRefused('update-refused', mine(string('x', { parent: 'a'.repeat(129) })));
  });

  test('origins that are crossed pass: no gate can see them, the hash of the text must', () => {
    expect(check(mine(string('x', { origin: [OTHER, 4], right: [OTHER, 1] }))).addsStructs).toBe(true);
  });
});

describe('dependencies', () => {
  test('[GATE6] a gap is answered with missing-dependencies', () => {
    expectRefused(
      'missing-dependencies',
      buildUpdate([{ client: ME, clock: 5, structs: [string('x', AFTER_MINE)] }]),
    );
  });

  test('[GATE6] origins, right origins and parents that are nowhere are answered with missing-dependencies', () => {
    for (const id of [
      [OTHER, 6],
      [12, 0],
    ] as const) {
      for (const place of [{ origin: id }, { right: id }, { parent: id }]) {
        expectRefused('missing-dependencies', mine(string('x', place)));
      }
    }
  });

  test('[GATE6] structs that refer to themselves or to what comes later are refused', () => {
    for (const id of [
      [ME, 4],
      [ME, 5],
      [ME, 99],
    ] as const) {
      for (const place of [{ origin: id }, { right: id }, { parent: id }]) {
        const update = mine(string('x', place), string('y', AFTER_MINE));
        expect(() => check(update)).toThrow(expect.objectContaining({ code: 'update-refused' }));
        expect(() => check(update, 'catch-up')).toThrow(/update|edits/);
      }
    }
  });

  test('[GATE6] a dependency cycle between clients is refused', () => {
    const cycle = buildUpdate([
      { client: OTHER, clock: 6, structs: [string('x', { origin: [ME, 4] })] },
      { client: ME, clock: 4, structs: [string('y', { origin: [OTHER, 6] })] },
    ]);
    expectRefused('update-refused', cycle, ['catch-up']);
    expect(hasPending(docOf(STATE, cycle))).toBe(true);
  });

  test('[GATE6] clients that depend on each other in turn pass, and Yjs integrates them whole', () => {
    const turns = buildUpdate([
      {
        client: OTHER,
        clock: 6,
        structs: [string('a', { origin: [ME, 4] }), string('b', { origin: [ME, 5] })],
      },
      { client: ME, clock: 4, structs: [string('c', AFTER_MINE), string('d', { origin: [OTHER, 6] })] },
    ]);
    expect(check(turns, 'catch-up').newClock).toBe(6);
    expect(hasPending(docOf(STATE, turns))).toBe(false);
  });

  test('[GATE7] delete ranges are in known clocks, ascend and do not overlap', () => {
    const ranges = (...list: [number, number][]): Uint8Array =>
      buildUpdate([], [{ client: OTHER, ranges: list }]);
    expect(check(ranges([0, 1], [1, 5])).deleteRanges).toBe(2);
    expectRefused('invalid-update', ranges([0, 0]));
    expectRefused('update-refused', ranges([2, 1], [0, 1]));
    expectRefused('update-refused', ranges([0, 3], [2, 1]));
    const twice = [
      { client: OTHER, ranges: [[2, 1]] },
      { client: OTHER, ranges: [[0, 1]] },
    ] as const;
    expectRefused('update-refused', buildUpdate([], twice));
  });

  test("[GATE7] deleting a client's future clocks is refused", () => {
    expectRefused('missing-dependencies', buildUpdate([], [{ client: OTHER, ranges: [[6, 1_000_000]] }]));
    expectRefused('missing-dependencies', buildUpdate([], [{ client: OTHER, ranges: [[5, 2]] }]));
    expectRefused('missing-dependencies', buildUpdate([], [{ client: 12, ranges: [[0, 1]] }]));
    const own = [{ client: ME, clock: 4, structs: [string('x', AFTER_MINE)] }];
    expect(check(buildUpdate(own, [{ client: ME, ranges: [[4, 1]] }])).deleteRanges).toBe(1);
    expectRefused('missing-dependencies', buildUpdate(own, [{ client: ME, ranges: [[4, 2]] }]));
  });
});

describe('values', () => {
  test('[GATE8] __proto__ is refused wherever it would become a key', () => {
    const proto = JSON.parse('{"a":{"__proto__":{"admin":true}}}');
    const hostile = [
      string('x', { parent: '__proto__' }),
      any([1], { ...ROOT, sub: '__proto__' }),
      any([proto], AFTER_MINE),
      any([1, [[proto]]], AFTER_MINE),
      embed('{"a":[{"__proto__":1}]}', AFTER_MINE),
      embed('{"__pro\\u0074o__":1}', AFTER_MINE),
      format('__proto__', 'true', AFTER_MINE),
      format('link', '{"__proto__":{}}', AFTER_MINE),
    ];
    for (const struct of hostile) expectRefused('update-refused', mine(struct));
    expect(check(mine(any(['__proto__'], AFTER_MINE), embed('"__proto__"', AFTER_MINE))).newClock).toBe(6);
  });

  test('[GATE9] values nest 32 deep', () => {
    const nest = (depth: number, leaf: unknown = 1): unknown =>
      depth === 0 ? leaf : nest(depth - 1, [leaf]);
    const json = (depth: number): string => '{"a":'.repeat(depth) + 1 + '}'.repeat(depth);
    const brackets = embed(JSON.stringify('"[{\\"'.repeat(20)), AFTER_MINE);
    expect(check(mine(any([nest(32)], AFTER_MINE), embed(json(32), AFTER_MINE), brackets)).newClock).toBe(7);
    expectRefused('update-refused', mine(any([1, nest(33)], AFTER_MINE)));
    expectRefused('update-refused', mine(embed(json(33), AFTER_MINE)));
    expectRefused('update-refused', mine(format('a', json(33), AFTER_MINE)));
  });

  test('[GATE9] shared types nest 64 deep, in one update or over many', () => {
    const chain = (length: number): SectionPlan['structs'] =>
      Array.from({ length }, (_, i) => type(1, { parent: i === 0 ? 'map' : [ME, 3 + i], sub: 'k' }));
    expect(check(mine(...chain(65))).newClock).toBe(69);
    expectRefused('update-refused', mine(...chain(66)));

    const index = documentIndex();
    for (let clock = 4; clock < 69; clock++) {
      const place: Place = { parent: clock === 4 ? 'map' : [ME, clock - 1], sub: 'k' };
      index.admit(check(buildUpdate([{ client: ME, clock, structs: [type(1, place)] }]), 'live', index));
    }
    const last: Place = { parent: [ME, 68] };
    const beside: Place = { origin: [ME, 68] };
    for (const kind of ['live', 'catch-up'] as const) {
      const at = (place: Place): Uint8Array =>
        buildUpdate([{ client: ME, clock: 69, structs: [string('x', place)] }]);
      expect(() => check(at(last), kind, index)).toThrow(expect.objectContaining({ code: 'update-refused' }));
      expect(check(at(beside), kind, index).newClock).toBe(70);
    }
  });
});

describe('what the document has already', () => {
  test('[GATE11] a resend adds nothing', () => {
    const update = mine(string('x', AFTER_MINE));
    const index = documentIndex();
    index.admit(check(update, 'live', index));
    for (const kind of ['live', 'catch-up'] as const) {
      expect(check(update, kind, index)).toMatchObject({ added: [], addsStructs: false, newClock: 5 });
    }
  });

  test.each([
    ['text', string('ab', AFTER_MINE), string('ab😀c', AFTER_MINE), 2, 3],
    ['text up to a surrogate pair', string('ab😀', AFTER_MINE), string('ab😀c', AFTER_MINE), 4, 1],
    [
      'text with a right origin',
      string('é', { right: [OTHER, 0] }),
      string('é漢', { right: [OTHER, 0] }),
      1,
      1,
    ],
    ['text without origins', string('a'), string('ab'), 1, 1],
    ['values', any([1, { a: [2] }], AFTER_MINE), any([1, { a: [2] }, 'x', null], AFTER_MINE), 2, 2],
    ['deleted content', deleted(2, AFTER_MINE), deleted(5, AFTER_MINE), 2, 3],
    ['GC', gc(2), gc(5), 2, 3],
  ])('[GATE11] of a struct known in part the rest is taken: %s', (_name, first, whole, known, rest) => {
    const index = documentIndex();
    index.admit(check(mine(first), 'live', index));
    const deletes = [{ client: OTHER, ranges: [[1, 2]] }] as const;
    const update = buildUpdate(
      [{ client: ME, clock: 4, structs: [whole, string('!', AFTER_MINE)] }],
      deletes,
    );
    for (const kind of ['live', 'catch-up'] as const) {
      const checked = check(update, kind, index);
      expect(checked.added).toMatchObject([{ client: ME, from: 4 + known, to: 4 + known + rest + 1 }]);
      expect(checked.deleteRanges).toBe(1);
      const both = docOf(STATE, mine(first), checked.update);
      expect(Y.encodeStateAsUpdate(both)).toEqual(Y.encodeStateAsUpdate(docOf(STATE, update)));
    }
  });

  test('[GATE11] where a surrogate pair was cut, each half is U+FFFD, as in Yjs', () => {
    const index = documentIndex();
    const half = mine(string('a\ufffd', AFTER_MINE));
    index.admit(check(half, 'live', index));
    const { update } = check(mine(string('a😀b', AFTER_MINE)), 'live', index);
    expect(docOf(STATE, half, update).getText('text').toString()).toBe('minea\ufffd\ufffdbothers');
  });

  test('[GATE11] [GATE2] content over clocks that its sender gave away as GC: Yjs alone throws', () => {
    const index = documentIndex();
    const given = mine(gc(2));
    index.admit(check(given, 'live', index));
    const again = mine(string('abcd'));
    expect(() => docOf(STATE, given, again)).toThrow(TypeError);
    const checked = check(again, 'live', index);
    index.admit(checked);
    expect(Y.encodeStateVector(docOf(STATE, given, checked.update))).toEqual(index.stateVector());
  });

  test('[GATE12] checking changes nothing, and what was checked against another state is not admitted', () => {
    const index = documentIndex();
    const before = index.encode();
    const checked = check(mine(string('x', AFTER_MINE)), 'live', index);
    expect(index.encode()).toEqual(before);
    index.admit(checked);
    const after = index.encode();
    expect(() => index.admit(checked)).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(index.encode()).toEqual(after);
  });
});

describe('limits', () => {
  test('[GATE13] bytes, delete ranges and new clients beyond the limits are update-too-large', () => {
    expectRefused('update-too-large', mine(string('x'.repeat(256 * 1024), AFTER_MINE)));
    const ranges = Array.from({ length: 3 }, (_, i) => [2 * i, 1] as const);
    const three = buildUpdate([], [{ client: OTHER, ranges }]);
    const limits = { ...LIMITS, maxDeleteRanges: 2 };
    expect(() => checkUpdate(three, { index: documentIndex(), kind: 'live', clientId: ME, limits })).toThrow(
      expect.objectContaining({ code: 'update-too-large' }),
    );
    const clients = (count: number): Uint8Array =>
      buildUpdate(
        Array.from({ length: count }, (_, i) => ({ client: 2_000 - i, clock: 0, structs: [gc(1)] })),
      );
    expect(check(clients(1_000), 'catch-up').added).toHaveLength(1_000);
    expectRefused('update-too-large', clients(1_001), ['catch-up']);
  });
});
