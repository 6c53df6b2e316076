import assert from 'node:assert/strict';
import { types } from 'node:util';

interface Expectation {
  toBe(expected: unknown): void;
  /** Compares content: bytes are the same in a `Buffer` and in a plain array, and what is `undefined` is not there. */
  toEqual(expected: unknown): void;
  /** As `toEqual`, with the fields that `expected` has. */
  toMatchObject(expected: object): void;
  toHaveLength(expected: number): void;
  toBeUndefined(): void;
  toBeGreaterThan(expected: number): void;
  toBeGreaterThanOrEqual(expected: number): void;
  toContain(expected: unknown): void;
  readonly not: { toBe(expected: unknown): void };
}

/** As the test frameworks write it, with Node's `assert`, so that the contract needs none of them. */
export function expect(actual: unknown): Expectation {
  return {
    toBe: (expected) => assert.strictEqual(actual, expected),
    toEqual: (expected) => assert.deepStrictEqual(plain(actual), plain(expected)),
    toMatchObject(expected) {
      assert.ok(isObject(actual), `${actual} is no object`);
      const fields = Object.keys(expected).map((key) => [key, (actual as Record<string, unknown>)[key]]);
      assert.deepStrictEqual(plain(Object.fromEntries(fields)), plain(expected));
    },
    toHaveLength: (expected) => assert.strictEqual((actual as ArrayLike<unknown>).length, expected),
    toBeUndefined: () => assert.strictEqual(actual, undefined),
    toBeGreaterThan: (expected) => assert.ok(Number(actual) > expected, `${actual} > ${expected}`),
    toBeGreaterThanOrEqual: (expected) => assert.ok(Number(actual) >= expected, `${actual} >= ${expected}`),
    toContain(expected) {
      const items = Array.from(actual as Iterable<unknown>);
      assert.ok(items.includes(expected), `${expected} is not among ${items.join(', ')}`);
    },
    not: { toBe: (expected) => assert.notStrictEqual(actual, expected) },
  };
}

/** A copy made here: frameworks run tests in a world of their own, whose classes are not those of Node's modules. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (types.isUint8Array(value)) return Buffer.from(value).toString('base64');
  if (types.isMap(value)) return new Map([...value].map(([key, of]) => [key, plain(of)]));
  if (Array.isArray(value)) return Array.from(value, plain);
  const fields = Object.entries(value).filter(([, of]) => of !== undefined);
  return Object.fromEntries(fields.map(([key, of]) => [key, plain(of)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
