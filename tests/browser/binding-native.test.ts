import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Random } from '../../shared/time.js';
import { LabPage } from '../support/lab-page.js';
import { between, seededRandom } from '../support/seeds.js';

const RERUN = 'npx jest tests/browser/binding-native';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

/** A key of the keyboard, or what an input method composes (`ime`) and commits (`commit`), or words to type. */
type Step = { key: string } | { type: string } | { ime: string } | { commit: string } | 'blur';

const type = (words: string): Step => ({ type: words });
const keys = (...names: string[]): Step[] => names.map((key) => ({ key }));

async function act(step: Step): Promise<void> {
  if (step === 'blur') {
    await lab.page.evaluate(() => window.lab.a.field.blur());
    await lab.page.focus('#a');
  } else if ('key' in step) await lab.press(step.key);
  else if ('type' in step) await lab.type(step.type);
  else if ('ime' in step) await lab.compose(step.ime);
  else await lab.commit(step.commit);
}

/** The field with its selection in brackets. Nobody else writes here, so no frame has to be waited for. */
function look(): Promise<string> {
  return lab.page.evaluate(() => {
    const { value, selectionStart, selectionEnd } = window.lab.a.field;
    const [from, to] = [selectionStart ?? 0, selectionEnd ?? 0];
    return `${value.slice(0, from)}[${value.slice(from, to)}]${value.slice(to)}`;
  });
}

/** What the field shows while everything is undone, and redone. */
async function history(
  steps: readonly Step[],
  native: boolean,
): Promise<{ undone: string[]; redone: string[] }> {
  await lab.start({ text: '' });
  await lab.page.evaluate(() => navigator.clipboard.writeText('pasted'));
  if (native) await lab.page.evaluate(() => window.lab.a.binding.destroy());
  for (const step of steps) await act(step);
  const all = async (key: string): Promise<string[]> => {
    const seen = [await look()];
    // A native field has steps in which nothing happens.
    for (let idle = 0; idle < 3; ) {
      await lab.press(key);
      const next = await look();
      if (values([next])[0] === values(seen).at(-1)) idle++;
      else seen.push(next);
    }
    return seen;
  };
  return { undone: await all('Control+z'), redone: await all('Control+Shift+z') };
}

const values = (looks: readonly string[]): string[] => looks.map((one) => one.replace(/[[\]]/g, ''));

/** Whether all of `some` are in `all`, in their order. */
function isPart(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (one === some[at]) at++;
  return at === some.length;
}

/** `b`'s caret stays out of this: what a native field and ours do when the user drags `[6, 12]` to index 16. */
async function drag(from: string, to: string): Promise<void> {
  const [start, end] = await Promise.all([from, to].map((id) => lab.page.locator(id).boundingBox()));
  if (!start || !end) throw new Error('a field is not in view');
  const x = (index: number) => 3 + index * 12;
  const { mouse } = lab.page;
  await mouse.move(start.x + x(8), start.y + 14);
  await mouse.down();
  await mouse.move(start.x + x(9), start.y + 14);
  await mouse.move(end.x + x(15.9), end.y + 14, { steps: 4 });
  await mouse.move(end.x + x(16), end.y + 14);
  await mouse.up();
}

const DRAGGED = 'hello brave new world';
/** Characters of 12 pixels. */
const MONO = '<textarea rows="3" cols="60" class="mono"></textarea>';

async function startDragging(): Promise<void> {
  await lab.start({ html: MONO, text: DRAGGED });
  await lab.page.evaluate((text) => {
    const other = Object.assign(document.createElement('textarea'), {
      id: 'x',
      rows: 3,
      cols: 60,
      value: text,
    });
    document.body.prepend(other);
    for (const field of [other, window.lab.a.field]) field.style.font = '20px monospace';
  }, DRAGGED);
}

async function expectText(text: string): Promise<void> {
  expect(await lab.state()).toMatchObject({ value: text, text, other: text, otherValue: text });
}

describe('drag and drop with the mouse', () => {
  test('[BIND17] within the field it is one step, whatever others write meanwhile', async () => {
    await startDragging();
    await lab.select([6, 12]);
    await drag('#a', '#a');
    await expectText('hello new brave world');
    expect(await lab.state()).toMatchObject({ transactions: 2, start: 10, end: 16 });
    await lab.press('Control+z');
    await expectText(DRAGGED);
    expect(await lab.state()).toMatchObject({ start: 6, end: 12 });
    await lab.press('Control+y');
    await expectText('hello new brave world');
  });

  test('[BIND17] others write while the mouse is down', async () => {
    await startDragging();
    await lab.select([6, 12]);
    await lab.page.evaluate(() => {
      window.lab.a.field.addEventListener('dragstart', () => window.lab.remote([0, 0, '>> ']), {
        once: true,
      });
    });
    await drag('#a', '#a');
    const { value, text, other } = await lab.state();
    expect([text, other]).toEqual([value, value]);
    // The word is where it was dropped, in front of the 17th character that the user saw, once.
    expect(value).toMatch(/^>> hello (new|ne|n|)\s?brave /);
    expect(value.match(/brave/g)).toHaveLength(1);
    expect(value.replace('brave ', '')).toBe('>> hello new world');
  });

  test('[BIND17] from another field, and out to it', async () => {
    await startDragging();
    await lab.page.focus('#x');
    await lab.page.evaluate(() =>
      document.querySelector<HTMLTextAreaElement>('#x')?.setSelectionRange(6, 12),
    );
    await drag('#x', '#a');
    await expectText('hello brave new brave world');
    await lab.press('Control+z');
    await expectText(DRAGGED);
    await lab.select([6, 12]);
    await drag('#a', '#x');
    await expectText('hello new world');
  });
});

describe('what else a field does', () => {
  test('[BIND17] rich text is pasted as plain text, and a search field is cleared by its button', async () => {
    await lab.start({ html: '<input type="search">', text: 'find ' });
    await lab.page.evaluate(() =>
      navigator.clipboard.write([
        new ClipboardItem({
          'text/html': new Blob(['<b>bold</b>'], { type: 'text/html' }),
          'text/plain': new Blob(['bold'], { type: 'text/plain' }),
        }),
      ]),
    );
    await lab.press('Control+v');
    await expectText('find bold');
    const box = await lab.page.locator('#a').boundingBox();
    if (!box) throw new Error('no field');
    await lab.page.mouse.move(box.x + 9, box.y + 9);
    await lab.page.mouse.click(box.x + box.width - 10, box.y + box.height / 2);
    await expectText('');
    await lab.press('Control+z');
    await expectText('find bold');
  });

  test('[BIND17] a word that the spelling checker replaces is one step, and typing goes on as another', async () => {
    await lab.start({ text: 'teh' });
    await lab.type(' cat');
    await lab.page.evaluate(() => {
      // As the browser does it, which offers no way to ask for it.
      const { field } = window.lab.a;
      const inputType = 'insertReplacementText';
      field.setSelectionRange(0, 3);
      field.dispatchEvent(new InputEvent('beforeinput', { inputType, data: 'the', cancelable: true }));
      field.setRangeText('the', 0, 3, 'end');
      field.dispatchEvent(new InputEvent('input', { inputType, data: 'the' }));
    });
    await lab.type('!');
    await expectText('the! cat');
    await lab.press('Control+z');
    await expectText('the cat');
    await lab.press('Control+z');
    await expectText('teh cat');
  });

  test.each(['short', 'line of a long text\n'.repeat(800)])(
    '[BIND20] `change` tells what the user did, and never what only others did (%#)',
    async (text) => {
      await lab.start({ text }, 3);
      await lab.page.evaluate(() => {
        window.lab.a.field.parentElement?.addEventListener('change', () => {
          document.title += '!';
        });
        document.title = 'changes: ';
      });
      const leave = async () => {
        await lab.page.evaluate(() => window.lab.a.field.blur());
        return lab.page.title();
      };
      await lab.remote([0, 0, 'R']);
      await lab.state();
      expect(await leave()).toBe('changes:');
      await lab.page.focus('#a');
      await lab.type('x');
      await lab.remote([0, 0, 'R']);
      await lab.state();
      expect(await leave()).toBe('changes:!');
    },
  );
});

describe('undo and redo beside a native field that gets the same keys', () => {
  const same: [string, Step[]][] = [
    ['typing', [type('one two')]],
    ['deleting and typing replaces', [type('abcdef'), ...keys('Backspace', 'Backspace'), type('xy')]],
    ['the same forwards', [type('abcd'), ...keys('Home', 'Delete', 'Delete'), type('zz')]],
    ['words', [type('one two three'), ...keys('Control+Backspace', 'Control+Backspace'), type('x')]],
    [
      'a selection',
      [
        type('one two'),
        ...keys('Shift+Home'),
        type('xyz'),
        ...keys('Shift+ArrowLeft', 'Backspace'),
        type('q'),
      ],
    ],
    [
      'copy and paste',
      [
        type('ab'),
        ...keys('Shift+Home', 'Control+c', 'End'),
        type('x'),
        ...keys('Control+v'),
        type('y'),
        ...keys('Control+v', 'Control+v'),
      ],
    ],
    ['cut', [type('abcd'), ...keys('Shift+ArrowLeft', 'Control+x'), type('z')]],
    [
      'the caret goes elsewhere',
      [type('ab'), ...keys('ArrowLeft'), type('cd'), ...keys('ArrowRight'), type('ef')],
    ],
    ['the caret goes and comes back', [type('ab'), ...keys('ArrowLeft', 'ArrowRight'), type('cd')]],
    ['the focus goes and comes back', [type('ab'), 'blur', type('cd')]],
    ['undo and typing', [type('ab'), ...keys('ArrowLeft'), type('c'), ...keys('Control+z'), type('d')]],
    [
      'compositions',
      [
        type('a'),
        { ime: 'n' },
        { ime: 'ni' },
        { commit: '你' },
        type('b'),
        { ime: 'h' },
        { commit: '好' },
        { ime: 'm' },
        { commit: '吗' },
      ],
    ],
    ['a composition given up', [type('a'), { ime: 'n' }, { ime: 'ni' }, { ime: '' }, type('b')]],
    [
      'dictation and emoji',
      [{ commit: 'dictated words ' }, { commit: '😀' }, ...keys('Backspace'), { commit: '👩‍💻' }, type('a')],
    ],
  ];
  test.each(same)('[BIND16] the same steps: %s', async (_, steps) => {
    const native = await history(steps, true);
    const { undone, redone } = await history(steps, false);
    expect(undone).toEqual(native.undone);
    // Where a native field has the caret after the very first undo, ours may have more selected.
    expect(values(redone)).toEqual(values(native.redone));
  });

  const finer: [string, Step[], string[]][] = [
    [
      'a new line is taken back with its line',
      [type('one'), ...keys('Enter'), type('two')],
      ['one\ntwo', 'one', ''],
    ],
    [
      'deleting the other way',
      [type('abcdef'), ...keys('ArrowLeft', 'ArrowLeft', 'Backspace', 'Delete', 'Backspace')],
      ['abf', 'abcf', 'abcef', 'abcdef', ''],
    ],
    [
      'what was selected when an input method began is selected again',
      [type('abc'), ...keys('Shift+ArrowLeft'), { ime: 'n' }, { commit: '你' }],
      ['ab你[]', 'ab[c]', '[]'],
    ],
  ];
  test.each(finer)('[BIND16] said otherwise: %s', async (_, steps, expected) => {
    const { undone, redone } = await history(steps, false);
    expect(expected[0]?.includes('[') ? undone : values(undone)).toEqual(expected);
    expect(values(redone)).toEqual(values(expected).reverse());
  });

  test('[BIND16] at random: every step of the native field is one of ours', async () => {
    const first = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
    const rounds = process.env.SEED === undefined ? 3 : 1;
    for (let seed = first; seed < first + rounds; seed++) {
      const steps = randomSteps(seededRandom(seed));
      const native = await history(steps, true);
      const ours = await history(steps, false);
      const isWhole = native.undone.at(0) === ours.undone.at(0) && ours.undone.at(-1) === '[]';
      const redoes = values(ours.redone).reverse().join('|') === values(ours.undone).join('|');
      if (isWhole && redoes && isPart(values(native.undone), values(ours.undone))) continue;
      const seen = JSON.stringify({ steps, native, ours }, undefined, 1);
      throw new Error(`seed ${seed} fails; again with: SEED=${seed} ${RERUN}\n${seen}`);
    }
  });
});

/** Nothing that may leave the field empty: what is typed into an empty one, Chromium takes back in odd parts. */
function randomSteps(random: Random): Step[] {
  const pick = <T>(from: readonly T[]): T => from[between(random, 0, from.length - 1)] as T;
  const others = ['Backspace', 'Delete', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'Shift+ArrowLeft'];
  others.push('Control+x', 'Control+c', 'Control+v');
  const steps = Array.from({ length: 14 }, (): Step[] => {
    const dice = random();
    if (dice < 0.4) return [type(pick(['one ', 'x', 'ab', 'zwei ']))];
    if (dice < 0.5) return [{ ime: 'n' }, { ime: 'ni' }, pick([{ commit: '你' }, { ime: '' }])];
    return keys(pick(others));
  });
  return [type('the very first words of it'), ...steps.flat()];
}
