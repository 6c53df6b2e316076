import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { parsePresence } from '../../shared/presence.js';
import {
  colorFor,
  DEFAULT_NAME,
  MAX_NAME_LENGTH,
  PRESENCE_COLORS,
  parseName,
} from '../../shared/presence-user.js';
import type { Random } from '../../shared/time.js';
import { between, forSeeds } from '../support/seeds.js';

const RERUN = 'tests/shared/presence.test.ts';

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function junk(random: Random, depth = 0): unknown {
  const leaves = [
    null,
    undefined,
    true,
    -1,
    0,
    7,
    2 ** 60,
    Number.NaN,
    '',
    '#12345g',
    '#A1b2C3',
    'x'.repeat(5000),
    '\uD83D',
  ];
  const kind = between(random, 0, depth > 3 ? 0 : 2);
  if (kind === 0) return leaves[between(random, 0, leaves.length - 1)];
  if (kind === 1) return Array.from({ length: between(random, 0, 3) }, () => junk(random, depth + 1));
  const keys = [
    'user',
    'cursor',
    'name',
    'color',
    'anchor',
    'head',
    'item',
    'type',
    'tname',
    'assoc',
    'client',
    'clock',
    '__proto__',
  ];
  return JSON.parse(
    JSON.stringify(
      Object.fromEntries(keys.filter(() => random() < 0.6).map((key) => [key, junk(random, depth + 1)])),
    ),
  );
}

describe('parsePresence', () => {
  test('[PRES1] reads what it is meant to', () => {
    const doc = new Y.Doc();
    const text = doc.getText('text');
    text.insert(0, 'hello');
    const anchor = Y.createRelativePositionFromTypeIndex(text, 1);
    const head = Y.createRelativePositionFromTypeIndex(text, 5, -1);
    const state = JSON.parse(
      JSON.stringify({ user: { name: 'Ada', color: '#A1B2C3' }, cursor: { anchor, head } }),
    );
    const presence = parsePresence(state, 1);
    expect(presence?.user).toEqual({ name: 'Ada', color: '#a1b2c3' });
    const { cursor } = presence ?? {};
    const index = (position: Y.RelativePosition | undefined) =>
      position && Y.createAbsolutePositionFromRelativePosition(position, doc)?.index;
    expect([index(cursor?.anchor), index(cursor?.head)]).toEqual([1, 5]);
  });

  test.each([[null], [undefined], [7], ['text'], [[]]])('[PRES2] %j is no presence', (state) => {
    expect(parsePresence(state, 1)).toBeUndefined();
  });

  test.each([
    [{}],
    [{ user: null, cursor: null }],
    [{ user: 'Ada' }],
    [{ user: { name: 7, color: 'red' }, cursor: 7 }],
    [{ user: { name: ' \u202E\u0000 ', color: '#fff' }, cursor: { anchor: {}, head: {} } }],
    [{ cursor: { anchor: { tname: 'text' } } }],
    [{ cursor: { anchor: { tname: 'text', assoc: 9 }, head: { tname: 'text' } } }],
    [{ cursor: { anchor: { item: { client: -1, clock: 0 } }, head: { item: { client: 1, clock: 1.5 } } } }],
    [{ cursor: { anchor: { type: 'x', tname: 'text' }, head: { tname: 'text' } } }],
    [{ cursor: { anchor: { tname: { length: 3 } }, head: { tname: 'text' } } }],
  ])('[PRES2] %j gets defaults and no cursor', (state) => {
    expect(parsePresence(state, 42)).toEqual({
      user: { name: DEFAULT_NAME, color: colorFor(42) },
      cursor: undefined,
    });
  });

  test('[PRES2] junk never throws and never leaves the bounds', () => {
    forSeeds(800, RERUN, (random) => {
      const presence = parsePresence(junk(random), between(random, 0, 2 ** 32 - 1));
      if (presence === undefined) return;
      expect(presence.user.color).toMatch(/^#[0-9a-f]{6}$/);
      const { length } = Array.from(presence.user.name);
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
    });
  });
});

describe('names', () => {
  test.each([
    ['  Ada   Lovelace \n', 'Ada Lovelace'],
    ['a\u0000b\u0007c\u009Fd', 'abcd'],
    ['\u202Eevil\u202C \u2066x\u2069\u200F', 'evil x'],
    ['two\u2028lines\tand\ttabs', 'two lines and tabs'],
    ['half \uD83D', 'half \uFFFD'],
    ['\u200B\uFEFF', DEFAULT_NAME],
    ['Zoë 你好 👩‍💻', 'Zoë 你好 👩‍💻'],
  ])('[PRES3] %j is shown as %j', (raw, name) => {
    expect(parseName(raw)).toBe(name);
  });

  test('[PRES3] a long name is cut between characters', () => {
    expect(parseName('😀'.repeat(100))).toBe('😀'.repeat(MAX_NAME_LENGTH));
    expect(parseName('x'.repeat(1e6))).toHaveLength(MAX_NAME_LENGTH);
    expect(parseName(`${'x'.repeat(MAX_NAME_LENGTH - 1)} y`)).toBe('x'.repeat(MAX_NAME_LENGTH - 1));
  });
});

describe('colours', () => {
  test('[PRES4] a client without a colour always gets the same one, and neighbours mostly others', () => {
    expect(colorFor(123)).toBe(colorFor(123));
    const used = new Set(Array.from({ length: 60 }, (_, clientId) => colorFor(clientId)));
    expect(used.size).toBe(PRESENCE_COLORS.length);
    for (const clientId of [0, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 53])
      expect(PRESENCE_COLORS).toContain(colorFor(clientId));
  });

  test.each(PRESENCE_COLORS)('[PRES4] %s is seen on light and on dark, and carries a white name', (color) => {
    expect(contrast(color, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color, '#121212')).toBeGreaterThanOrEqual(3);
  });
});
