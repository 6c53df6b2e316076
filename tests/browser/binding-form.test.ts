import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { bundleForPage, type PageServer, servePages } from '../support/page-bundle.js';

const HTML = 'text/html; charset=utf-8';

/** A page whose script binds two fields of a form: at once, when the page is loaded, or a while after. */
const bindingPage = (when: string): string => `<!doctype html><html lang="en"><title>Form</title>
<form><textarea id="t" name="t">of the page</textarea><input id="i" name="i" autocomplete="name"></form>
<script src="/lab.js"></script><script src="/${when}.js"></script>`;

/** The document is another one when the page is opened again: others have written meanwhile. */
const BIND = `
const doc = new Y.Doc();
const again = sessionStorage.getItem('again') !== null;
for (const id of ['t', 'i']) doc.getText(id).insert(0, again ? 'what others wrote' : 'at first ');
function bindAll() {
  for (const id of ['t', 'i']) bindTextarea(document.getElementById(id), doc.getText(id));
  document.title = 'bound';
}
`;
const WHEN = {
  now: 'bindAll();',
  loaded: "addEventListener('load', bindAll);",
  shown: "addEventListener('pageshow', () => setTimeout(bindAll));",
};

let browser: TestBrowser;
let server: PageServer;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  const lab = await bundleForPage(join(__dirname, 'pages/lab.ts'));
  const script = (body: string) => ({ type: 'text/javascript; charset=utf-8', body });
  const whens = Object.entries(WHEN);
  server = await servePages({
    '/': {
      type: HTML,
      body: '<!doctype html><html lang="en"><title>Lab</title><script src="/lab.js"></script>',
    },
    '/other': { type: HTML, body: '<!doctype html><html lang="en"><title>Other</title>' },
    '/lab.js': script(lab),
    ...Object.fromEntries(whens.map(([name]) => [`/${name}`, { type: HTML, body: bindingPage(name) }])),
    ...Object.fromEntries(whens.map(([name, when]) => [`/${name}.js`, script(BIND + when)])),
  });
  browser = await launchChromium();
  page = await browser.context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(() => page.goto(server.url));
afterEach(() => expect(errors).toEqual([]));

describe('the form of a field', () => {
  test('[BIND19] what is submitted is all of the text, with what came since the last frame', async () => {
    const html = '<form><textarea name="t"></textarea><input name="t" value="second"></form>';
    await page.evaluate((given) => window.lab.start({ html: given, text: 'abc' }), html);
    const got = await page.evaluate(() => {
      const { field } = window.lab.a;
      const { form } = field;
      if (form === null) return [];
      const read = () => new FormData(form).getAll('t').join();
      const seen: string[] = [];
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        seen.push(field.value, read());
      });
      window.lab.remote([0, 0, 'R']);
      seen.push(field.value, read());
      form.requestSubmit();
      field.disabled = true;
      window.lab.remote([0, 0, 'S']);
      seen.push(read());
      return seen;
    });
    expect(got).toEqual(['abc', 'Rabc,second', 'Rabc', 'Rabc,second', 'second']);
  });

  test('[BIND5] [BIND19] a form that is saved in the middle of a word has the word, and does not disturb it', async () => {
    await page.evaluate(() =>
      window.lab.start({ html: '<form><textarea name="t"></textarea></form>', text: 'ab' }),
    );
    await page.focus('#a');
    await page.evaluate(() => window.lab.a.field.setSelectionRange(1, 1));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
    const saved = await page.evaluate(() => {
      const { field } = window.lab.a;
      window.lab.remote([0, 0, 'R']);
      return [field.value, field.form && new FormData(field.form).get('t')];
    });
    expect(saved).toEqual(['anib', 'Ranib']);
    await devtools.send('Input.insertText', { text: '你' });
    expect(await page.evaluate(() => window.lab.frames().then(() => window.lab.state().value))).toBe('Ra你b');
  });

  test('[BIND8] a form inside a shadow tree does not reset the text either', async () => {
    const seen = await page.evaluate(async () => {
      await window.lab.start({
        html: '<form><textarea name="t">of the page</textarea></form>',
        text: 'ours',
      });
      const { field, binding } = window.lab.a;
      binding.destroy();
      const host = document.createElement('div');
      if (field.form) host.attachShadow({ mode: 'open' }).append(field.form);
      document.body.append(host);
      window.lab.a.binding = window.lab.a.bind();
      field.focus();
      field.setSelectionRange(4, 4);
      document.execCommand('insertText', false, '!');
      field.form?.reset();
      const values = [field.value];
      await new Promise((resolve) => setTimeout(resolve));
      return [...values, field.value, field.defaultValue, window.lab.a.text.toString()];
    });
    expect(seen).toEqual(['ours!', 'ours!', 'of the page', 'ours!']);
  });

  test('[BIND21] validity is that of what the user did, and longer texts of others stay whole', async () => {
    const validity = () =>
      page.evaluate(async () => {
        await window.lab.frames();
        const { tooLong, valueMissing, valid } = window.lab.a.field.validity;
        return { tooLong, valueMissing, valid, value: window.lab.a.field.value };
      });
    const html = '<form><textarea name="t" required maxlength="5"></textarea></form>';
    await page.evaluate((given) => window.lab.start({ html: given }), html);
    expect(await validity()).toMatchObject({ valueMissing: true, valid: false });
    await page.evaluate(() => window.lab.remote([0, 0, 'longer than five']));
    expect(await validity()).toEqual({
      tooLong: false,
      valueMissing: false,
      valid: true,
      value: 'longer than five',
    });
    await page.focus('#a');
    await page.keyboard.type('x');
    expect((await validity()).value).toBe('longer than five');
  });

  test('[BIND21] a field that becomes read-only or disabled and writable again goes on', async () => {
    await page.evaluate(() => window.lab.start({ text: 'text' }));
    for (const property of ['readOnly', 'disabled'] as const) {
      const set = (value: boolean) =>
        page.evaluate(([name, to]) => Object.assign(window.lab.a.field, { [name]: to }), [
          property,
          value,
        ] as const);
      await page.focus('#a');
      await page.keyboard.press('End');
      await set(true);
      await page.keyboard.type('no');
      await page.evaluate(() => window.lab.remote([0, 0, '>']));
      await set(false);
      await page.focus('#a');
      await page.keyboard.press('End');
      await page.keyboard.type('!');
    }
    const { value, text, other } = await page.evaluate(() =>
      window.lab.frames().then(() => window.lab.state()),
    );
    expect([value, text, other]).toEqual(['>>text!!', '>>text!!', '>>text!!']);
  });
});

describe('a page that is left and opened again', () => {
  test.each(['now', 'loaded', 'shown'])(
    '[BIND18] what the browser restores is not shown and no edit: bound %s',
    async (when) => {
      const values = () =>
        page.evaluate(() => ['t', 'i'].map((id) => document.querySelector<Field>(`#${id}`)?.value));
      for (const again of ['back', 'reload'] as const) {
        await page.goto(`${server.url}/${when}`);
        await page.waitForFunction(() => document.title === 'bound');
        for (const id of ['t', 'i']) {
          await page.focus(`#${id}`);
          await page.keyboard.type('mine');
        }
        await page.evaluate(() => sessionStorage.setItem('again', 'yes'));
        if (again === 'reload') await page.reload();
        else {
          await page.goto(`${server.url}/other`);
          await page.goBack();
        }
        await page.waitForFunction(() => document.title === 'bound');
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
        expect(await values()).toEqual(['what others wrote', 'what others wrote']);
        await page.focus('#t');
        await page.keyboard.press('End');
        await page.keyboard.type('!');
        expect(await values()).toEqual(['what others wrote!', 'what others wrote']);
        await page.evaluate(() => sessionStorage.clear());
      }
    },
  );
});

type Field = HTMLTextAreaElement;
