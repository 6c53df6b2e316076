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

describe('wrong use, and the end', () => {
  test('[BIND9] says in a sentence what is wrong', async () => {
    await lab.start();
    const sentences = await lab.page.evaluate(() => {
      const { bindTextarea, Y, lab } = window;
      const input = (type: string) => Object.assign(document.createElement('input'), { type });
      const attempts: (() => unknown)[] = [
        () => bindTextarea(lab.a.field, lab.a.text),
        () => bindTextarea(input('number'), lab.a.text),
        () => bindTextarea(document.createElement('div') as never, lab.a.text),
        () => bindTextarea(document.createElement('textarea'), new Y.Text()),
        () => bindTextarea(document.createElement('textarea'), 'text' as never),
      ];
      return attempts.map((attempt) => {
        try {
          attempt();
          return 'nothing thrown';
        } catch (error) {
          return String(error);
        }
      });
    });
    expect(sentences).toEqual([
      'TypeError: This text field is bound already; destroy that binding first.',
      'TypeError: An <input type="number"> cannot be bound to a text; the types that can are text, search, tel, password.',
      'TypeError: A text can be bound to a <textarea> or an <input> only.',
      'TypeError: The Y.Text belongs to no Y.Doc yet; take it with doc.getText(name).',
      'TypeError: A text field is bound to a Y.Text, and this is none.',
    ]);
  });

  test('[BIND11] after destroy() the field and the text are strangers, and it can be bound again', async () => {
    await lab.start({ text: 'shared', manualClock: true });
    await lab.type('!');
    await lab.page.evaluate(() => {
      window.lab.a.binding.destroy();
      window.lab.a.binding.destroy();
    });
    await lab.type('?');
    await lab.remote([0, 0, 'un']);
    expect(await lab.state()).toMatchObject({ value: 'shared!?', text: 'unshared!', other: 'unshared!' });
    expect(
      await lab.page.evaluate(() => [
        window.lab.clock.pending,
        window.lab.a.awareness.getLocalState()?.cursor,
      ]),
    ).toEqual([0, null]);
    await lab.page.evaluate(() => {
      window.lab.a.binding = window.lab.a.bind();
    });
    await lab.press('End', '.');
    await expectText('unshared!.');
  });
});

describe('the local caret', () => {
  /** Waits until the other person sees anchor and head at these indices, or no caret. */
  const expectSeen = (...indices: readonly number[]) =>
    lab.page.waitForFunction(
      (expected) => {
        const { Y, lab } = window;
        const cursor = lab.b.awareness.getStates().get(lab.a.doc.clientID)?.cursor;
        const places = [cursor?.anchor, cursor?.head].map((json) =>
          json === undefined
            ? undefined
            : Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), lab.b.doc)
                ?.index,
        );
        return expected.length === 0 ? cursor === null : places.join() === expected.join();
      },
      indices,
      { timeout: 5000 },
    );

  test('[BIND10] is told to the others from the first focus on, and stays while the page is visible', async () => {
    await lab.start({ text: 'hello world' }, 5);
    await expectSeen(5, 5);
    await lab.press('Shift+ArrowLeft', 'Shift+ArrowLeft');
    await expectSeen(5, 3);
    await lab.press('x');
    await expectSeen(4, 4);
    await lab.remote([4, 0, 'yz']);
    await expectSeen(4, 4);
    await lab.page.evaluate(() => window.lab.a.field.blur());
    await expectSeen(4, 4);
    await lab.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      Reflect.deleteProperty(document, 'visibilityState');
    });
    await expectSeen();
  });

  test('[BIND10] is not told before the field had the focus', async () => {
    await lab.page.evaluate(() => window.lab.start({ text: 'hello' }));
    await lab.remote([0, 0, 'x']);
    const state = await lab.page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return window.lab.a.awareness.getLocalState();
    });
    expect(state).not.toHaveProperty('cursor');
  });
});
