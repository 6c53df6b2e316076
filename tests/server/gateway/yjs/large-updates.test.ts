import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { demandOfFew, demandShort, partsOf } from '../../../../server/gateway/yjs/large-updates.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { buildUpdate, gc } from '../../../support/update-builder.js';

const BOUNDS = { maxUpdateBytes: 256 * 1024, maxDeleteRanges: 10_000 };

function ranges(count: number): Uint8Array {
  return buildUpdate(
    [],
    [{ client: 7, ranges: Array.from({ length: count }, (_, i) => [2 * i, 1] as const) }],
  );
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CoscribeError) return error.code;
    throw error;
  }
  return 'taken';
}

test('[YWS13] what is large is cut into parts that make the same document', () => {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'é'.repeat(400_000));
  const update = Y.encodeStateAsUpdate(doc);
  const parts = partsOf(update, BOUNDS);
  expect(parts.length).toBeGreaterThan(2);
  const copy = new Y.Doc();
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(BOUNDS.maxUpdateBytes);
    Y.applyUpdate(copy, part);
  }
  expect(copy.getText('text').toString()).toBe('é'.repeat(400_000));
});

test('[YWS13] what deletes in more places than one update may is cut, too', () => {
  expect(partsOf(ranges(25_000), BOUNDS)).toHaveLength(3);
  const small = ranges(1_000);
  expect(partsOf(small, BOUNDS)).toEqual([small]);
});

test('[YWS13] what would take long to be cut is not', () => {
  const many = buildUpdate([{ client: 7, clock: 0, structs: Array.from({ length: 200_000 }, () => gc(1)) }]);
  expect(many.length).toBeGreaterThan(BOUNDS.maxUpdateBytes);
  expect(codeOf(() => partsOf(many, BOUNDS))).toBe('update-too-large');
  expect(codeOf(() => demandShort(many, BOUNDS))).toBe('update-too-large');
  expect(codeOf(() => demandShort(ranges(90_000), BOUNDS))).toBe('taken');
  // Within the size of one update it is the document's affair.
  const within = buildUpdate([
    { client: 7, clock: 0, structs: Array.from({ length: 100_000 }, () => gc(1)) },
  ]);
  expect(partsOf(within, BOUNDS)).toEqual([within]);
  expect(codeOf(() => partsOf(new Uint8Array(300_000).fill(255), BOUNDS))).toBe('invalid-update');
});

test('[LIMIT11] an update of very many clients is refused before anything is looked up for it', () => {
  const of = (clients: number): Uint8Array =>
    buildUpdate(
      Array.from({ length: clients }, (_, n) => ({ client: clients - n, clock: 0, structs: [gc(1)] })),
    );
  expect(codeOf(() => demandOfFew(of(4_000)))).toBe('taken');
  expect(codeOf(() => demandOfFew(of(6_000)))).toBe('update-too-large');
  // An answer names everybody who ever wrote.
  expect(codeOf(() => demandShort(of(40_000), BOUNDS))).toBe('taken');
});
