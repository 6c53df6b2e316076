import { describe, expect, test } from '@jest/globals';
import {
  cleanName,
  initials,
  type KeyValueStore,
  loadIdentity,
  PALETTE,
  saveIdentity,
} from '../../../client/app/identity.js';
import { PRESENCE_COLORS } from '../../../shared/presence-user.js';

function memoryStorage(): KeyValueStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  };
}

const forbidden: KeyValueStore = {
  getItem() {
    throw new Error('SecurityError');
  },
  setItem() {
    throw new Error('QuotaExceededError');
  },
};

describe('loadIdentity', () => {
  test('[PAGE6] the first visit gets a friendly name and a colour by chance, and keeps them', () => {
    const storage = memoryStorage();
    const first = loadIdentity(storage, () => 0.5);
    expect(first.name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    expect(PRESENCE_COLORS).toContain(first.color);
    expect(loadIdentity(storage, () => 0.1)).toEqual(first);
  });

  test('[PAGE6] what was chosen is there on the next visit', () => {
    const storage = memoryStorage();
    const chosen = { name: 'Ada 🦦', color: PRESENCE_COLORS[3] ?? '' };
    saveIdentity(storage, chosen);
    expect(loadIdentity(storage, () => 0)).toEqual(chosen);
  });

  test('[PAGE6] nonsense in the storage is replaced', () => {
    const storage = memoryStorage();
    storage.setItem('coscribe.name', ' \u202e ');
    storage.setItem('coscribe.color', 'url(x)');
    const { name, color } = loadIdentity(storage, () => 0.999_999);
    expect(name).toBe('Witty Wren');
    expect(color).toBe(PRESENCE_COLORS.at(-1));
  });

  test.each([
    ['forbidden', forbidden],
    ['missing', undefined],
  ])('[PAGE6] a %s storage does no harm', (_, storage) => {
    expect(loadIdentity(storage, () => 0).name).toBe('Amber Badger');
    expect(() => saveIdentity(storage, { name: 'A', color: '#000000' })).not.toThrow();
  });
});

test('[PAGE6] every colour has a word of its own', () => {
  expect(PALETTE.map(({ color }) => color)).toEqual(PRESENCE_COLORS);
  expect(new Set(PALETTE.map(({ label }) => label)).size).toBe(PALETTE.length);
  for (const { label } of PALETTE) expect(label).toMatch(/^[A-Z][a-z]+$/);
});

test.each([
  ['  Ada \n Lovelace ', 'Ada Lovelace'],
  ['', undefined],
  ['\u200b', undefined],
])('[PAGE6] the name %j is kept as %j', (raw, name) => {
  expect(cleanName(raw)).toBe(name);
});

test.each([
  ['Quiet Otter', 'QO'],
  ['Ada King Lovelace', 'AL'],
  ['ada', 'A'],
  ['山田', '山'],
  ['(the) editor', 'TE'],
  ['🦦', '?'],
])('[PAGE6] the avatar of %j says %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
