import { describe, expect, test } from '@jest/globals';
import { roleChange } from '../../../client/app/role-text.js';
import { EXPIRIES, expiryText, linkFacts, readLink, readLinks } from '../../../client/app/share-links.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('links as the server lists them', () => {
  const raw = {
    id: 'k1',
    role: 'editor',
    label: 'Ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-08T00:00:00.000Z',
    current: true,
  };

  test('[PAGE24] are read', () => {
    const createdAt = Date.UTC(2026, 0, 1);
    const expiresAt = Date.UTC(2026, 0, 8);
    expect(readLinks({ links: [raw] })).toMatchObject([
      { id: 'k1', role: 'editor', label: 'Ada', createdAt, expiresAt, isOwn: true },
    ]);
    expect(readLink({ ...raw, expiresAt: undefined, current: false })).toMatchObject({
      expiresAt: undefined,
      isOwn: false,
    });
    expect(readLinks({})).toEqual([]);
    expect(readLinks(undefined)).toEqual([]);
  });

  test('[PAGE31] lose what hides or turns text', () => {
    expect(readLink({ ...raw, label: 'a\u202eb\u0007\n<b>' }).label).toBe('ab <b>');
    expect(readLink({ ...raw, label: '\u200b' }).label).toBe('');
    expect(readLink({ ...raw, label: { toString: () => 'x' }, role: 'king' })).toMatchObject({
      label: '',
      role: 'viewer',
    });
  });

  test('[PAGE24] say what they allow, until when, and since when', () => {
    const link = readLink(raw);
    expect(linkFacts(link, link.createdAt + HOUR)).toBe('can write · ends in 7 days · made 1 hour ago');
    expect(linkFacts({ ...link, expiresAt: undefined, role: 'owner' }, link.createdAt)).toBe(
      'is an owner · made just now',
    );
  });

  test.each([
    [-1, 'has ended'],
    [0, 'has ended'],
    [1, 'ends in 1 minute'],
    [59 * 60_000, 'ends in 59 minutes'],
    [23 * HOUR, 'ends in 23 hours'],
    [6.6 * DAY, 'ends in 7 days'],
  ])('[PAGE24] one that has %d ms left "%s"', (left, text) => {
    expect(expiryText(1e12 + left, 1e12)).toBe(text);
  });

  test('[PAGE24] last as long as the form says', () => {
    expect(EXPIRIES).toEqual({ never: undefined, day: DAY, week: 7 * DAY, month: 30 * DAY });
  });
});

test.each([
  ['editor', 'viewer', 'You can only read now'],
  ['owner', 'viewer', 'You can only read now'],
  ['viewer', 'editor', 'You can write now'],
  ['viewer', 'owner', 'You are an owner now: you can write and share'],
  ['editor', 'owner', 'You are an owner now: you can share and delete'],
  ['owner', 'editor', 'You can still write, but no longer share'],
  ['editor', 'editor', undefined],
] as const)('[PAGE21] from %s to %s one is told: %j', (before, now, said) => {
  expect(roleChange(before, now)).toBe(said);
});
