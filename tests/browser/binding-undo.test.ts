import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

async function expectText(text: string, start?: number, end = start): Promise<void> {
  const selection = start === undefined ? {} : { start, end };
  expect(await lab.state()).toMatchObject({ value: text, text, other: text, otherValue: text, ...selection });
}

const advance = (ms: number) => lab.page.evaluate((given) => window.lab.clock.advance(given), ms);

test('[BIND4] Ctrl+Z, Shift+Ctrl+Z and Ctrl+Y', async () => {
  await lab.start({ text: 'start' });
  await lab.type(' typed');
  await lab.press('Control+z');
  await expectText('start', 5);
  await lab.press('Control+Shift+z');
  await expectText('start typed', 11);
  await lab.press('Control+z', 'Control+y');
  await expectText('start typed', 11);
  await lab.press('Control+z', 'Control+z', 'Control+z');
  await expectText('start', 5);
});

test('[BIND4] takes back own edits only', async () => {
  await lab.start({ text: 'one three' }, 4);
  await lab.type('two ');
  await lab.remote([0, 3, 'ONE'], [4, 0, '1.5 ']);
  await expectText('ONE 1.5 two three');
  await lab.press('Control+z');
  await expectText('ONE 1.5 three');
  await lab.press('Control+z');
  await expectText('ONE 1.5 three');
  await lab.press('Control+y');
  await expectText('ONE 1.5 two three');
});

test('[BIND4] steps end where those of a native field do', async () => {
  await lab.start();
  await lab.type('one');
  await lab.press('Enter');
  await lab.type('two');
  await lab.press('ArrowLeft');
  await lab.type('x');
  await lab.press('Backspace', 'Backspace');
  const steps: string[] = [];
  for (;;) {
    const { value } = await lab.state();
    if (steps.at(-1) === value) break;
    steps.push(value);
    await lab.press('Control+z');
  }
  expect(steps).toEqual(['one\nto', 'one\ntwxo', 'one\ntwo', 'one', '']);
});

test('[BIND4] paste and cut are steps of their own', async () => {
  await lab.start({ text: 'ab' }, [0, 1]);
  await lab.press('Control+c', 'End');
  await lab.type('x');
  await lab.press('Control+v');
  await lab.type('y');
  await expectText('abxay');
  await lab.press('Control+z');
  await expectText('abxa', 4);
  await lab.press('Control+z');
  await expectText('abx', 3);
  await lab.press('Control+z');
  await expectText('ab', 2);
  await lab.press('Control+a', 'Control+x');
  await lab.type('new');
  await lab.press('Control+z');
  await expectText('', 0);
  await lab.press('Control+z');
  await expectText('ab', 0, 2);
});

test('[BIND4] a pause ends a step, a remote edit does not', async () => {
  await lab.start({ text: '.', manualClock: true }, 0);
  await lab.type('ab');
  await advance(999);
  await lab.remote([0, 0, '>']);
  await lab.type('c');
  await advance(1001);
  await lab.type('de');
  await expectText('>abcde.');
  await lab.press('Control+z');
  await expectText('>abc.', 4);
  await lab.press('Control+z');
  await expectText('>.', 1);
});

test('[BIND4] the selection comes back with the text, wherever others moved it', async () => {
  await lab.start({ text: 'keep this word here' }, [10, 14]);
  await lab.press('Delete');
  await lab.remote([0, 0, 'please ']);
  await lab.select(0);
  await lab.press('Control+z');
  await expectText('please keep this word here', 17, 21);
  await lab.select(3);
  await lab.press('Control+y');
  await expectText('please keep this  here', 17);
});

test('[BIND4] a menu asks with beforeinput, and a script with execCommand', async () => {
  await lab.start({ text: 'start' });
  await lab.type('!');
  await lab.remote([0, 1, 'S']);
  await lab.type('?');
  await lab.press('ArrowLeft');
  await lab.type('.');
  await expectText('Start!.?');
  const ask = (inputType: string) =>
    lab.page.evaluate(
      (type) =>
        window.lab.a.field.dispatchEvent(
          new InputEvent('beforeinput', { inputType: type, cancelable: true }),
        ),
      inputType,
    );
  expect(await ask('historyUndo')).toBe(false);
  await expectText('Start!?');
  expect(await ask('historyRedo')).toBe(false);
  await expectText('Start!.?');
  // The browser's own command: what it would bring back is long out of date.
  await lab.devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', commands: ['undo'] });
  await expectText('Start!?');
  await lab.type('x');
  await lab.page.evaluate(() => document.execCommand('undo'));
  await expectText('Start!?');
});

test('[BIND4] without undo there is none, the browser’s neither', async () => {
  await lab.start({ text: 'start', undo: false });
  await lab.type('!');
  await lab.press('Control+z');
  await lab.devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', commands: ['undo'] });
  await lab.page.evaluate(() => document.execCommand('undo'));
  await expectText('start!');
});

test('[BIND4] a read-only field is not undone by keys', async () => {
  await lab.start();
  await lab.type('text');
  await lab.page.evaluate(() => {
    window.lab.a.field.readOnly = true;
  });
  await lab.press('Control+z');
  await expectText('text');
});

test('[BIND4] what was undone is scrolled into view', async () => {
  await lab.start({ text: 'line\n'.repeat(200) }, 900);
  await lab.type('x');
  /** Whether the line of the caret, the 181st of 201, is seen whole. */
  const seen = () =>
    lab.page.evaluate(() => {
      const { scrollTop, scrollHeight, clientHeight } = window.lab.a.field;
      const height = (scrollHeight - 4) / 201;
      const top = 2 + 180 * height;
      return scrollTop <= top && top + height <= scrollTop + clientHeight;
    });
  const scrollTo = (top: number) =>
    lab.page.evaluate((given) => {
      window.lab.a.field.scrollTop = given;
      return window.lab.a.field.scrollTop;
    }, top);
  await scrollTo(0);
  expect(await seen()).toBe(false);
  await lab.press('Control+z');
  expect(await seen()).toBe(true);
  await scrollTo(2890);
  expect(await seen()).toBe(false);
  await lab.press('Control+y');
  expect(await seen()).toBe(true);
  const before = await scrollTo(2650);
  expect(await seen()).toBe(true);
  await lab.press('Control+z');
  expect(await lab.page.evaluate(() => window.lab.a.field.scrollTop)).toBe(before);
});
