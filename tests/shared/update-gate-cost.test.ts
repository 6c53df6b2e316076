import { describe, expect, test } from '@jest/globals';
import * as encoding from 'lib0/encoding';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { buildUpdate, embed, gc, item, type SectionPlan, string, type } from '../support/update-builder.js';

const ME = 7;
/** So that it is not the size that refuses them. */
const LIMITS = { maxUpdateBytes: 16 * 2 ** 20, maxDeleteRanges: 10_000 };
const FORM = 'invalid-update';
const REFUSED = 'update-refused';
const SPLIT = 'update-too-large';
const MISSING = 'missing-dependencies';

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function outcome(update: Uint8Array, kind: UpdateKind, index: DocumentIndex): string {
  try {
    checkUpdate(update, { index, kind, clientId: ME, limits: LIMITS });
    return 'passed';
  } catch (error) {
    if (error instanceof CoscribeError) return error.code;
    throw error;
  }
}

/**
 * Milliseconds and bytes that something takes. Of the processor, so that other processes make no difference; the best
 * of five, because the first runs are compiled.
 */
function cost(run: () => void): { ms: number; bytes: number } {
  const runs = range(5, () => {
    const before = process.memoryUsage();
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    const after = process.memoryUsage();
    const bytes = after.heapUsed + after.external - before.heapUsed - before.external;
    return { ms: (user + system) / 1_000, bytes };
  });
  return { ms: Math.min(...runs.map(({ ms }) => ms)), bytes: Math.min(...runs.map(({ bytes }) => bytes)) };
}

function expectCheap(run: () => void): void {
  const { ms, bytes } = cost(run);
  // On an idle machine it is a third of that; a shared core makes it dearer.
  expect(ms).toBeLessThan(100);
  expect(bytes).toBeLessThan(64 * 2 ** 20);
}

function mine(...structs: SectionPlan['structs']): Uint8Array {
  return buildUpdate([{ client: ME, clock: 0, structs }]);
}

function deepValue(depth: number): SectionPlan['structs'][number] {
  return item(8, { parent: 'a' }, (encoder) => {
    encoding.writeVarUint(encoder, 1);
    for (let i = 0; i < depth; i++) encoding.writeUint8Array(encoder, Uint8Array.of(117, 1));
    encoding.writeAny(encoder, null);
  });
}

const manyDeletes = range(100_000, (i) => [199_999 - 2 * i, 1] as const);
const longText = { client: ME, clock: 0, structs: [string('x'.repeat(200_000))] };

/** Update, and what a live and a catch-up check say to it. */
const HOSTILE: readonly (readonly [name: string, update: Uint8Array, live: string, catchUp: string])[] = [
  ['numStructs = 2^25', buildUpdate([{ client: ME, clock: 0, structs: [], announced: 2 ** 25 }]), FORM, FORM],
  ['2^25 clients announced', Uint8Array.of(0x80, 0x80, 0x80, 0x10, 0), FORM, FORM],
  [
    '2^40 values announced',
    mine(item(8, { parent: 'a' }, (e) => encoding.writeVarUint(e, 2 ** 40))),
    FORM,
    FORM,
  ],
  [
    '40,000 clients with gaps',
    buildUpdate(range(40_000, (i) => ({ client: 200_000 - i, clock: 1, structs: [string('x')] }))),
    REFUSED,
    MISSING,
  ],
  [
    '100,000 client ids',
    buildUpdate(range(100_000, (i) => ({ client: 200_000 - i, clock: 0, structs: [gc(1)] }))),
    REFUSED,
    SPLIT,
  ],
  [
    '5,000 nested Y.Maps',
    mine(...range(5_000, (i) => type(1, { parent: i === 0 ? 'map' : [ME, i - 1], sub: 'k' }))),
    REFUSED,
    REFUSED,
  ],
  [
    '100,000 descending deletes',
    buildUpdate([longText], [{ client: ME, ranges: manyDeletes }]),
    SPLIT,
    SPLIT,
  ],
  [
    '100,000 descending deletes, one per client of the delete set',
    buildUpdate(
      [longText],
      manyDeletes.map((one) => ({ client: ME, ranges: [one] })),
    ),
    SPLIT,
    SPLIT,
  ],
  ['a value nested 120,000 deep', mine(deepValue(120_000)), REFUSED, REFUSED],
  [
    'JSON nested 120,000 deep',
    mine(embed('['.repeat(120_000) + ']'.repeat(120_000), { parent: 'a' })),
    REFUSED,
    REFUSED,
  ],
];

describe('what hostile updates cost', () => {
  test.each(HOSTILE)('[GATE10] %s: refused in milliseconds', (_name, update, live, catchUp) => {
    const index = new DocumentIndex();
    for (const [kind, code] of [
      ['live', live],
      ['catch-up', catchUp],
    ] as const) {
      expect(outcome(update, kind, index)).toBe(code);
      expectCheap(() => outcome(update, kind, index));
    }
  });

  test('[GATE10] 2,000 updates with gaps: refused in milliseconds', () => {
    const index = new DocumentIndex();
    const gaps = range(2_000, (i) => buildUpdate([{ client: ME, clock: 1 + 2 * i, structs: [gc(1)] }]));
    for (const kind of ['live', 'catch-up'] as const) {
      expectCheap(() => {
        if (gaps.some((gap) => outcome(gap, kind, index) !== MISSING)) throw new Error('one was not refused');
      });
    }
  });

  test('[GATE10] 900 clients, each struct of which waits for one of another, cost time in proportion', () => {
    // Each client's nth struct stands on the next client's nth: a walk 900 deep for every row.
    const clients = range(900, (i) => ({
      client: 1_000 - i,
      clock: 0,
      structs: range(30, (n) => (i === 899 ? gc(1) : string('x', { origin: [999 - i, n] }))),
    }));
    const update = buildUpdate(clients);
    expect(outcome(update, 'catch-up', new DocumentIndex())).toBe('passed');
    expectCheap(() => outcome(update, 'catch-up', new DocumentIndex()));
  });

  test('[GATE10] a resend by 10,000 clients that are known costs time in proportion', () => {
    const update = buildUpdate(range(10_000, (i) => ({ client: 50_000 - i, clock: 0, structs: [gc(2)] })));
    const index = DocumentIndex.ofState(update);
    expect(outcome(update, 'catch-up', index)).toBe('passed');
    expectCheap(() => outcome(update, 'catch-up', index));
  });
});
