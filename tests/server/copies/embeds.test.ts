import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { unitsOf } from '../../../server/workers/copy-json.js';
import { replaceUnits } from '../../../server/workers/copy-text-replace.js';
import { CoscribeError } from '../../../shared/errors.js';
import { replaceLoneSurrogates } from '../../../shared/text-diff.js';
import type { Random } from '../../../shared/time.js';
import { between, forSeeds } from '../../support/seeds.js';

const MARK = '\ufffc';
const AGAIN = 'tests/server/copies/embeds.test.ts';

/** A text of which each `[name]` is an embed. */
function textOf(...lines: string[]): Y.Text {
  const text = new Y.Doc().getText('text');
  text.applyDelta(
    lines
      .join('\n')
      .split(/\[(\w+)\]/)
      .map((part, n) => ({ insert: n % 2 === 0 ? part : { image: part } }))
      .filter(({ insert }) => insert !== ''),
  );
  return text;
}

function shown(text: Y.Text): string {
  const delta = text.toDelta() as readonly { insert: string | { image: string } }[];
  return delta.map(({ insert }) => (typeof insert === 'string' ? insert : `[${insert.image}]`)).join('');
}

/** `wanted` has U+FFFC written as `*`. */
function become(text: Y.Text, ...wanted: string[]): string {
  const written = wanted.join('\n').replaceAll('*', MARK);
  replaceUnits(text, written);
  expect(unitsOf(text)).toBe(replaceLoneSurrogates(written));
  return shown(text);
}

function refused(text: Y.Text, why: string, ...wanted: string[]): void {
  const before = shown(text);
  expect(() => become(text, ...wanted)).toThrow(
    expect.objectContaining({ code: 'patch-failed', message: expect.stringContaining(why) }),
  );
  expect(shown(text)).toBe(before);
}

const AMBIGUOUS = 'does not tell which';
const MOVED = 'changed places';
const MORE = 'more U+FFFC than embeds';

describe('embeds of a text that is written anew', () => {
  test('[COPY4] a line that is the same keeps its embed, whatever is changed before and behind it', () => {
    const line = (n: number) => `Paragraph ${n} with some words of its own. See this picture, please: `;
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    for (const [from, to] of [
      [3, 4],
      [3, 8],
      [10, 30],
      [0, 59],
    ] as const) {
      const left = numbers.filter((n) => n < from || n >= to);
      const text = textOf('Tilte', ...numbers.map((n) => `${line(n)}[${n}]`), 'teh end');
      expect(become(text, 'Title', ...left.map((n) => `${line(n)}*`), 'the end')).toBe(
        ['Title', ...left.map((n) => `${line(n)}[${n}]`), 'the end'].join('\n'),
      );
    }
  });

  test('[COPY4] one whose line has changed is known by what is left of it, and by the lines around it', () => {
    const figures = () => textOf('Figure one: [a]', 'Figure two: [b]', 'Figure three: [c]');
    expect(become(figures(), 'Figrue two: *', 'Figure three is *')).toBe(
      'Figrue two: [b]\nFigure three is [c]',
    );
    expect(become(figures(), 'Figrue one: *', 'Figrue three: *!')).toBe(
      'Figrue one: [a]\nFigrue three: [c]!',
    );
    const bare = () => textOf('One.', '[a]', '', 'Two, longer.', '[b]', '', 'Another.', '[c]', '', 'End.');
    expect(become(bare(), 'One.', '*', '', 'Another.', '*', '', 'End.')).toBe(
      'One.\n[a]\n\nAnother.\n[c]\n\nEnd.',
    );
    expect(become(bare(), 'Two, longer.', '*', '', 'End.')).toBe('Two, longer.\n[b]\n\nEnd.');
  });

  test('[COPY4] it is refused where other embeds could as well be meant, unless they are the same', () => {
    refused(textOf('[a]', '[b]', '[c]'), AMBIGUOUS, '*', '*');
    refused(textOf('A', '[a]', 'B', '[b]', 'C'), AMBIGUOUS, 'A', '*', 'C');
    refused(textOf('x [a] x [b]'), AMBIGUOUS, 'y *');
    expect(become(textOf('[a]', '[a]', '[a]'), '*', '*')).toBe('[a]\n[a]');
    expect(become(textOf('[a]', '[b]', '[c]'), '*', 'new', '*', '*')).toBe('[a]\nnew\n[b]\n[c]');
    expect(become(textOf('[a]', '[b]'), '')).toBe('');
  });

  test('[COPY4] it is refused if embeds have changed places; lines without them may', () => {
    refused(textOf('one [a]', 'two [b]'), MOVED, 'two *', 'one *');
    refused(textOf('one [a]', 'two [b]', 'three [c]'), MOVED, 'three *', 'one *');
    refused(textOf('Figure one: [a]', 'Figure two: [b]'), MOVED, 'Figure two; *', 'Figure one; *');
    expect(become(textOf('one', 'one [a]', 'two', 'two [b]'), 'two', 'one *', 'one', 'two *')).toBe(
      'two\none [a]\none\ntwo [b]',
    );
  });

  test('[COPY4] U+FFFC is a character where nothing is embedded', () => {
    const text = textOf('');
    expect(become(text, 'pasted: * end')).toBe(`pasted: ${MARK} end`);
    expect(become(text, '*pasted: ** end')).toBe(`${MARK}pasted: ${MARK}${MARK} end`);
    expect(become(text, '*')).toBe(MARK);
    expect(become(text, '')).toBe('');
  });

  test('[COPY4] among embeds one that somebody has typed is text as it was, gives way to them, and no more come', () => {
    const text = textOf(`typed ${MARK} embedded [a]`);
    refused(text, MORE, 'typed * embedded **');
    expect(become(text, 'TYPED * EMBEDDED *!')).toBe(`TYPED ${MARK} EMBEDDED [a]!`);
    expect(become(text, 'TYPED * !')).toBe('TYPED [a] !');
    expect(become(textOf(`${MARK}[a] x`), '* x')).toBe('[a] x');
    expect(become(textOf(`[a]${MARK} x`), '* x')).toBe('[a] x');
    expect(become(textOf(`${MARK}${MARK}[a] x`), '** x')).toBe(`${MARK}[a] x`);
  });

  test('[COPY4] what is written is formatted as what it replaces, or as what is before it', () => {
    const text = new Y.Doc().getText('text');
    const bold = { attributes: { bold: true } };
    text.applyDelta([
      { insert: 'plain ' },
      { insert: 'bold', ...bold },
      { insert: { image: 'a' }, ...bold },
      { insert: ' plain ' },
      { insert: { image: 'b' }, attributes: { italic: true } },
      { insert: 'end' },
    ]);
    become(text, 'PLAIN more fat* plainer !*! End');
    expect(text.toDelta()).toEqual([
      { insert: 'PLAIN more fat' },
      { insert: { image: 'a' }, ...bold },
      { insert: ' plainer !' },
      { insert: { image: 'b' }, attributes: { italic: true } },
      { insert: '! End' },
    ]);
    become(text, 'PLAIN more fat*, plainer !*! End');
    expect((text.toDelta() as unknown[])[2]).toEqual({ insert: ',', ...bold });
  });

  test('[COPY4] tens of thousands of changes cost no more than a walk through the text, and too many are refused', () => {
    const many = 48_000;
    const text = textOf('a[x]'.repeat(many));
    const start = performance.now();
    text.doc?.transact(() => replaceUnits(text, `b${MARK}`.repeat(many)));
    expect(performance.now() - start).toBeLessThan(5000);
    expect(unitsOf(text)).toBe(`b${MARK}`.repeat(many));
    refused(textOf('abc[x]'.repeat(4001)), 'in several steps', 'aBc*'.repeat(4001));
    const alike = Array.from({ length: 500 }, (_, n) => `same [${n}]`);
    refused(textOf(...alike), 'too many embeds', ...alike.slice(250).map(() => 'same *'));
  });

  test('[COPY4] whatever is done to its lines, an embed is where its line is, or it is refused', () => {
    let [done, all] = [0, 0];
    forSeeds(300, `${AGAIN} -t "where its line is"`, (random) => {
      all++;
      if (mangle(random)) done++;
    });
    expect(done).toBeGreaterThanOrEqual(Math.floor(all * 0.95));
  });

  test('[COPY4] whatever a text becomes, it has no other embeds than those that were there, in their order', () => {
    forSeeds(300, `${AGAIN} -t "in their order"`, (random) => {
      const some = (most: number): string =>
        Array.from({ length: between(random, 0, most) }, () => ['a', 'b', '😀'][between(random, 0, 2)]).join(
          '',
        );
      const text = textOf(
        Array.from({ length: between(random, 0, 5) }, (_, n) => `${some(4)}[${n}]`).join(''),
      );
      const wanted = unitsOf(text)
        .replaceAll(MARK, (mark) => (random() < 0.7 ? mark : ''))
        .replace(/[ab]+/g, (run) => (random() < 0.5 ? run : some(5)));
      try {
        replaceUnits(text, wanted);
      } catch (error) {
        if (!(error instanceof CoscribeError)) throw error;
        return;
      }
      expect(unitsOf(text)).toBe(replaceLoneSurrogates(wanted));
      const left = [...shown(text).matchAll(/\[(\d)\]/g)].map(([, n]) => Number(n));
      expect(left).toEqual([...left].sort((a, b) => a - b));
    });
  });
});

/** Deletes, mends and adds lines of a text with embeds. @returns whether it was taken; what it became is right then */
function mangle(random: Random): boolean {
  const words = 'see this picture of the old town by the river at night from above with people'.split(' ');
  const word = () => words[between(random, 0, words.length - 1)] ?? '';
  const sentence = () => Array.from({ length: between(random, 3, 12) }, word).join(' ');
  const lines = Array.from({ length: between(random, 2, 30) }, (_, n) =>
    random() < 0.6 ? `${sentence()} ${n}: [${n}]${random() < 0.2 ? sentence() : ''}` : sentence(),
  );
  const typo = (line: string): string => {
    const at = between(random, 0, line.indexOf(' '));
    return line.slice(0, at) + 'xyz'[between(random, 0, 2)] + line.slice(at + between(random, 0, 1));
  };
  const text = textOf(...lines);
  const gone = random() * 0.6;
  const left = lines.flatMap((line) => {
    if (random() < gone) return [];
    const kept = random() < 0.3 ? typo(line) : line;
    return random() < 0.2 ? [sentence(), kept] : [kept];
  });
  try {
    become(text, ...left.map((line) => line.replace(/\[\d+\]/, '*')));
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error;
    return false;
  }
  expect(shown(text)).toBe(left.join('\n'));
  return true;
}
