import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LabPage } from '../support/lab-page.js';
import { between, seededRandom } from '../support/seeds.js';

let lab: LabPage;
beforeAll(async () => {
  lab = await LabPage.open();
});
afterAll(() => lab?.close());
afterEach(() => expect(lab.errors).toEqual([]));

const RERUN = 'npx jest tests/browser/binding-frames';

/** Long enough to be edited in place. */
const LONG = Array.from({ length: 600 }, (_, line) => `line ${line} of a long text`).join('\n');
const BOX = '<textarea rows="8" cols="40"></textarea>';

/** Counts how often a script edits in place, and the `input` events of `a`'s field, from now on. */
async function count(): Promise<void> {
  await lab.page.evaluate(() => {
    const counts = { edits: 0, inputs: 0 };
    const { execCommand } = Document.prototype;
    document.execCommand = (...args) => {
      counts.edits++;
      return execCommand.apply(document, args);
    };
    window.lab.a.field.addEventListener('input', () => counts.inputs++);
    Object.assign(window, { counts });
  });
}

async function counted() {
  const { writes, transactions, value, text } = await lab.state();
  const counts = await lab.page.evaluate(() => {
    const { edits, inputs } = (window as unknown as { counts: { edits: number; inputs: number } }).counts;
    return { edits, inputs };
  });
  return { writes, transactions, same: value === text, ...counts };
}

describe('what others do between two frames', () => {
  test.each(['', `\n${LONG}`])('[BIND2] ten transactions are one write (%#)', async (rest) => {
    await lab.start({ text: `some text${rest}` }, 4);
    await lab.page.evaluate(() => window.lab.a.field.blur());
    await count();
    await lab.page.evaluate(() => {
      for (let edit = 0; edit < 10; edit++) window.lab.remote([edit, 0, 'x']);
    });
    expect(await counted()).toEqual({ writes: 1, transactions: 10, edits: 0, inputs: 0, same: true });
  });

  test('[BIND2] [CARET4] 300 edits in one transaction are one write, and the carets are drawn once', async () => {
    await lab.start({ html: BOX, text: LONG, carets: true }, 4);
    await lab.page.evaluate(() => window.lab.pointB(100));
    await count();
    const drawn = await lab.page.evaluate(async () => {
      await window.lab.frames();
      let times = 0;
      const caret = window.lab.host?.shadowRoot?.querySelector('.caret');
      const watch = new MutationObserver(() => times++);
      if (caret) watch.observe(caret, { attributes: true });
      window.lab.remote(
        ...Array.from({ length: 300 }, (_, edit): [number, number, string] => [edit * 30, 1, 'XY']),
      );
      await window.lab.frames();
      await window.lab.frames();
      watch.disconnect();
      return times;
    });
    expect(drawn).toBe(1);
    expect(await counted()).toEqual({ writes: 1, transactions: 1, edits: 0, inputs: 0, same: true });
  });

  test('[BIND13] a key goes into the document at once, beside what is not shown yet', async () => {
    await lab.start({ text: 'Dear ' });
    const text = await lab.page.evaluate(() => {
      const { field, text } = window.lab.a;
      window.lab.remote([0, 0, 'My '], [8, 0, '!']);
      const seen = [field.value];
      document.execCommand('insertText', false, 'Ada');
      return [...seen, field.value, text.toString()];
    });
    expect(text).toEqual(['Dear ', 'Dear Ada', 'My Dear Ada!']);
    expect(await lab.state()).toMatchObject({ value: 'My Dear Ada!', start: 11, end: 11 });
    await lab.press('Control+z');
    expect(await lab.state()).toMatchObject({ value: 'My Dear !', start: 8 });
  });

  test('[BIND4] an undo button shows what it does at once, and what is held with it', async () => {
    await lab.start({ text: '.' }, 0);
    await lab.type('one');
    const value = await lab.page.evaluate(() => {
      window.lab.remote([0, 0, '>']);
      window.lab.a.binding.undoManager?.undo();
      return window.lab.a.field.value;
    });
    expect(value).toBe('>.');
  });

  test('[BIND11] destroy() shows what is held', async () => {
    await lab.start({ text: 'ab', manualClock: true });
    const seen = await lab.page.evaluate(() => {
      window.lab.remote([0, 0, 'R']);
      window.lab.a.binding.destroy();
      window.lab.b.binding.destroy();
      return [window.lab.a.field.value, window.lab.clock.pending];
    });
    expect(seen).toEqual(['Rab', 0]);
  });

  test.each(['ab', LONG])(
    '[BIND15] a hidden page, which draws no frames, takes it too (%#)',
    async (text) => {
      await lab.start({ text, manualClock: true });
      const seen = await lab.page.evaluate(async () => {
        const { clock, a } = window.lab;
        const waiting: FrameRequestCallback[] = [];
        const { requestAnimationFrame } = window;
        window.requestAnimationFrame = (callback) => waiting.push(callback);
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
        for (let edit = 0; edit < 20; edit++) window.lab.remote([edit, 0, 'R']);
        const before = a.field.value === a.text.toString();
        clock.advance(1000);
        const after = a.field.value === a.text.toString();
        Reflect.deleteProperty(document, 'visibilityState');
        window.requestAnimationFrame = requestAnimationFrame;
        for (const callback of waiting) requestAnimationFrame(callback);
        return [before, after, a.writes];
      });
      expect(seen).toEqual([false, true, 1]);
    },
  );
});

describe('a long text in the focused field', () => {
  test('[BIND14] is edited in place, unheard, and selection and scroll position stay', async () => {
    await lab.start({ html: BOX, text: LONG }, 4);
    await lab.page.evaluate(() => {
      const { field } = window.lab.a;
      field.scrollTop = 300;
      field.setSelectionRange(30, 40, 'backward');
    });
    const before = await lab.page.evaluate(() => window.lab.a.field.scrollTop);
    await count();
    await lab.remote([0, 4, 'LINE\n'], [35, 2, ''], [9_000, 3, 'far away']);
    expect(await counted()).toEqual({ writes: 0, transactions: 1, edits: 3, inputs: 0, same: true });
    expect(await lab.state()).toMatchObject({ start: 31, end: 39, direction: 'backward' });
    expect(await lab.page.evaluate(() => window.lab.a.field.scrollTop)).toBe(before);
    expect(await lab.page.evaluate(() => document.activeElement?.id)).toBe('a');
  });

  test('[BIND14] comes a few edits a frame, those in view first', async () => {
    await lab.start({ html: BOX, text: LONG }, 4);
    await count();
    const seen = await lab.page.evaluate(async () => {
      const { a } = window.lab;
      const { length } = a.text;
      a.field.scrollTop = a.field.scrollHeight;
      await window.lab.frames();
      for (let edit = 0; edit < 30; edit++) window.lab.remote([edit * 200, 0, `<${edit}>`]);
      window.lab.remote([length, 0, '<seen>']);
      await window.lab.frames();
      const first = [a.field.value.includes('<seen>'), a.field.value.match(/<\d+>/g)?.length];
      await window.lab.shown('a');
      return [...first, a.field.value.match(/<\d+>/g)?.length];
    });
    expect(seen).toEqual([true, 3, 30]);
    expect(await counted()).toEqual({ writes: 0, transactions: 31, edits: 31, inputs: 0, same: true });
  });

  test.each([
    ['read-only', '<textarea readonly></textarea>', 'x'],
    ['maxlength, which is for the user', '<textarea maxlength="5"></textarea>', 'x'],
    ['a line break of another system', BOX, '1\r\n2'],
    ['half a grapheme', BOX, '\u0301'],
    ['a long insertion', BOX, 'long\n'.repeat(2_000)],
  ])('[BIND14] is set as a whole where that cannot be: %s', async (_, html, insert) => {
    await lab.start({ html, text: `e🦦${LONG}` }, 0);
    await lab.remote([1, 0, insert], [0, 0, '>']);
    await lab.page.evaluate(() => window.lab.shown('a'));
    const { value, text } = await lab.state();
    expect(value).toBe(text.replaceAll('\r\n', '\n'));
  });

  test('[BIND5] [BIND14] an input method that idles does not keep it from being shown', async () => {
    await lab.start({ html: BOX, text: LONG, manualClock: true }, 4);
    await lab.compose('n');
    await lab.compose('ni');
    await lab.remote([0, 0, '>']);
    expect((await lab.state()).value.startsWith('lineni 0')).toBe(true);
    await lab.page.evaluate(() => window.lab.clock.advance(5000));
    expect((await lab.state()).value.startsWith('>lineni 0')).toBe(true);
    await lab.commit('你');
    const { value, text } = await lab.state();
    expect(value).toBe(text);
  });
});

/** What is typed is told apart from everything else, each character from each other. */
type Step = { type: string } | { go: number } | { remote: number; remove: number } | 'frame';

function randomSteps(seed: number): Step[] {
  const random = seededRandom(seed);
  let code = 0x4e00;
  return Array.from({ length: 120 }, (): Step => {
    const dice = random();
    if (dice < 0.45) return { type: String.fromCharCode(code++) };
    if (dice < 0.5) return { go: random() };
    if (dice < 0.9) return { remote: random(), remove: between(random, 0, 3) };
    return 'frame';
  });
}

/** Types and edits in the page itself, so that nothing comes between two steps but the frames that are asked for. */
async function race(steps: readonly Step[]): Promise<string[]> {
  return lab.page.evaluate(async (given) => {
    const { a, b } = window.lab;
    const runs = [''];
    for (const step of given) {
      if (step === 'frame') await window.lab.frames();
      else if ('type' in step) {
        document.execCommand('insertText', false, step.type);
        runs.push(`${runs.pop()}${step.type}`);
      } else if ('go' in step) {
        const at = Math.floor(step.go * (a.field.value.length + 1));
        a.field.setSelectionRange(at, at);
        runs.push('');
      } else {
        const at = Math.floor(step.remote * b.text.length);
        const rest = b.text.toString().slice(at, at + step.remove);
        // Nobody deletes what is typed here, so all of it has to be there.
        const remove = rest.search(/[\u4e00-\u9fff]/);
        window.lab.remote([at, remove < 0 ? rest.length : remove, 'ab']);
      }
    }
    await window.lab.shown('a');
    const [value, text, other] = [a.field.value, a.text.toString(), b.text.toString()];
    const problems = value === text && text === other ? [] : ['the copies differ'];
    for (const run of runs) {
      const places = Array.from(run, (char) => text.indexOf(char));
      const right = places.every((place, at) => place > (places[at - 1] ?? -1));
      if (!right) problems.push(`${run} is at ${places}`);
    }
    return problems;
  }, steps);
}

describe('keys between frames', () => {
  test('[BIND13] [BIND14] none is lost and none comes before another, whatever others do', async () => {
    const first = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
    const rounds = process.env.SEED === undefined ? 8 : 1;
    for (let seed = first; seed < first + rounds; seed++) {
      await lab.start({ html: BOX, text: seed % 2 === 0 ? 'a short text' : LONG }, seed % 10);
      const problems = await race(randomSteps(seed));
      if (problems.length > 0) throw new Error(`again with: SEED=${seed} ${RERUN}\n${problems.join('\n')}`);
    }
  });
});
