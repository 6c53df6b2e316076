import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { CaretScene } from '../support/caret-scene.js';

let scene: CaretScene;
beforeAll(async () => {
  scene = await CaretScene.open();
});
afterAll(() => scene?.close());
afterEach(() => expect(scene.errors).toEqual([]));

const AREA =
  '<textarea id="field" style="width:300px;height:150px;font:16px/1.5 sans-serif;background:#fff;color:#000"></textarea>';
const TEXT = Array.from({ length: 20 }, (_, line) => `This is line ${line} of the text`).join('\n');

/** What the browser makes of a part's style. */
function styleOf(part: string, name: string): Promise<string> {
  return scene.page.evaluate(
    ([selector, property]) => {
      const root = window.scene.host?.shadowRoot;
      const element = root?.querySelector(`.${selector}`);
      return element ? getComputedStyle(element).getPropertyValue(property) : 'none';
    },
    [part, name] as const,
  );
}

test('[CARET10] names of several people at one place are all to be read, and none is outside of what can be seen', async () => {
  await scene.show({
    html: `<div style="overflow:auto;height:120px;width:200px">${AREA}</div>`,
    text: TEXT,
  });
  await scene.page.evaluate(async () => {
    window.scene.field.focus();
    window.scene.field.setSelectionRange(35, 35);
    const people = Array.from({ length: 4 }, (_, at) => ({ name: `Person ${at}`, anchor: 90, head: 90 }));
    await window.scene.point(people.map((person) => ({ ...person, head: 80 })));
    await window.scene.point(people);
  });
  const flags = await scene.page.evaluate(() => window.scene.drawn().map(({ flag: [box] }) => box));
  for (const [at, flag] of flags.entries()) {
    if (flag === undefined) throw new Error('a person without a flag');
    const others = flags.filter((_, other) => other !== at);
    const covered = others.some(
      (other) =>
        other !== undefined &&
        Math.abs(other.left - flag.left) < flag.width &&
        Math.abs(other.top - flag.top) < flag.height - 0.5,
    );
    expect(covered).toBe(false);
    expect(flag.left + flag.width).toBeLessThanOrEqual(208.5);
    expect(flag.top + flag.height).toBeLessThanOrEqual(128.5);
  }
});

test('[CARET11] a name fades, and where motion is to be reduced it just goes', async () => {
  await scene.show({ html: AREA, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 1, head: 3 }]));
  expect(await styleOf('flag', 'transition-duration')).toBe('0.2s');
  await scene.page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await styleOf('flag', 'transition-property')).toBe('none');
  await scene.page.emulateMedia({ reducedMotion: 'no-preference' });
});

test('[CARET11] with forced colours carets, selections and names have those of the system', async () => {
  await scene.show({ html: AREA, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 1, head: 3 }]));
  await scene.page.emulateMedia({ forcedColors: 'active' });
  const system = await scene.page.evaluate(() => {
    const probe = document.createElement('p');
    document.body.append(probe);
    const [text, canvas, highlight] = ['CanvasText', 'Canvas', 'Highlight'].map((name) => {
      probe.style.setProperty('forced-color-adjust', 'none');
      probe.style.setProperty('color', name);
      return getComputedStyle(probe).color;
    });
    probe.remove();
    return { text, canvas, highlight };
  });
  expect(await styleOf('caret', 'background-color')).toBe(system.text);
  expect(await styleOf('flag', 'color')).toBe(system.text);
  expect(await styleOf('flag', 'background-color')).toBe(system.canvas);
  expect(await styleOf('selection', 'background-color')).toBe(system.highlight);
  await scene.page.emulateMedia({ forcedColors: 'none' });
});

test('[CARET11] carets are not printed', async () => {
  await scene.show({ html: AREA, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 1, head: 3 }]));
  const width = () => scene.page.evaluate(() => window.scene.host?.getBoundingClientRect().width);
  expect(await width()).toBeGreaterThan(0);
  await scene.page.emulateMedia({ media: 'print' });
  expect(await width()).toBe(0);
  await scene.page.emulateMedia({ media: 'screen' });
});

test('[CARET11] the page may style the parts, and sets how strong a selection is', async () => {
  const style =
    '<style>[data-coscribe-carets]{--coscribe-selection-opacity:.5}[data-coscribe-carets]::part(flag){border-radius:0}</style>';
  await scene.show({ html: style + AREA, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 1, head: 3 }]));
  expect(await styleOf('selections', 'opacity')).toBe('0.5');
  expect(await styleOf('flag', 'border-top-left-radius')).toBe('0px');
});

test.each([
  [
    'a class of an ancestor changes the font',
    AREA.replace('font:16px/1.5 sans-serif', 'font:inherit'),
    'class',
  ],
  [
    'a pane in a shadow tree is scrolled',
    `<div><template data-shadow><p style="height:100px;overflow:auto">${AREA}</p></template></div>`,
    'scroll',
  ],
  ['a frame is scrolled', '<iframe style="width:330px;height:90px"></iframe>', 'frame'],
] as const)('[CARET2] carets follow when %s', async (_, html, change) => {
  const style = '<style>.large{font:30px serif}</style>';
  await scene.show({ html: style + html, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 12, head: 12 }]));
  await scene.page.evaluate((what) => {
    const { field } = window.scene;
    if (what === 'class') document.body.className = 'large';
    else if (what === 'scroll') field.parentElement?.scrollTo(0, 30);
    else field.ownerDocument.defaultView?.scrollTo(0, 30);
  }, change);
  const own = (await scene.own([[12, 12]]))[0]?.[0];
  await scene.page.waitForFunction((is) => {
    const [box] = window.scene.drawn()[0]?.caret ?? [];
    return box !== undefined && Math.abs(box.left + 1 - is.left) < 1 && Math.abs(box.top - is.top) < 1;
  }, own ?? { left: 0, top: 0 });
  await scene.page.evaluate(() => document.body.removeAttribute('class'));
});

test('[CARET2] carets follow a style sheet that comes, changes or goes and moves nothing but letters', async () => {
  await scene.show({ html: AREA, text: TEXT });
  await scene.page.evaluate(() => window.scene.point([{ anchor: 12, head: 12 }]));
  const changes: [letterSpacing: string, change: () => void][] = [
    [
      '2px',
      () => {
        document.head.insertAdjacentHTML('beforeend', '<style id="sheet">#field{letter-spacing:2px}</style>');
      },
    ],
    ['5px', () => document.querySelector('#sheet')?.replaceChildren('#field{letter-spacing:5px}')],
    ['normal', () => document.querySelector('#sheet')?.setAttribute('media', 'print')],
    [
      '3px',
      () => {
        const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', id: 'loaded' });
        link.href = 'data:text/css,%23field{letter-spacing:3px}';
        document.head.append(link);
      },
    ],
    ['normal', () => document.querySelector('#loaded')?.setAttribute('media', 'print')],
    ['5px', () => document.querySelector('#sheet')?.removeAttribute('media')],
    ['normal', () => document.querySelector('#sheet')?.remove()],
  ];
  for (const [letterSpacing, change] of changes) {
    await scene.page.evaluate(change);
    await scene.page.waitForFunction(
      (wanted) => getComputedStyle(window.scene.field).letterSpacing === wanted,
      letterSpacing,
    );
    const own = (await scene.own([[12, 12]]))[0]?.[0]?.left ?? Number.NaN;
    await scene.page.waitForFunction((wanted) => {
      const [box] = window.scene.drawn()[0]?.caret ?? [];
      return box !== undefined && Math.abs(box.left + 1 - wanted) < 0.5;
    }, own);
  }
});

test('[CARET12] of a selection of a megabyte only what is near is drawn, and scrolling brings the rest', async () => {
  await scene.show({ html: AREA, text: `${'All work and no play makes Jack a dull boy.\n'.repeat(23_000)}` });
  const visible = () =>
    scene.page.evaluate(async () => {
      await window.scene.frames();
      const { field } = window.scene;
      const { top, bottom } = field.getBoundingClientRect();
      const boxes = window.scene.drawn().map(({ selection }) => selection);
      const covers = boxes.map((person) => {
        const height = person
          .filter((box) => box.left < 20 && box.top + box.height > top && box.top < bottom)
          .reduce((sum, box) => sum + Math.min(box.top + box.height, bottom) - Math.max(box.top, top), 0);
        return height / (bottom - top);
      });
      return { most: Math.max(...boxes.map(({ length }) => length)), least: Math.min(...covers) };
    });
  await scene.page.evaluate(() =>
    window.scene.point(Array.from({ length: 20 }, () => ({ anchor: 0, head: 1_000_000 }))),
  );
  for (const scrollTop of [0, 5_000, 400_000]) {
    await scene.page.evaluate((to) => window.scene.field.scrollTo(0, to), scrollTop);
    await scene.page.waitForFunction((to) => Math.abs(window.scene.field.scrollTop - to) < 1, scrollTop);
    const { most, least } = await visible();
    expect(most).toBeLessThan(200);
    expect(least).toBeGreaterThan(0.9);
  }
});

test('[CARET6] shown and destroyed a thousand times, nothing stays', async () => {
  await scene.show({ html: AREA, text: TEXT });
  const counts = async () => {
    await scene.devtools.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await scene.devtools.send('Memory.getDOMCounters');
    return { nodes, jsEventListeners };
  };
  await scene.page.evaluate(() => window.scene.showAgain(20));
  const before = await counts();
  await scene.page.evaluate(() => window.scene.showAgain(1_000));
  const after = await counts();
  expect(after.nodes - before.nodes).toBeLessThan(50);
  expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(10);
  expect(await scene.page.evaluate(() => document.querySelectorAll('[aria-hidden]').length)).toBe(0);
});
