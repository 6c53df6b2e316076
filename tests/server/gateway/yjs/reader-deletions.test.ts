import { expect, test } from '@jest/globals';
import { Broadcast } from '../../../../server/documents/broadcast.js';
import { onlyDeletes, ReaderDeletions } from '../../../../server/gateway/yjs/reader-deletions.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { encodeFrame } from '../../../../shared/frames.js';
import { UpdateWriter } from '../../../../shared/struct-writer.js';

type Range = readonly [clock: number, length: number];

/** An update of client 7 that deletes, and nothing else. */
function deleting(...ranges: readonly Range[]): Uint8Array {
  const writer = new UpdateWriter();
  for (const [clock, length] of ranges) writer.addRange(7, clock, length);
  return writer.encode();
}

function frame(...updates: readonly Uint8Array[]): Broadcast {
  return new Broadcast(encodeFrame({ from: 1, updates }));
}

function setUp() {
  const deletions = new ReaderDeletions();
  const settled: string[] = [];
  const take = (...ranges: readonly Range[]): void =>
    deletions.take(deleting(...ranges), (outcome) =>
      settled.push(outcome instanceof CoscribeError ? outcome.code : outcome),
    );
  return { deletions, settled, take };
}

test('[PEER10] what a reader deletes counts once all of it is deleted by somebody else, before or after', () => {
  const { deletions, settled, take } = setUp();
  deletions.sent(frame(deleting([0, 2])));
  take([1, 1]);
  expect(settled).toEqual(['in the document']);
  take([1, 3], [10, 1]);
  deletions.sent(frame(deleting([2, 1]), deleting([3, 5])));
  expect(settled).toHaveLength(1);
  deletions.sent(frame(deleting([10, 1])));
  deletions.sent(frame(deleting([10, 1])));
  expect(settled).toEqual(['in the document', 'in the document']);
});

test('[PEER10] what nobody else deletes is the reader’s own, and refused when he is asked for it', () => {
  const { deletions, settled, take } = setUp();
  take([5, 1]);
  deletions.sent(frame(deleting([6, 1])));
  expect(settled).toEqual([]);
  deletions.refuse();
  deletions.refuse();
  expect(settled).toEqual(['read-only']);
});

test('[PEER10] so many may wait, so large, and so much is remembered of what was sent', () => {
  const { deletions, settled, take } = setUp();
  for (let clock = 1; clock <= 11; clock++) take([2 * clock, 1]);
  expect(settled).toEqual(['read-only', 'read-only', 'read-only']);
  deletions.refuse();
  settled.length = 0;
  take(...Array.from({ length: 300 }, (_, at): Range => [2 * at, 1]));
  expect(settled).toEqual(['read-only']);
  settled.length = 0;
  deletions.take(
    Uint8Array.of(0, 9, ...Array.from({ length: 9 }, (_, n) => [9 - n, 1, 0, 1]).flat()),
    (outcome) => settled.push(outcome instanceof Error ? outcome.code : outcome),
  );
  expect(settled).toEqual(['read-only']);

  deletions.sent(frame(deleting([1, 1])));
  for (let n = 0; n < 64; n++) deletions.sent(frame(deleting([1_000 + 2 * n, 1])));
  deletions.sent(frame(Uint8Array.of(0, 0)));
  take([1, 1]);
  take([1_000, 1]);
  expect(settled).toEqual(['read-only', 'in the document']);
  // In one that is larger nothing is looked up.
  const large = deleting([5, 1], ...Array.from({ length: 6_000 }, (_, at): Range => [10_000 + 20 * at, 1]));
  deletions.sent(frame(large));
  take([5, 1]);
  expect(settled).toEqual(['read-only', 'in the document']);
});

test('[PEER10] an update with structs is no deletion, and one that is broken is refused as such', () => {
  expect([
    onlyDeletes(deleting([1, 1])),
    onlyDeletes(Uint8Array.of(1, 1, 7, 0)),
    onlyDeletes(new Uint8Array()),
  ]).toEqual([true, false, false]);
  const { deletions } = setUp();
  expect(() => deletions.take(Uint8Array.of(0, 1, 7), () => {})).toThrow(
    expect.objectContaining({ code: 'invalid-update' }),
  );
});
