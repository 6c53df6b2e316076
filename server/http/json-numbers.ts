import { CoscribeError } from '../../shared/errors.js';

/** The beginning of a number, for a sentence about it. */
const SHOWN_DIGITS = 40;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BEGINS_NUMBER = /[-\d]/;

/**
 * Refuses numbers that would be read as others: `JSON.parse` makes Infinity of what is too large for a double (RFC 8259, 6), and
 * rounds whole numbers beyond 2^53. Of fractions a double is always only near.
 *
 * @param json a text that `JSON.parse` takes
 * @throws CoscribeError `bad-request`
 */
export function refuseInexact(json: string): void {
  for (let at = 0; at < json.length; at++) {
    const first = json.charAt(at);
    if (first === '"') at = endOfString(json, at);
    else if (BEGINS_NUMBER.test(first)) {
      NUMBER.lastIndex = at;
      const [number = first] = NUMBER.exec(json) ?? [];
      refuseIfInexact(number);
      at += number.length - 1;
    }
  }
}

/** @param at where its first quote is */
function endOfString(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && json.charAt(end) !== '"') end += json.charAt(end) === '\\' ? 2 : 1;
  return end;
}

function refuseIfInexact(number: string): void {
  const value = Number(number);
  if (!Number.isFinite(value)) throw inexact(`the number ${shown(number)} is too large`);
  // What has a point or an exponent is meant as a double; of a whole number every digit is.
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(number) || BigInt(number) === BigInt(value)) return;
  throw inexact(`the number ${shown(number)} would be rounded`);
}

function shown(number: string): string {
  return number.slice(0, SHOWN_DIGITS);
}

function inexact(problem: string): CoscribeError {
  return new CoscribeError('bad-request', `${problem}; send it as a text`);
}
