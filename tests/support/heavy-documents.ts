import { range } from './hostile-attacks.js';
import { buildUpdate, gc, string } from './update-builder.js';

const ME = 7;

/** An honest text by two people, letter by letter in turn, so that Yjs cannot join any of it. */
export function lettersInTurn(count: number): Uint8Array {
  return buildUpdate([
    { client: 2, clock: 0, structs: range(count, (i) => string('b', { origin: [1, i] })) },
    {
      client: 1,
      clock: 0,
      structs: range(count, (i) => string('a', i === 0 ? { parent: 'text' } : { origin: [2, i - 1] })),
    },
  ]);
}

/**
 * Letters each of which says that it lies between the first of those and one of the last: no gate can know how much
 * is in between, and Yjs walks over all of it for each of them.
 */
export function farApart(count: number, letters: number): Uint8Array {
  const structs = range(count, (i) =>
    string('x', { origin: [1, 0], right: [1 + (i & 1), letters - 1 - (i >> 3)] }),
  );
  return buildUpdate([{ client: ME, clock: 0, structs }]);
}

/** Small honest updates by another client. */
export function keystrokes(client: number, count: number): Uint8Array[] {
  return range(count, (i) => {
    const place = i === 0 ? { parent: 'notes' } : { origin: [client, i - 1] as const };
    return buildUpdate([{ client, clock: i, structs: [string('k', place)] }]);
  });
}

/** Sound updates, some megabytes together, with as much for the gate to do as bytes can hold. */
export const HEAVY: readonly (readonly [name: string, make: () => Uint8Array[]])[] = [
  [
    'structs of two bytes',
    () => {
      const structs = range(120_000, () => gc(1));
      return range(36, (nth) => buildUpdate([{ client: ME, clock: nth * structs.length, structs }]));
    },
  ],
  [
    'letters that each have an origin',
    () => {
      const count = 30_000;
      return range(8, (nth) => {
        const first = nth * count;
        const structs = range(count, (i) =>
          string('x', first + i === 0 ? { parent: 'text' } : { origin: [ME, first + i - 1] }),
        );
        return buildUpdate([{ client: ME, clock: first, structs }]);
      });
    },
  ],
  [
    'clients',
    () =>
      range(40, (nth) =>
        buildUpdate(
          range(1_000, (i) => ({ client: 1_000_000 - 1_000 * nth - i, clock: 0, structs: [gc(1)] })),
        ),
      ),
  ],
];
