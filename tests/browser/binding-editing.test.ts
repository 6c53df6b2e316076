import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

/** The field shows the text, and the other person has the same. */
async function expectText(text: string): Promise<void> {
  expect(await lab.state()).toMatchObject({ value: text, text, other: text, otherValue: text });
}

describe('typing', () => {
  test('[BIND1] every key is one transaction, and nobody writes into the field', async () => {
    await lab.start();
    await lab.type('Hello, wörld!');
    await lab.press('Enter', 'a', 'Backspace', 'b', 'ArrowLeft', 'Delete', 'c');
    await expectText('Hello, wörld!\nc');
    expect(await lab.state()).toMatchObject({ transactions: 19, writes: 0 });
  });

  test('[BIND1] a key among equal ones goes where the caret is', async () => {
    await lab.start({ text: 'aaaa' }, 2);
    await lab.page.evaluate(() => {
      window.lab.a.text.observe(({ delta }) => {
        document.title = JSON.stringify(delta);
      });
    });
    await lab.type('a');
    expect(await lab.page.title()).toBe('[{"retain":2},{"insert":"a"}]');
    await lab.press('Backspace');
    expect(await lab.page.title()).toBe('[{"retain":2},{"delete":1}]');
  });

  test('[BIND1] an <input> too', async () => {
    await lab.start({ html: '<input>' });
    await lab.type('one line');
    await lab.press('Home', 'Delete', 'O');
    await expectText('One line');
  });

  test('[BIND6] emoji are typed, changed and deleted whole', async () => {
    await lab.start({ text: '😀😀' }, 2);
    await lab.commit('😁');
    await expectText('😀😁😀');
    await lab.press('Backspace', 'Backspace');
    await expectText('😀');
    await lab.press('Delete');
    await lab.commit('👩‍💻');
    await expectText('👩‍💻');
  });

  test('[BIND6] a lone surrogate becomes U+FFFD for everybody, the author included', async () => {
    await lab.start({ text: 'ab' });
    await lab.page.evaluate(() => {
      window.lab.a.field.setRangeText('\uD83D', 1, 1, 'end');
      window.lab.a.field.dispatchEvent(new InputEvent('input', { inputType: 'insertText' }));
    });
    await expectText('a\uFFFDb');
    expect(await lab.state()).toMatchObject({ start: 2, end: 2 });
  });

  test('[BIND6] maxlength bounds what is typed and not what others wrote', async () => {
    await lab.start({ html: '<textarea maxlength="5"></textarea>', text: 'abc' });
    await lab.type('defg');
    await expectText('abcde');
    await lab.remote([5, 0, ' and more']);
    await lab.type('x');
    await expectText('abcde and more');
    await lab.press('Backspace');
    await expectText('abcd and more');
  });
});

describe('clipboard and scripts', () => {
  test('[BIND6] cut and paste by keyboard are one transaction each', async () => {
    await lab.start({ text: 'one two three' }, [4, 8]);
    await lab.press('Control+x', 'End', 'Control+v');
    await expectText('one threetwo ');
    expect(await lab.state()).toMatchObject({ transactions: 2, writes: 0 });
  });

  test('[BIND6] a paste of a megabyte is one transaction and does not stall', async () => {
    await lab.start({ text: 'before after' }, 6);
    const pasted = 'lorem ipsum dolor\n'.repeat(58_000);
    await lab.page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
    await lab.press('Control+v');
    expect(await lab.state()).toMatchObject({ transactions: 1, writes: 0, text: `before${pasted} after` });
    await lab.press('Control+z');
    // A text of that length is not written into the other's field in every frame.
    await lab.page.waitForFunction(() => window.lab.b.field.value === 'before after');
    await expectText('before after');
  });

  test('[BIND6] drag and drop, and a replacement by the spelling checker, are input events like any other', async () => {
    await lab.start({ text: 'teh cat' }, [0, 3]);
    await lab.page.evaluate(() => document.execCommand('insertText', false, 'the'));
    await expectText('the cat');
    await lab.page.evaluate(() => {
      const { field } = window.lab.a;
      for (const [inputType, value] of [
        ['deleteByDrag', 'the '],
        ['insertFromDrop', 'catthe '],
      ] as const) {
        field.setRangeText(value, 0, field.value.length, 'end');
        field.dispatchEvent(new InputEvent('input', { inputType }));
      }
    });
    await expectText('catthe ');
  });

  test('[BIND8] a script sets the value and says so', async () => {
    await lab.start({ text: 'old text' });
    await lab.page.evaluate(() => {
      window.lab.a.field.value = 'new text';
      window.lab.a.field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await expectText('new text');
    await lab.press('Control+z');
    await expectText('old text');
  });

  test('[BIND8] a form that is reset does not reset the text', async () => {
    await lab.start(
      { html: '<form><textarea>default</textarea><button type="reset">Reset</button></form>', text: 'ours' },
      2,
    );
    const seen = await lab.page.evaluate(() => {
      const { field } = window.lab.a;
      field.form?.reset();
      return [field.value, field.defaultValue];
    });
    expect(seen).toEqual(['ours', 'ours']);
    await lab.page.click('#a + button');
    await lab.page.waitForFunction(() => window.lab.a.field.defaultValue === 'default');
    await lab.page.focus('#a');
    await lab.select(4);
    await lab.type('!');
    await expectText('ours!');
    await lab.remote([0, 0, 'All ']);
    await expectText('All ours!');
  });
});

describe('remote edits', () => {
  test('[BIND2] one transaction is one write, with the focus or without', async () => {
    await lab.start({ text: 'one two three' });
    await lab.remote([0, 3, '1'], [2, 3, '2'], [4, 5, '3']);
    await expectText('1 2 3');
    expect(await lab.state()).toMatchObject({ transactions: 1, writes: 1 });
    await lab.page.evaluate(() => window.lab.a.field.blur());
    await lab.remote([0, 0, 'x']);
    await expectText('x1 2 3');
    expect(await lab.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  });

  test.each(['readonly', 'disabled'])('[BIND2] a %s field shows them', async (attribute) => {
    await lab.start({ html: `<textarea ${attribute}></textarea>`, text: 'first' });
    await lab.remote([5, 0, ' second']);
    await expectText('first second');
    await lab.press('x', 'Control+z');
    await expectText('first second');
  });

  test('[BIND2] what is scrolled stays scrolled', async () => {
    await lab.start({ text: 'line\n'.repeat(200) }, 500);
    const before = await lab.page.evaluate(() => {
      window.lab.a.field.scrollTop = 700;
      return window.lab.a.field.scrollTop;
    });
    await lab.remote([900, 0, 'more\n']);
    await lab.remote([0, 0, 'L']);
    expect(await lab.page.evaluate(() => window.lab.a.field.scrollTop)).toBe(before);
  });

  // The text is "0123456789"; [3, 7] is selected, or the caret is at 5.
  test.each([
    ['before', [0, 0, 'xy'], 7, [5, 9]],
    ['deleted before', [0, 2, ''], 3, [1, 5]],
    ['at the start', [3, 0, 'xy'], 7, [5, 9]],
    ['inside', [5, 0, 'xy'], 5, [3, 9]],
    ['at the end', [7, 0, 'xy'], 5, [3, 7]],
    ['after', [9, 0, 'xy'], 5, [3, 7]],
    ['deleted inside', [4, 2, ''], 4, [3, 5]],
    ['deleted over the start', [2, 2, ''], 3, [2, 5]],
    ['deleted over the end', [6, 2, ''], 5, [3, 6]],
    ['deleted all of it', [2, 6, ''], 2, [2, 2]],
  ] as const)(
    '[BIND3] caret and selection stay at their characters: %s',
    async (_, edit, caret, selection) => {
      await lab.start({ text: '0123456789' }, 5);
      await lab.remote(edit);
      expect(await lab.state()).toMatchObject({ start: caret, end: caret });
      await lab.start({ text: '0123456789' });
      await lab.page.evaluate(() => window.lab.a.field.setSelectionRange(3, 7, 'backward'));
      await lab.remote(edit);
      const [start, end] = selection;
      expect(await lab.state()).toMatchObject({ start, end, ...(start < end && { direction: 'backward' }) });
    },
  );

  test('[BIND3] a caret stays behind the word that is being typed', async () => {
    await lab.start({ text: 'Dear ' });
    await lab.type('Ad');
    await lab.remote([7, 0, ' and Bob']);
    await lab.type('a');
    await expectText('Dear Ada and Bob');
  });
});

describe('line breaks that a field cannot show', () => {
  test('[BIND7] CR LF from elsewhere is shown as a line break and stays', async () => {
    await lab.start({ text: 'one\r\ntwo\rthree' }, 4);
    await lab.type('2');
    await lab.press('End', '!');
    await lab.remote([0, 0, '\r\n']);
    await lab.type('?');
    expect(await lab.state()).toMatchObject({
      value: '\none\n2two!?\nthree',
      text: '\r\none\r\n2two!?\rthree',
      other: '\r\none\r\n2two!?\rthree',
    });
  });

  test('[BIND7] an <input> shows no line breaks and destroys none', async () => {
    await lab.start({ html: '<input>', text: 'one\ntwo' }, 3);
    await lab.type('1');
    await lab.remote([0, 0, 'zero\n']);
    await lab.press('End', '!');
    expect(await lab.state()).toMatchObject({ value: 'zeroone1two!', text: 'zero\none1\ntwo!' });
  });
});
