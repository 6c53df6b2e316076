import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CaretScene } from '../support/caret-scene.js';

let scene: CaretScene;
beforeAll(async () => {
  scene = await CaretScene.open();
});
afterAll(() => scene?.close());
afterEach(() => expect(scene.errors).toEqual([]));

const AREA = '<textarea id="field" style="width:200px;height:80px;font:16px sans-serif"></textarea>';
const TEXT = 'Somebody else writes here';

/** Shows somebody's caret in the field, which `#home` may be around. @returns what it hangs in */
async function showIn(html: string): Promise<string> {
  await scene.show({ html, text: TEXT });
  return scene.page.evaluate(async () => {
    await window.scene.point([{ anchor: 1, head: 9 }]);
    const parent = window.scene.host?.parentElement;
    return parent?.id || parent?.localName || 'nothing';
  });
}

test('[CARET2] no rule of the page about siblings sees the overlay', async () => {
  const rules = [
    ...[
      '#field + label',
      '#field:focus + label',
      '#field ~ label',
      '.row > :first-child',
      '.row > :last-child',
    ],
    ...[
      '.row > :nth-child(2)',
      '.row > :nth-last-child(2)',
      '.row > :last-of-type',
      '.row:has(> :nth-child(3))',
    ],
    ...['.lonely > :only-child', 'body > :last-child', 'body > :nth-last-child(2)', 'div:last-of-type'],
    ...['.row > :not(:last-child)', '.row > * + *'],
  ];
  await scene.show({
    html: `<p>one</p><div class="row" style="position:relative">${AREA}<label>Title</label></div><div class="lonely"><b>x</b></div>`,
    text: TEXT,
  });
  const hits = () =>
    scene.page.evaluate((selectors) => {
      window.scene.field.focus();
      return selectors.map((selector) =>
        Array.from(document.querySelectorAll(selector), (element) => element.outerHTML),
      );
    }, rules);
  const before = await hits();
  expect(before.flat().length).toBeGreaterThan(10);
  await scene.page.evaluate(() => window.scene.point([{ anchor: 1, head: 9 }]));
  expect(await scene.page.evaluate(() => window.scene.drawn().length)).toBe(1);
  expect(await hits()).toEqual(before);
});

describe('what the overlay may not leave without looking different', () => {
  test.each([
    ['a turned box', 'transform:rotate(3deg)'],
    ['a faded box', 'opacity:.5'],
    ['a blurred box', 'filter:blur(1px)'],
    ['a box in front', 'position:relative;z-index:3'],
    ['a box that stays in the window', 'position:fixed;top:20px'],
    ['a sticky box', 'position:sticky;top:0'],
    ['a positioned pane', 'position:relative;overflow:auto;height:60px'],
    ['a box on its own', 'isolation:isolate'],
    ['a contained box', 'contain:layout'],
    ['a cut box', 'clip-path:inset(5px)'],
  ])('[CARET9] %s', async (_, style) => {
    expect(
      await showIn(`<div id="home" style="${style}"><p style="position:relative">${AREA}</p></div>`),
    ).toBe('home');
  });

  test.each([
    ['a positioned box', `<div style="position:relative">${AREA}</div>`],
    ['a pane that is not positioned', `<div style="overflow:auto;height:60px">${AREA}</div>`],
    ['a z-index without effect', `<div style="z-index:3">${AREA}</div>`],
  ])('[CARET9] but not %s', async (_, html) => {
    expect(await showIn(html)).toBe('html');
  });

  test('[CARET9] a dialog, a popover, an item of a grid, a drawing', async () => {
    expect(await showIn(`<dialog id="home">${AREA}</dialog>`)).toBe('home');
    expect(
      await showIn(`<div style="display:grid"><div id="home" style="z-index:2">${AREA}</div></div>`),
    ).toBe('home');
    expect(
      await showIn(
        `<svg width="300" height="200"><foreignObject id="home" width="300" height="200">${AREA}</foreignObject></svg>`,
      ),
    ).toBe('home');
    await scene.show({ html: `<div popover="manual" id="home">${AREA}</div>`, text: TEXT });
    const parent = await scene.page.evaluate(async () => {
      document.querySelector<HTMLElement>('[popover]')?.showPopover();
      await window.scene.point([{ anchor: 1, head: 9 }]);
      return window.scene.host?.parentElement?.id;
    });
    expect(parent).toBe('home');
  });
});

test('[CARET2] a field far down in a pane does not make the page higher, and its carets come with it', async () => {
  const filling = '<div style="height:3000px">x</div>';
  const home = await showIn(`<div id="pane" style="overflow:auto;height:150px">${filling}${AREA}</div>`);
  expect(home).toBe('nothing');
  const drawn = await scene.page.evaluate(async () => {
    const { scrollHeight, clientHeight } = document.documentElement;
    document.querySelector('#pane')?.scrollTo(0, 3_000);
    await window.scene.frames();
    const [caret] = window.scene.drawn()[0]?.caret ?? [];
    const { top, bottom } = window.scene.field.getBoundingClientRect();
    const inside = caret !== undefined && caret.top >= top && caret.top + caret.height <= bottom;
    return { grown: scrollHeight - clientHeight, inside };
  });
  expect(drawn).toEqual({ grown: 0, inside: true });
});

test('[CARET2] a field that is taken out of the page takes its carets with it', async () => {
  expect(await showIn(`<p id="row">${AREA}</p>`)).toBe('html');
  await scene.page.evaluate(() => document.querySelector('#row')?.remove());
  await scene.page.waitForFunction(() => window.scene.host === null);
});
