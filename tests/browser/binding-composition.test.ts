import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';
import type { Edit } from './pages/lab.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

async function expectText(text: string, caret?: number): Promise<void> {
  const selection = caret === undefined ? {} : { start: caret, end: caret };
  expect(await lab.state()).toMatchObject({ value: text, text, other: text, otherValue: text, ...selection });
}

/** What an input method shows, step by step; `committed` where it is done with a part of it. */
type ImeStep = { readonly shows: string } | { readonly committed: string };

const shows = (...texts: string[]): ImeStep[] => texts.map((text) => ({ shows: text }));

const LANGUAGES: [string, ImeStep[], string, number][] = [
  [
    'Japanese, kana converted clause by clause',
    [...shows('k', 'か', 'かn', 'かん', 'かんじ', '感じ', '漢字'), { committed: '漢字' }],
    '漢字',
    1,
  ],
  [
    'Korean, a syllable that gives a letter to the next one',
    [...shows('ㅎ', '하', '한'), { committed: '하' }, ...shows('나'), { committed: '나' }],
    '하나',
    2,
  ],
  ['a dead key', [...shows('´'), { committed: 'é' }], 'é', 1],
  ['a dead key that did not fit', [...shows('´'), { committed: '´x' }], '´x', 1],
  [
    'Chinese, given up and begun again',
    [...shows('n', 'ni', ''), ...shows('h', 'hao'), { committed: '好' }],
    '好',
    1,
  ],
];

describe.each(LANGUAGES)('[BIND22] %s', (_, steps, result, undos) => {
  const text = 'one  two';

  async function compose(remote: Edit | undefined, when: number): Promise<void> {
    await lab.start({ text }, 4);
    for (const [number, step] of steps.entries()) {
      if ('shows' in step) await lab.compose(step.shows);
      else await lab.commit(step.committed);
      if (remote !== undefined && number === when) await lab.remote(remote);
    }
  }

  test.each([
    ['before', [0, 3, 'ONE!'], `ONE! ${result} two`],
    ['after', [7, 0, 'TWO'], undefined],
  ] as const)('[BIND5] [BIND22] while somebody writes %s', async (where, edit, expected) => {
    for (const when of [0, steps.length - 2]) {
      const [index, remove, insert] = edit;
      // What is composed so far is in the document.
      const shown = steps[when];
      const composed = shown !== undefined && 'shows' in shown ? shown.shows.length : 0;
      const before = steps
        .slice(0, when + 1)
        .flatMap((step) => ('committed' in step ? [step.committed] : []));
      const shift = where === 'after' ? composed + before.join('').length : 0;
      await compose([index + shift, remove, insert], when);
      await expectText(expected ?? `one ${result} twTWOo`);
    }
  });

  test('[BIND4] [BIND22] it is undone in the steps in which it was committed, beside what others wrote', async () => {
    await compose([0, 0, '>'], 0);
    await expectText(`>one ${result} two`);
    for (let step = 0; step < undos; step++) await lab.press('Control+z');
    await expectText('>one  two', 5);
    for (let step = 0; step < undos; step++) await lab.press('Control+y');
    await expectText(`>one ${result} two`, 5 + result.length);
  });
});

test('[BIND22] a keyboard that tells of no composition, and one that replaces the word before the caret', async () => {
  await lab.start({ text: 'a' });
  const input = (value: string, inputType: string, data: string) =>
    lab.page.evaluate(
      ([next, type, given]) => {
        const { field } = window.lab.a;
        field.value = next;
        field.dispatchEvent(new InputEvent('input', { inputType: type, data: given, isComposing: false }));
      },
      [value, inputType, data] as const,
    );
  await input('a teh', 'insertCompositionText', 'teh');
  await lab.remote([0, 1, 'the first']);
  await expectText('the first teh');
  await input('the first the ', 'insertText', 'the ');
  await expectText('the first the ');
});

test('[BIND5] what is composed goes out as it is composed, and once', async () => {
  await lab.start({ text: '我' });
  await lab.compose('n');
  await lab.compose('ni');
  await expectText('我ni');
  await lab.commit('你');
  await expectText('我你', 2);
  expect(await lab.state()).toMatchObject({ transactions: 3, writes: 0 });
});

test('[BIND5] a composition that is given up leaves nothing', async () => {
  await lab.start({ text: 'ab' }, 1);
  await lab.compose('xyz');
  await lab.compose('');
  await lab.type('!');
  await expectText('a!b');
});

test('[BIND5] a selection is replaced', async () => {
  await lab.start({ text: 'one two three' }, [4, 7]);
  await lab.compose('に');
  await lab.remote([13, 0, ' four']);
  await lab.commit('二');
  await expectText('one 二 three four', 5);
});

test.each([
  ['before', [0, 0, 'R'], 'Rone 你 two', 6],
  ['right before', [4, 0, 'R'], 'one R你 two', 6],
  ['right behind', [6, 0, 'R'], 'one 你R two', 5],
  ['after', [10, 0, 'R'], 'one 你 twoR', 5],
  ['inside', [5, 0, 'R'], undefined, undefined],
  ['deleting before', [0, 4, ''], '你 two', 1],
  ['deleting around', [2, 6, ''], 'on你wo', 3],
] as const)('[BIND5] remote changes wait for the end: %s', async (where, edit, result, caret) => {
  await lab.start({ text: 'one  two' }, 4);
  await lab.compose('n');
  await lab.compose('ni');
  await lab.remote(edit);
  expect(await lab.state()).toMatchObject({ value: 'one ni two', writes: 0 });
  await lab.commit('你');
  const { value } = await lab.state();
  if (where === 'inside') expect(['one 你R two', 'one R你 two']).toContain(value);
  else await expectText(result ?? '', caret);
  await expectText(value);
  await lab.type('!');
  expect((await lab.state()).value).toContain('你!');
});

test('[BIND5] many remote changes between the steps of one composition', async () => {
  await lab.start({ text: 'alpha  omega' }, 6);
  await lab.compose('h');
  await lab.remote([0, 5, 'ALPHA']);
  await lab.compose('ha');
  await lab.remote([0, 0, '1 ']);
  await lab.remote([10, 0, '? ']);
  await lab.compose('han');
  await lab.remote([0, 2, '']);
  await lab.commit('汉字');
  const { value } = await lab.state();
  expect(value.replace('? ', '')).toBe('ALPHA 汉字 omega');
  expect(value).toContain('汉字');
  await expectText(value);
});

test('[BIND5] [BIND6] the browser cuts what exceeds maxlength at the end of a composition', async () => {
  await lab.start({ html: '<textarea maxlength="5"></textarea>', text: 'abcd' });
  await lab.compose('xy');
  await lab.compose('xyz');
  await lab.remote([0, 0, 'R']);
  await lab.commit('xyz');
  await lab.page.evaluate(() => window.lab.a.field.blur());
  const { value } = await lab.state();
  expect(value.length).toBeLessThanOrEqual('Rabcdxyz'.length);
  expect(value).toContain('Rabcd');
  await expectText(value);
});

test('[BIND5] blur ends it', async () => {
  await lab.start({ text: 'ab' }, 1);
  await lab.compose('x');
  await lab.remote([0, 0, 'R']);
  await lab.page.evaluate(() => window.lab.a.field.blur());
  await expectText('Raxb');
});

test('[BIND5] a word that stays in composition does not hold others up for ever', async () => {
  await lab.start({ text: 'ab ', manualClock: true });
  await lab.compose('wor');
  await lab.remote([0, 0, 'R']);
  const advance = (ms: number) => lab.page.evaluate((given) => window.lab.clock.advance(given), ms);
  await advance(4000);
  await lab.compose('word');
  await advance(4999);
  expect(await lab.state()).toMatchObject({ value: 'ab word', text: 'Rab word' });
  await advance(1);
  await expectText('Rab word', 8);
  expect(await lab.page.evaluate(() => window.lab.clock.pending)).toBe(0);
});

test('[BIND4] [BIND5] a composition is one step of the history, however slow', async () => {
  await lab.start({ text: '.', manualClock: true }, 0);
  const advance = () => lab.page.evaluate(() => window.lab.clock.advance(3000));
  await lab.compose('n');
  await advance();
  await lab.compose('ni');
  await advance();
  await lab.commit('你');
  await lab.press('Control+z');
  await expectText('.', 0);
  await lab.press('Control+y');
  await expectText('你.', 1);
});

test('[BIND4] [BIND5] an undo button pressed in the middle of a word', async () => {
  await lab.start({ text: '.' }, 0);
  await lab.type('one ');
  await lab.compose('tw');
  await lab.remote([0, 0, '>']);
  await lab.page.evaluate(() => window.lab.a.binding.undoManager?.undo());
  await expectText('>.', 1);
});

test('[BIND11] destroy() while composing shows and keeps everything', async () => {
  await lab.start({ text: 'ab', manualClock: true }, 1);
  await lab.compose('x');
  await lab.remote([0, 0, 'R']);
  await lab.page.evaluate(() => window.lab.a.binding.destroy());
  await expectText('Raxb');
  expect(await lab.page.evaluate(() => window.lab.clock.pending)).toBe(0);
});
