import { expect, test } from '@jest/globals';
import { CodePoints } from '../../../tools/replay/code-points.js';
import { between, forSeeds } from '../../support/seeds.js';

const PIECES = ['', 'a', 'é', '漢', '😀', 'x😀y', '👩‍👩‍👧', 'four'];

test('[REPLAY2] positions in code points are found in UTF-16 units, whatever was replaced before', () => {
  forSeeds(50, 'tests/tools/replay/code-points', (random) => {
    const codePoints = new CodePoints();
    let text = '👋 hello';
    codePoints.reset(text);
    for (let edit = 0; edit < 100; edit++) {
      const characters = Array.from(text);
      const position = between(random, 0, characters.length);
      const end = between(random, position, Math.min(characters.length, position + 4));
      const from = codePoints.toUnits(position);
      const to = codePoints.toUnits(end);
      expect(from).toBe(characters.slice(0, position).join('').length);
      expect(to).toBe(characters.slice(0, end).join('').length);
      const inserted = PIECES[between(random, 0, PIECES.length - 1)] ?? '';
      text = text.slice(0, from) + inserted + text.slice(to);
      codePoints.replaced(from, to - from, inserted);
    }
  });
});
