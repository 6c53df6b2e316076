import type { Dice } from '../../dice.js';

const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  1.5,
  7,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
];
const WORDS: readonly string[] = [
  '',
  'live',
  'catch-up',
  'join',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'link_AAAA',
  'null',
  '\u0000',
  '\ud800',
  '\u2028',
  'é😀',
  '../../etc/passwd',
  '%00',
  '1:0123456789abcdef',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
];
const KEYS: readonly string[] = [
  'clientId',
  'clientKey',
  'generation',
  'seq',
  'stateVector',
  'protocol',
  'token',
  'toJSON',
  'then',
  'length',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  '_placeholder',
  'num',
];
const MOST_DEPTH = 4;
const INTERESTING: readonly number[] = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** Any value that JSON can say, and that a program may stumble over. */
export function anyValue(dice: Dice, depth = 0): unknown {
  const choice = dice.random();
  if (choice < 0.2) return dice.pick(NUMBERS);
  if (choice < 0.4) return dice.pick(WORDS);
  if (choice < 0.46) return null;
  if (choice < 0.52) return dice.chance(0.5);
  if (choice < 0.55) return dice.pick(WORDS).repeat(dice.between(1, 400));
  if (choice < 0.62) return { _placeholder: true, num: dice.pick([-1, 0, 1, 2, 9, '0', null, 0.5]) };
  if (choice < 0.64) return dice.between(0, 2 ** 32);
  if (depth >= MOST_DEPTH) return [];
  if (choice < 0.8) return Array.from({ length: dice.between(0, 5) }, () => anyValue(dice, depth + 1));
  const entries = Array.from({ length: dice.between(0, 5) }, () => [
    dice.pick(KEYS),
    anyValue(dice, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** JSON that is none any more, now and then. */
export function anyJson(dice: Dice, value: unknown): string {
  if (dice.chance(0.005)) return nested(dice);
  const text = JSON.stringify(value) ?? 'undefined';
  return dice.chance(0.01) ? mutatedText(dice, text) : text;
}

function nested(dice: Dice): string {
  const depth = 10 ** dice.between(1, 4);
  return dice.chance(0.5)
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** The same bytes with something changed, or other ones. */
export function mutated(dice: Dice, bytes: Uint8Array): Uint8Array {
  let result = Buffer.from(bytes);
  for (let left = dice.between(1, 3); left > 0; left--) result = mutatedOnce(dice, result);
  return result;
}

function mutatedOnce(dice: Dice, bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const at = dice.between(0, bytes.length);
  switch (dice.between(0, 7)) {
    case 0:
    case 1:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.between(0, 7));
      return bytes;
    case 2:
      if (at < bytes.length) bytes[at] = dice.pick(INTERESTING);
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), anyBytes(dice, 8), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + dice.between(1, 8))]);
    case 6: {
      const part = bytes.subarray(at, at + dice.between(1, 32));
      return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)]);
    }
    default:
      return Buffer.concat([bytes, anyBytes(dice, 16)]);
  }
}

export function anyBytes(dice: Dice, most: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(dice.between(0, most));
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = dice.chance(0.3) ? dice.pick(INTERESTING) : dice.between(0, 255);
  return bytes;
}

/** The same text with something changed. */
export function mutatedText(dice: Dice, text: string): string {
  const at = dice.between(0, text.length);
  switch (dice.between(0, 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + dice.between(1, 4));
    case 2:
      return text.slice(0, at) + dice.pick(WORDS) + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(dice.between(0, 255)) + text.slice(at + 1);
    case 4:
      return text.slice(0, at) + text.slice(dice.between(0, text.length));
    default:
      return text.replace(/\d+/, String(dice.pick(NUMBERS)));
  }
}
