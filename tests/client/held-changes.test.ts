import { describe, expect, test } from '@jest/globals';
import { HeldChanges } from '../../client/held-changes.js';
import { applyEdits, mapIndex, type TextOp } from '../../client/text-delta.js';
import type { Random } from '../../shared/time.js';
import { between, forSeeds } from '../support/seeds.js';

function apply(text: string, delta: readonly TextOp[]): string {
  let at = 0;
  let result = '';
  for (const op of delta) {
    if (op.retain !== undefined) result += text.slice(at, at + op.retain);
    else if (op.delete === undefined) result += String(op.insert);
    at += op.retain ?? op.delete ?? 0;
  }
  return result + text.slice(at);
}

function randomDelta(random: Random, length: number, letter: () => string): TextOp[] {
  const delta: TextOp[] = [];
  let left = length;
  for (let ops = between(random, 1, 4); ops > 0; ops--) {
    const retain = between(random, 0, left);
    left -= retain;
    if (retain > 0) delta.push({ retain });
    if (random() < 0.6) delta.push({ insert: letter() + letter() });
    const gone = Math.min(left, between(random, 0, 3));
    left -= gone;
    if (gone > 0) delta.push({ delete: gone });
  }
  return delta;
}

describe('changes held while composing', () => {
  test('[BIND5] an edit of the field is told as an edit of the document', () => {
    const held = new HeldChanges();
    held.addRemote([{ retain: 1 }, { insert: 'XY' }, { retain: 1 }, { delete: 1 }]);
    // Field "abc", document "aXYb". The user replaces "bc" by "q".
    const delta = held.addLocal(1, 2, 'q');
    expect(apply('aXYb', delta)).toBe('aXYq');
    expect(held.toDocument(1, false)).toBe(1);
    expect(held.toDocument(1, true)).toBe(3);
    expect(held.toDocument(2, false)).toBe(4);
    expect(held.toDocument(2, true)).toBe(4);
  });

  test('[BIND5] without remote changes both are the same', () => {
    const held = new HeldChanges();
    expect(held.addLocal(3, 2, 'new')).toEqual([{ retain: 3 }, { insert: 'new' }, { delete: 2 }]);
    expect(held.any).toBe(false);
    expect(held.toDocument(7, true)).toBe(7);
  });

  test('[BIND5] [BIND13] random interleavings lose nothing and double nothing', () => {
    forSeeds(500, 'tests/client/held-changes.test.ts', (random) => {
      // Every character is different, so that each can be told where it went.
      let code = 0x4e00;
      const letter = () => String.fromCharCode(code++);
      const word = (length: number) => Array.from({ length }, letter).join('');
      let field = word(6);
      let document = field;
      const held = new HeldChanges();
      const deletedByOthers = new Set<string>();
      const deletedHere = new Set<string>();
      for (let step = 0; step < 6; step++) {
        const dice = random();
        if (dice < 0.2) {
          // Some of what is held is shown, and the selection with it.
          const edits = held.edits(document);
          const chosen = new Set([...edits.keys()].filter(() => random() < 0.5));
          const before = field;
          field = applyEdits(
            field,
            [...edits].filter((_, number) => chosen.has(number)),
          );
          const part = held.take(chosen);
          const kept = (text: string) =>
            [...text].filter((char) => before.includes(char) && field.includes(char));
          for (let at = 0; at <= before.length; at++) {
            const moved = field.slice(0, part.toDocument(at, false));
            expect(kept(moved)).toEqual(kept(before.slice(0, at)));
          }
        } else if (dice < 0.6) {
          const delta = randomDelta(random, document.length, letter);
          const after = apply(document, delta);
          for (const char of document) if (!after.includes(char)) deletedByOthers.add(char);
          held.addRemote(delta);
          document = after;
        } else {
          const index = between(random, 0, field.length);
          const remove = between(random, 0, field.length - index);
          const insert = word(between(random, 0, 3));
          for (const char of field.slice(index, index + remove)) deletedHere.add(char);
          document = apply(document, held.addLocal(index, remove, insert));
          field = field.slice(0, index) + insert + field.slice(index + remove);
          if (insert !== '') expect(document).toContain(insert);
        }
        // What both have is in the same order, and only what somebody deleted is gone.
        const both = (text: string) =>
          [...text].filter((char) => field.includes(char) && document.includes(char));
        expect(both(document)).toEqual(both(field));
        const gone = [...field].filter((char) => !document.includes(char) && !deletedByOthers.has(char));
        const back = [...document].filter((char) => deletedHere.has(char));
        expect([gone, back]).toEqual([[], []]);
        const places = [...field, ''].map((_, at) => held.toDocument(at, false));
        expect(places.map((place) => both(document.slice(0, place)))).toEqual(
          places.map((_, at) => both(field.slice(0, at))),
        );
        expect(places.every((place, at) => held.toDocument(at, true) >= place)).toBe(true);
        expect(applyEdits(field, held.edits(document))).toBe(document);
      }
    });
  });
});

test('[BIND14] what is held is a list of edits, of which some can be shown', () => {
  const held = new HeldChanges();
  // Field "abcdef", document "XabYf": "X" and "Y" came, "cde" went.
  held.addRemote([{ insert: 'X' }, { retain: 2 }, { delete: 3 }, { insert: 'Y' }]);
  expect(held.edits('XabYf')).toEqual([
    { index: 0, remove: 0, insert: 'X' },
    { index: 2, remove: 3, insert: 'Y' },
  ]);
  const part = held.take(new Set([1]));
  // The field is "abYf" now.
  expect([0, 2, 5, 6].map((at) => part.toDocument(at, false))).toEqual([0, 2, 2, 4]);
  expect(held.edits('XabYf')).toEqual([{ index: 0, remove: 0, insert: 'X' }]);
  expect(held.toDocument(3, false)).toBe(4);
});

describe('mapIndex', () => {
  test.each([
    [[{ insert: 'xy' }], 3, false, 5],
    [[{ retain: 3 }, { insert: 'xy' }], 3, false, 3],
    [[{ retain: 3 }, { insert: 'xy' }], 3, true, 5],
    [[{ retain: 5 }, { insert: 'xy' }], 3, true, 3],
    [[{ retain: 1 }, { delete: 1 }], 3, false, 2],
    [[{ retain: 2 }, { delete: 4 }], 3, false, 2],
    [[{ retain: 4 }, { delete: 4 }], 3, false, 3],
    [[{ delete: 1 }, { retain: 1 }, { insert: 'xyz' }, { retain: 4 }, { delete: 9 }], 3, false, 5],
    [[{ insert: { image: 1 } }], 3, false, 4],
  ] satisfies [TextOp[], number, boolean, number][])(
    '[BIND3] %j moves %i (after: %s) to %i',
    (delta, index, after, expected) => {
      expect(mapIndex(delta, index, after)).toBe(expected);
    },
  );
});
