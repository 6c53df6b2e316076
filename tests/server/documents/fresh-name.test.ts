import { expect, test } from '@jest/globals';
import { freshName } from '../../../server/documents/fresh-name.js';

test('[API3] fresh names are names, short, and never the same', () => {
  const names = Array.from({ length: 2_000 }, freshName);
  expect(new Set(names).size).toBe(2_000);
  for (const name of names) expect(name).toMatch(/^default\/page-[2-9a-hjkmnp-z]{10}$/);
});
