import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

const LINES = Array.from({ length: 60 }, (_, line) => `line ${line} of the text`).join('\n');
const BOX = '<textarea></textarea>';

/** `a`'s field in a fixed size, `b`'s caret at an index, all drawn. */
async function startWithCaret(text: string, anchor: number, head = anchor, html = BOX): Promise<void> {
  await lab.start({ html, text, carets: true, manualClock: true });
  await lab.page.evaluate(
    async ([from, to]) => {
      const { field } = window.lab.a;
      field.style.setProperty('width', '300px');
      if (field.tagName === 'TEXTAREA') field.style.setProperty('height', '150px');
      field.style.setProperty('display', 'block');
      window.lab.pointB(from, to);
      await window.lab.frames();
    },
    [anchor, head] as const,
  );
}

async function drawn() {
  return await lab.page.evaluate(async () => {
    await window.lab.frames();
    return window.lab.drawn();
  });
}

/** Waits until the first caret is drawn where the browser finds this index of `a`'s field. */
async function expectDrawnAt(index: number): Promise<void> {
  await lab.page.waitForFunction((expected) => {
    const [person] = window.lab.drawn().people;
    const { left, top, width, height } = person?.caret ?? { left: 0, top: 0, width: 0, height: 0 };
    const found = document.caretPositionFromPoint(left + width / 2, top + height / 2);
    return found?.offsetNode === window.lab.a.field && found.offset === expected;
  }, index);
}

describe('where carets are drawn', () => {
  test.each([0, 3, 17, 40])('[CARET1] at index %i', async (index) => {
    await startWithCaret(LINES, index);
    await expectDrawnAt(index);
  });

  test('[CARET1] in an <input> that is scrolled to the side', async () => {
    await startWithCaret(
      'a long line that does not fit into the field by far, not at all',
      40,
      40,
      '<input>',
    );
    await lab.page.evaluate(() => {
      window.lab.a.field.scrollLeft = 150;
    });
    await expectDrawnAt(40);
  });

  test('[CARET2] they follow scrolling', async () => {
    await startWithCaret(LINES, 700);
    await lab.page.evaluate(() => {
      window.lab.a.field.scrollTop = 480;
    });
    await expectDrawnAt(700);
  });

  test('[CARET2] they follow a new size, font and place of the field', async () => {
    await startWithCaret(LINES.replaceAll('\n', ' '), 150);
    await expectDrawnAt(150);
    for (const change of [
      () => window.lab.a.field.style.setProperty('width', '211px'),
      () => window.lab.a.field.style.setProperty('font', 'italic 17px serif'),
      () => window.lab.a.field.style.setProperty('padding', '20px 5px 0 11px'),
      () => document.body.insertAdjacentHTML('afterbegin', '<p>A banner</p>'),
      () => document.body.style.setProperty('display', 'flex'),
      () => document.querySelector('p')?.style.setProperty('height', '77px'),
      () => document.querySelector('p')?.style.setProperty('width', '99px'),
      () => document.body.style.setProperty('transform', 'scale(1.25) translate(30px, 40px)'),
    ]) {
      await lab.page.evaluate(change);
      await expectDrawnAt(150);
    }
  });

  test('[CARET2] they follow a scrolled page and a scrolled ancestor', async () => {
    await startWithCaret(LINES, 20, 20, `<div id="pane" class="pane">${BOX}</div>`);
    await lab.page.evaluate(() => {
      const pane = document.querySelector<HTMLElement>('#pane');
      pane?.style.setProperty('overflow', 'auto');
      pane?.style.setProperty('height', '400px');
      pane?.style.setProperty('padding', '100px 0 2000px');
      document.body.style.setProperty('height', '3000px');
    });
    await expectDrawnAt(20);
    await lab.page.evaluate(() => {
      document.querySelector('#pane')?.scrollTo(0, 60);
      window.scrollTo(0, 30);
    });
    await expectDrawnAt(20);
  });

  test('[CARET2] nothing of the page moves, clicks go through, readers do not hear it, and it is clipped', async () => {
    const layout = () =>
      lab.page.evaluate(() =>
        Array.from(document.querySelectorAll('textarea, #after'), (element) =>
          JSON.stringify(element.getBoundingClientRect()),
        ),
      );
    await startWithCaret(LINES, 0, LINES.length, `${BOX}<b id="after">after</b>`);
    const withCarets = await layout();
    const { host } = await drawn();
    expect(
      await lab.page.evaluate(() => {
        const element = window.lab.host;
        const { pointerEvents, overflow } = getComputedStyle(element ?? document.body);
        return [element?.getAttribute('aria-hidden'), pointerEvents, overflow];
      }),
    ).toEqual(['true', 'none', 'hidden']);
    expect(host).toEqual(
      await lab.page.evaluate(() => {
        const { field } = window.lab.a;
        const { left, top } = field.getBoundingClientRect();
        return {
          left: left + field.clientLeft,
          top: top + field.clientTop,
          width: field.clientWidth,
          height: field.clientHeight,
        };
      }),
    );
    await lab.page.evaluate(() => window.lab.a.carets?.destroy());
    expect(await layout()).toEqual(withCarets);
  });

  test('[CARET2] a selection is drawn line by line', async () => {
    await startWithCaret('first\n\nthird line', 2, 12);
    const [person] = (await drawn()).people;
    expect(new Set(person?.selection.map(({ top }) => top)).size).toBe(3);
    expect(person?.selection.every(({ width, height }) => width > 1 && height > 5)).toBe(true);
    await lab.page.evaluate(() => window.lab.pointB(3));
    expect((await drawn()).people[0]?.selection).toEqual([]);
  });
});

describe('whose carets are drawn', () => {
  test('[CARET3] names are text, colours are theirs, and flags show for a while', async () => {
    await startWithCaret(LINES, 30);
    await lab.page.evaluate(() => {
      window.lab.b.awareness.setLocalStateField('user', { name: '<b>Eve</b>\u202E', color: '#0a0b0c' });
      window.lab.pointB(60);
    });
    const [person] = (await drawn()).people;
    expect(person).toMatchObject({
      name: '<b>Eve</b>',
      markup: '&lt;b&gt;Eve&lt;/b&gt;',
      color: 'rgb(10, 11, 12)',
      flagged: true,
    });
    await lab.page.evaluate(() => window.lab.clock.advance(2000));
    expect((await drawn()).people[0]?.flagged).toBe(false);
    await lab.remote([0, 0, 'x']);
    expect((await drawn()).people[0]?.flagged).toBe(false);
    const { left = 0, top = 0, height = 0 } = person?.caret ?? {};
    await lab.page.mouse.move(left + 4, top + height / 2);
    expect((await drawn()).people[0]?.flagged).toBe(true);
    await lab.page.mouse.move(left + 200, top + height / 2);
    expect((await drawn()).people[0]?.flagged).toBe(false);
  });

  test('[CARET3] a name is shown while its owner types, though his caret stays before the same character', async () => {
    for (const caret of [3, 5]) {
      await startWithCaret('hello', caret);
      await lab.page.evaluate(() => window.lab.clock.advance(2000));
      expect((await drawn()).people[0]?.flagged).toBe(false);
      await lab.remote([caret, 0, 'x']);
      expect((await drawn()).people[0]?.flagged).toBe(true);
    }
  });

  test('[CARET3] a flag stays inside the field', async () => {
    await startWithCaret('x'.repeat(200), 0);
    for (const index of [0, 30, 36, 37, 38, 120]) {
      await lab.page.evaluate((at) => window.lab.pointB(at), index);
      const { host, people } = await drawn();
      const { left = 0, top = 0, width = 0, height = 0 } = people[0]?.flag ?? {};
      expect(left).toBeGreaterThanOrEqual((host?.left ?? 0) - 2);
      expect(left + width).toBeLessThanOrEqual((host?.left ?? 0) + (host?.width ?? 0) + 1);
      expect(top).toBeGreaterThanOrEqual(host?.top ?? 0);
      expect(height).toBe(16);
    }
  });

  test('[CARET4] they come and go with the awareness, and nothing is in the page without them', async () => {
    await lab.start({ text: 'hello', carets: true });
    expect((await drawn()).host).toBeNull();
    await lab.page.evaluate(() => window.lab.pointB(2));
    expect((await drawn()).people).toHaveLength(1);
    await lab.page.evaluate(() => window.lab.b.awareness.setLocalStateField('cursor', null));
    expect((await drawn()).host).toBeNull();
    await lab.page.evaluate(() => window.lab.pointB(2));
    await lab.page.evaluate(() => window.lab.b.awareness.setLocalState(null));
    expect(await drawn()).toEqual({ host: null, people: [] });
  });

  test('[CARET4] a caret stays where it was until the edit that it speaks of arrives', async () => {
    await startWithCaret('hello world', 5);
    await lab.page.evaluate(() => {
      const { Y, lab } = window;
      lab.hold();
      lab.b.text.insert(5, '!!');
      const after = Y.createRelativePositionFromTypeIndex(lab.b.text, 7, -1);
      lab.overtake(() => lab.b.awareness.setLocalStateField('cursor', { anchor: after, head: after }));
    });
    expect((await drawn()).people).toHaveLength(1);
    await expectDrawnAt(5);
    await lab.page.evaluate(() => window.lab.flush());
    await expectDrawnAt(7);
  });

  test('[CARET4] remote edits move them along, also while remote changes are held', async () => {
    await startWithCaret('hello world', 8);
    await lab.remote([0, 0, 'oh, ']);
    await expectDrawnAt(12);
    await lab.select(15);
    await lab.compose('x');
    await lab.remote([0, 4, '']);
    await expectDrawnAt(12);
    await lab.commit('!');
    await expectDrawnAt(8);
  });

  test('[CARET5] a hostile position draws nothing and creates nothing', async () => {
    await startWithCaret('hello', 2);
    const roots = await lab.page.evaluate(() => {
      const { awareness, doc } = window.lab.b;
      for (const position of [
        { tname: 'elsewhere' },
        { type: { client: 1, clock: 2 } },
        { item: { client: doc.clientID, clock: 2 ** 31 } },
        7,
      ]) {
        awareness.setLocalStateField('cursor', { anchor: position, head: position });
      }
      return [...window.lab.a.doc.share.keys()];
    });
    expect(roots).toEqual(['text']);
    expect((await drawn()).people).toEqual([]);
  });

  test('[CARET6] destroy() takes everything away', async () => {
    await startWithCaret('hello', 2);
    await lab.page.evaluate(() => {
      window.lab.a.carets?.destroy();
      window.lab.pointB(3);
    });
    await lab.remote([0, 0, 'x']);
    expect((await drawn()).host).toBeNull();
    expect(await lab.page.evaluate(() => window.lab.clock.pending)).toBe(0);
  });
});
