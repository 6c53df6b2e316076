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
      const { bindTextarea, showRemoteCarets, Y, lab } = window;
      const { field, text, awareness } = lab.a;
      const input = (type: string) => Object.assign(document.createElement('input'), { type });
      const div = document.createElement('div');
      div.contentEditable = 'true';
      document.body.append(div);
      const ended = new Y.Doc();
      ended.destroy();
      // What a second copy of Yjs in the page would make.
      const { applyDelta, toDelta, observe } = Y.Text.prototype;
      const foreign = { applyDelta, toDelta, observe, doc: {} };
      const attempts: (() => unknown)[] = [
        () => bindTextarea(document.createElement('textarea'), lab.a.text),
        () => bindTextarea(div as never, lab.a.text),
        () => bindTextarea(lab.a.field, ended.getText('text')),
        () => bindTextarea(lab.a.field, foreign as never),
        () => bindTextarea(lab.a.field, new Y.Doc().getMap('text') as never),
        () => bindTextarea(null as never, lab.a.text),
        () => bindTextarea(lab.a.field, lab.a.text),
        () => bindTextarea(input('number'), lab.a.text),
        () => bindTextarea(document.createElement('div') as never, lab.a.text),
        () => bindTextarea(document.createElement('textarea'), new Y.Text()),
        () => bindTextarea(document.createElement('textarea'), 'text' as never),
        () => bindTextarea(field, text, { undo: 5 as never }),
        () => bindTextarea(field, text, { undo: { timeout: 5 } as never }),
        () => bindTextarea(field, text, { awarenes: awareness } as never),
        () => bindTextarea(field, text, { awareness: {} as never }),
        () => showRemoteCarets(field, text, undefined as never),
        () => showRemoteCarets(field, undefined as never, awareness),
        () => showRemoteCarets(field, text, awareness, { maxCaret: 5 } as never),
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
      'TypeError: This text field is in no page yet; add it to the page first, and bind it then.',
      'TypeError: An editable element (contenteditable) cannot be bound to a text; bind a <textarea>, or use an editor with a Yjs binding of its own.',
      'TypeError: The Y.Doc of this Y.Text has been destroyed; take a new one.',
      'TypeError: This Y.Text is of another copy of Yjs than the one that Coscribe uses; see to it that the page loads Yjs once.',
      'TypeError: A text field is bound to a Y.Text, and this is none.',
      'TypeError: A text can be bound to a <textarea> or an <input> only.',
      'TypeError: This text field is bound already; destroy that binding first.',
      'TypeError: An <input type="number"> cannot be bound to a text; the types that can are text, search, tel, password.',
      'TypeError: A text can be bound to a <textarea> or an <input> only.',
      'TypeError: The Y.Text belongs to no Y.Doc yet; take it with doc.getText(name).',
      'TypeError: A text field is bound to a Y.Text, and this is none.',
      expect.stringMatching(
        /^TypeError: bindTextarea\(\) has no option "undo" of type number; its options are /,
      ),
      'TypeError: `undo` has no option "timeout" of type number; its options are {"captureTimeout":"number"}.',
      expect.stringMatching(/^TypeError: bindTextarea\(\) has no option "awarenes" of type object; /),
      'TypeError: `awareness` has to be an Awareness of y-protocols, such as `provider.awareness`.',
      'TypeError: `awareness` has to be an Awareness of y-protocols, such as `provider.awareness`.',
      'TypeError: A text field is bound to a Y.Text, and this is none.',
      expect.stringMatching(/^TypeError: showRemoteCarets\(\) has no option "maxCaret" of type number; /),
    ]);
  });

  test('[BIND11] the end of the document is the end of the binding', async () => {
    await lab.start({ text: 'shared', html: '<input autocomplete="name">' });
    const seen = await lab.page.evaluate(() => {
      const { a } = window.lab;
      const before = a.field.autocomplete;
      a.doc.destroy();
      window.lab.remote([0, 0, 'R']);
      const rebound = window.bindTextarea(a.field, window.lab.b.text);
      const value = a.field.value;
      rebound.destroy();
      return [before, value, a.field.autocomplete, window.lab.b.field.autocomplete];
    });
    expect(seen).toEqual(['name', 'Rshared', 'name', 'name']);
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

describe('where the field is', () => {
  test('[BIND23] it is taken out, changed meanwhile, put back elsewhere, and goes on', async () => {
    await lab.start({ text: 'text' });
    await lab.page.evaluate(() => {
      const { field } = window.lab.a;
      field.remove();
      window.lab.remote([0, 0, 'R ']);
    });
    expect((await lab.state()).value).toBe('R text');
    await lab.page.evaluate(() => {
      const { field } = window.lab.a;
      const holder = document.createElement('section');
      document.body.prepend(holder);
      holder.append(field);
      field.focus();
    });
    await lab.press('End', '!');
    await expectText('R text!');
    await lab.press('Control+z');
    await expectText('R text');
  });

  test.each(['a shadow tree', 'a frame'])('[BIND23] in %s, short and long texts', async (where) => {
    await lab.start({ text: 'text' });
    const values = await lab.page.evaluate(async (place) => {
      const { lab, bindTextarea } = window;
      const field = document.createElement('textarea');
      const host = document.createElement(place === 'a frame' ? 'iframe' : 'div');
      document.body.append(host);
      if (host instanceof HTMLIFrameElement) host.contentDocument?.body.append(field);
      else host.attachShadow({ mode: 'open' }).append(field);
      lab.a.binding.destroy();
      const page = field.ownerDocument;
      const binding = bindTextarea(field, lab.a.text, { awareness: lab.a.awareness });
      field.focus();
      const shown = async () => {
        await lab.frames();
        await new Promise((resolve) => page.defaultView?.requestAnimationFrame(resolve));
        await lab.frames();
        return field.value === lab.a.text.toString();
      };
      const seen: unknown[] = [];
      for (const rest of ['', 'long text\n'.repeat(2_000)]) {
        lab.remote([4, 0, rest]);
        seen.push(await shown());
        field.setSelectionRange(2, 4);
        page.execCommand('insertText', false, 'X');
        lab.remote([0, 0, 'R']);
        seen.push(await shown(), field.value.slice(0, 5), field.selectionStart);
        binding.undoManager?.undo();
        lab.remote([0, 1, '']);
        seen.push(
          await shown(),
          field.value.slice(0, 4),
          lab.b.awareness.getStates().get(lab.a.doc.clientID)?.cursor !== undefined,
        );
      }
      binding.destroy();
      return seen;
    }, where);
    const each = [true, true, expect.stringMatching(/^RteX/), 4, true, 'text', true];
    expect(values).toEqual([...each, ...each]);
  });
});

describe('the local caret', () => {
  /** Waits until the other person sees anchor and head at these indices, or no caret. */
  const expectSeen = (...indices: readonly number[]) =>
    lab.page.waitForFunction((expected) => {
      const { Y, lab } = window;
      const cursor = lab.b.awareness.getStates().get(lab.a.doc.clientID)?.cursor;
      const places = [cursor?.anchor, cursor?.head].map((json) =>
        json === undefined
          ? undefined
          : Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), lab.b.doc)
              ?.index,
      );
      return expected.length === 0 ? cursor === null : places.join() === expected.join();
    }, indices);

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
