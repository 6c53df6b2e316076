import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type CaretCase, PLACED, STYLED, VERTICAL } from '../support/caret-cases.js';
import { CaretScene } from '../support/caret-scene.js';

let scene: CaretScene;
beforeAll(async () => {
  scene = await CaretScene.open();
});
afterAll(() => scene?.close());
afterEach(() => expect(scene.errors).toEqual([]));

/** Signs that are written from right to left: where they meet others, a range and a caret are at different places. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff]/;

/** Carets that are more than a quarter of a pixel from where the browser has that place of the text. */
async function misplaced({ html }: CaretCase): Promise<string[]> {
  const vertical = html.includes('writing-mode');
  const { drawn, shown } = await scene.page.evaluate(async () => {
    const { value } = window.scene.field;
    await window.scene.point(
      Array.from({ length: value.length + 1 }, (_, at) => ({ anchor: at, head: at, name: 'x' })),
    );
    return { drawn: window.scene.drawn().map(({ caret: [box] }) => box), shown: value };
  });
  const places = drawn.map((_, at) => [at, at] as const);
  const next = drawn.map((_, at) => [at, Math.min(at + 1, shown.length)] as const);
  const own = await scene.own(places);
  const signs = await scene.own(next);
  return drawn.flatMap((box, at) => {
    // Within a sign, and where a line ends, only the box of the whole sign is told.
    const sign = own[at]?.at(-1) ?? signs[at]?.[0];
    const is = sign && (vertical ? { ...sign, height: 0 } : { ...sign, width: 0 });
    // The browser tells nothing about a place behind a last line break.
    if (is === undefined && at === shown.length) return [];
    if (is === undefined || box === undefined) return [`${at} is nowhere`];
    const off = [
      box.left + box.width / 2 - is.left - is.width / 2,
      box.top + box.height / 2 - is.top - is.height / 2,
    ];
    return off.every((distance) => Math.abs(distance) <= 0.26) ? [] : [`${at} is off by ${off.join()}`];
  });
}

async function expectSamePixels({ text, differs = 0 }: CaretCase): Promise<void> {
  if (text.length < 2) return;
  const found = await scene.compareSelection(1, text.length);
  const { area, rim, beyond } = found;
  // A rim is less than one pixel all around: a tenth of a selection of a few lines.
  const same = area > 0 && beyond <= area * differs && rim <= area * 0.1;
  expect(`${JSON.stringify(found)}, same: ${same}`).toContain('same: true');
}

describe('in a field of any style', () => {
  test.each([...STYLED, ...VERTICAL].filter(({ text }) => !RIGHT_TO_LEFT.test(text)))(
    '[CARET8] carets are where the browser has the characters: $name',
    async (given) => {
      await scene.show(given);
      expect(await misplaced(given)).toEqual([]);
    },
  );

  test.each([...STYLED, ...VERTICAL])(
    '[CARET8] a selection has the pixels of the browser’s own: $name',
    async (given) => {
      await scene.show(given, true);
      await expectSamePixels(given);
    },
  );
});

/** Taken over under another name, or a size. */
const OTHERWISE = [
  'font-variant',
  'white-space-collapse',
  'text-wrap-mode',
  '-webkit-writing-mode',
  'inline-size',
];

test('[CARET8] of all that a field inherits, what is not taken over moves no letter', async () => {
  await scene.show({
    html: '<textarea id="field" lang="en" style="width:120px;height:300px;font:16px/normal sans-serif"></textarea>',
    text: 'Words unbelievably-long wrap, 12:30 office\t日本語「テスト」、漢字abc 👍🏽\n\nשלום abc 123 e\u0301  x',
  });
  const length = await scene.page.evaluate(() => window.scene.field.value.length);
  const places = Array.from({ length }, (_, at) => [at, at + 1] as const);
  const left = await scene.page.evaluate(() => window.scene.inheritedAndLeft());
  // Colours, drawings, lists, ruby…
  expect(left.length).toBeGreaterThan(40);
  const before = JSON.stringify(await scene.own(places));
  const moves: string[] = [];
  for (const { name, values } of left) {
    if (OTHERWISE.includes(name)) continue;
    for (const value of values) {
      await scene.page.evaluate((style) => window.scene.field.style.setProperty(...style), [
        name,
        value,
      ] as const);
      if (JSON.stringify(await scene.own(places)) !== before) moves.push(`${name}: ${value}`);
    }
    await scene.page.evaluate((property) => window.scene.field.style.removeProperty(property), name);
  }
  expect(moves).toEqual([]);
});

test.each([
  ['ltr', [6, 7, 11, 17, 22, 25, 34, 46, 49, 50]],
  ['rtl', [0, 5, 6, 11, 16, 25, 34, 44]],
] as const)(
  '[CARET8] where directions meet, a caret is where the browser has its own: %s',
  async (dir, places) => {
    const style =
      'width:330px;height:100px;font:16px sans-serif;outline:none;color:transparent;caret-color:#f0f';
    await scene.show({
      html: `<textarea id="field" dir="${dir}" style="${style}"></textarea>`,
      text: 'Hello שלום world עולם 123, אבג abc (דהו) end.\nאבג english\n',
    });
    const off: string[] = [];
    for (const place of places) {
      const [drawn, own] = [await scene.drawnCaret(place), await scene.ownCaret(place)];
      if (Math.abs(drawn - own) > 1.5) off.push(`${place} is at ${drawn} and not at ${own}`);
    }
    expect(off).toEqual([]);
  },
);

describe('wherever the field is', () => {
  test.each(PLACED)('[CARET9] a selection has the pixels of the browser’s own: $name', async (given) => {
    await scene.show(given, true);
    await expectSamePixels(given);
  });

  test.each([1.25, 2])('[CARET9] also where a pixel of the page is %p of the screen', async (scale) => {
    const found = STYLED.filter(({ name }) =>
      ['paddings and borders', 'an input with a padding'].includes(name),
    );
    expect(found).toHaveLength(2);
    await scene.scale(scale);
    for (const given of found) {
      await scene.show(given, true);
      await expectSamePixels(given);
    }
    await scene.scale(1);
  });
});
