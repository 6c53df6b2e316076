import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

const PROSE = `It was the best of times, it was the worst of times,\nit was the age of wisdom…\n\n\tit was the age of foolishness, ${'it was the epoch of belief, '.repeat(12)}\nZoë and 你好世界 and an_unbreakable_${'word_'.repeat(20)}end.\n`;
const HEBREW =
  'בראשית ברא אלהים את השמים ואת הארץ\nוהארץ היתה תהו ובהו וחשך על פני תהום ורוח אלהים מרחפת על פני המים\n';

test.each([
  ['as the browser shows it', '<textarea rows="6" cols="40"></textarea>', {}, PROSE],
  [
    'with a scroll bar',
    '<textarea></textarea>',
    { width: '300px', height: '90px', 'overflow-y': 'scroll' },
    PROSE,
  ],
  [
    'border-box, padding, wide borders',
    '<textarea></textarea>',
    {
      width: '333.3px',
      height: '120px',
      'box-sizing': 'border-box',
      padding: '7px 13.5px 3px 21px',
      border: '5px solid',
    },
    PROSE,
  ],
  [
    'a serif font, large, spaced',
    '<textarea></textarea>',
    {
      width: '400px',
      height: '150px',
      font: 'italic 300 21px/1.7 serif',
      'letter-spacing': '1.3px',
      'word-spacing': '4px',
    },
    PROSE,
  ],
  [
    'a proportional font, indented, narrow tabs',
    '<textarea></textarea>',
    { width: '250px', height: '150px', font: '15px sans-serif', 'text-indent': '30px', 'tab-size': '3' },
    PROSE,
  ],
  ['centred', '<textarea></textarea>', { width: '350px', height: '120px', 'text-align': 'center' }, PROSE],
  ['without wrapping', '<textarea wrap="off"></textarea>', { width: '300px', height: '120px' }, PROSE],
  [
    'breaking anywhere',
    '<textarea></textarea>',
    { width: '211px', height: '120px', 'word-break': 'break-all' },
    PROSE,
  ],
  [
    'right to left',
    '<textarea dir="rtl"></textarea>',
    { width: '260px', height: '70px', font: '16px sans-serif' },
    HEBREW,
  ],
  [
    'right to left by its content',
    '<textarea dir="auto"></textarea>',
    { width: '260px', height: '120px' },
    HEBREW,
  ],
  [
    'an <input>',
    '<input>',
    { width: '200px', height: '40px', padding: '3px 9px', font: '17px serif' },
    PROSE.slice(0, 70),
  ],
  ['a centred <input>', '<input>', { width: '300px', 'text-align': 'center' }, 'in the middle'],
  ['a password', '<input type="password">', { width: '200px' }, 'hunter22'],
])('[CARET1] carets are within a pixel of where a click finds them: %s', async (_, html, styles, text) => {
  await lab.start({ html, text });
  await lab.page.evaluate(
    (given) => {
      for (const [name, value] of Object.entries(given))
        window.lab.a.field.style.setProperty(name, value ?? '');
    },
    styles as Record<string, string | undefined>,
  );
  const { checked, wrong } = await lab.page.evaluate(() => window.lab.misplaced());
  expect(wrong).toEqual([]);
  expect(checked).toBeGreaterThan(text.length * 0.7);
});
