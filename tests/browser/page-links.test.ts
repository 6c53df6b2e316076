import { describe, expect, test } from '@jest/globals';
import { linkedDocument } from '../support/linked-document.js';
import type { PagePerson } from '../support/page-person.js';
import { usePages } from '../support/pages.js';

const pages = usePages({ args: ['--auth', 'links'] });

let made = 0;
const newDocument = () => linkedDocument(pages.server.url, `team/linked-${++made}`);

/** Opens a document for somebody who may read it. */
async function readsAt(person: PagePerson, address: string): Promise<void> {
  await person.page.goto(address);
  await person.sees('Read-only');
}

function panelOf({ page }: PagePerson) {
  return page.getByRole('dialog', { name: 'Share this document' });
}

/** Makes a link in the panel. @returns what is then on the clipboard */
async function sharesAs(person: PagePerson, can: string, label = ''): Promise<string> {
  const { page } = person;
  const panel = panelOf(person);
  if (!(await panel.isVisible())) await page.getByRole('button', { name: 'Share' }).click();
  await panel.getByRole('radio', { name: can }).check();
  await panel.getByLabel('For whom').fill(label);
  await panel.getByRole('button', { name: 'Make a link and copy it' }).click();
  await panel.getByText('Link made and copied').waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

describe('a document with links', () => {
  test('[PAGE27] [PAGE18] is its maker’s, at its bare address, in this browser only', async () => {
    const [ada, eve] = [await pages.somebody(), await pages.somebody()];
    const said: string[] = [];
    ada.page.on('request', (request) => said.push(request.url()));
    ada.page.on('websocket', (socket) => said.push(socket.url()));
    await ada.page.goto(pages.server.url);
    await ada.page.getByText('It is yours alone until you share a link to it').waitFor();
    await ada.page.getByLabel('Start a new document').fill('team/mine');
    await ada.page.getByRole('button', { name: 'Create' }).click();
    await ada.sees('Saved');
    await ada.types('mine');
    await ada.sees('Saved');
    await ada.page.waitForURL(`${pages.server.url}/d/team/mine`);
    await ada.page.reload();
    await ada.sees('Saved');
    await ada.reads('mine');
    await ada.page.getByRole('link', { name: 'All documents' }).click();
    await ada.page.getByRole('link', { name: /team\/mine ?yours · edited/ }).click();
    await ada.sees('Saved');
    expect(said.filter((address) => address.includes('link_'))).toEqual([]);

    await eve.page.goto(`${pages.server.url}/d/team/mine`);
    await eve.page.getByRole('alert').getByText('You can’t open this document').waitFor();
    await eve.reads('');
    await eve.page.goto(pages.server.url);
    await eve.page.getByLabel('Start a new document').fill('team/mine');
    await eve.page.keyboard.press('Enter');
    await eve.page.getByRole('alert').getByText('There is, or was lately, a document of that name').waitFor();
    await eve.page.getByRole('button', { name: 'Start a page with a fresh name' }).click();
    await eve.sees('Saved');
  });

  test('[PAGE24] [PAGE21] its owner makes a link for readers, who can’t type; they see whom to ask', async () => {
    const [ada, ben] = [await pages.somebody(), await pages.somebody()];
    const { page, owner } = await newDocument();
    await ada.opens(`${page}#${owner}`);
    await ada.types('to be read');
    const address = await sharesAs(ada, 'can read', 'Ben');
    expect(address).toMatch(/^http:.*\/d\/team\/linked-\d+#link_[\w-]{43}$/);
    expect(await panelOf(ada).getByLabel('The new link').inputValue()).toBe(address);
    await ada.page.getByTestId('links').getByText('Ben').waitFor();
    await readsAt(ben, address);
    await ben.reads('to be read');
    await ben.types('not this');
    await ben.reads('to be read');
    await ben.page.waitForURL(page);
    await ben.page.getByRole('button', { name: 'Share' }).click();
    await panelOf(ben).getByText('Only its owners can make links').waitFor();
    expect(await panelOf(ben).getByRole('button', { name: 'Make a link' }).isVisible()).toBe(false);
    await panelOf(ben).getByRole('button', { name: 'Copy' }).click();
    await panelOf(ben).getByText('Copied.').waitFor();
    expect(await ben.page.evaluate(() => navigator.clipboard.readText())).toBe(page);
    await ada.reads('to be read');
  });

  test('[PAGE19] an owner who looks through a link for readers remains the owner', async () => {
    const ada = await pages.somebody();
    const { page, owner, link, revoke } = await newDocument();
    await ada.opens(`${page}#${owner}`);
    const { id, token } = await link('viewer');
    await ada.page.goto('about:blank');
    await readsAt(ada, `${page}#${token}`);
    await ada.page.reload();
    await ada.sees('Read-only');
    await ada.page.goto('about:blank');
    await ada.opens(page);
    await ada.page.goto('about:blank');
    await revoke(id);
    await ada.opens(`${page}#${token}`);
    await ada.page.getByTestId('toast').getByText('opened with the access that you had').waitFor();
    await ada.page.waitForURL(page);
  });

  test('[PAGE42] a link leads to its document whatever that is called by now, and so does a page that has it open', async () => {
    const [ada, ben, eve] = [await pages.somebody(), await pages.somebody(), await pages.somebody()];
    const { page, owner, link, move } = await newDocument();
    const [reader, editor] = [await link('viewer'), await link('editor')];
    await ada.opens(`${page}#${editor.token}`);
    await ada.types('the same');
    await readsAt(ben, `${page}#${reader.token}`);
    await ben.reads('the same');
    await ada.sees('Saved');
    const there = `${page}-renamed`;
    await move(there.slice(`${pages.server.url}/d/`.length));
    for (const one of [ada, ben]) {
      await one.page.waitForURL(there);
      await one.reads('the same');
    }
    await ada.standsAt('the same'.length);
    await ada.types(' and more');
    await ben.reads('the same and more');
    await readsAt(eve, `${page}#${reader.token}`);
    await eve.page.waitForURL(there);
    await eve.reads('the same and more');
    await eve.page.goto(`${page}#${owner}`);
    await eve.sees('Saved');
    expect(eve.page.url()).toBe(there);
  });

  test('[PAGE20] [PAGE21] another link in the address of the open page changes what one may do', async () => {
    const ada = await pages.somebody();
    const { page, link } = await newDocument();
    const [viewer, editor] = [await link('viewer'), await link('editor')];
    await readsAt(ada, `${page}#${viewer.token}`);
    await ada.page.waitForURL(page);
    const change = (token: string) => ada.page.evaluate((hash) => location.assign(`#${hash}`), token);
    await change(editor.token);
    await ada.page.getByTestId('toast').getByText('You can write now').waitFor();
    await ada.sees('Saved');
    await ada.types('written');
    await change(viewer.token);
    await ada.page.getByTestId('toast').getByText('You can only read now').waitFor();
    await ada.reads('written');
    await change(editor.token);
    await ada.sees('Saved');
    await ada.page.context().setOffline(true);
    await ada.types('offline ');
    await ada.sees('Offline – 8 unsaved changes');
    await change(viewer.token);
    await ada.page.context().setOffline(false);
    await ada.sees('Read-only');
    await ada.page.waitForFunction(() => document.querySelector('textarea')?.value.includes('offline '));
    expect(await ada.page.getByTestId('refused').isVisible()).toBe(false);
    await ada.page.getByRole('link', { name: 'Skip to the text' }).press('Enter');
    expect(new URL(ada.page.url()).hash).toBe('#editor');
    await ada.sees('Read-only');
  });

  test('[PAGE29] who does not want to be seen is not, also after a reload', async () => {
    const [ada, ben] = [await pages.somebody(), await pages.somebody()];
    const { page, owner, link } = await newDocument();
    await ada.opens(`${page}#${owner}`);
    await readsAt(ben, `${page}#${(await link('viewer')).token}`);
    const alone = ada.page.getByRole('button', { name: /^Who is here: you \([^,]*\)$/ });
    const both = ada.page.getByRole('button', { name: /^Who is here: you \([^,]*\), \w+ \w+$/ });
    await both.waitFor();
    const people = ben.page.getByRole('button', { name: /^Who is here/ });
    await people.click();
    await ben.page.getByLabel('Let others see me').uncheck();
    await alone.waitFor();
    await ben.page.getByTestId('people').getByText('hidden').waitFor();
    await ben.page.reload();
    await ben.page.getByRole('button', { name: /you \(.*, not shown to others\), \w+ \w+$/ }).waitFor();
    await alone.waitFor();
    await people.click();
    await ben.page.getByLabel('Let others see me').check();
    await both.waitFor();
    await ben.page.getByRole('button', { name: /^Who is here: you \([^,]*\), \w+ \w+$/ }).waitFor();
  });

  test('[PAGE31] names, labels and addresses that look like something else are text', async () => {
    const [ada, ben] = [await pages.somebody(), await pages.somebody()];
    const { page, owner, link } = await newDocument();
    const markup = '<img src=x onerror="document.title=1">';
    await link('editor', { label: `"><script>${markup}` });
    await link('viewer', { label: 'javascript:alert(1)' });
    await ada.opens(`${page}#${owner}`);
    const title = await ada.page.title();
    await ben.opens(`${page}#${owner}`);
    await ben.page.getByRole('button', { name: /^Who is here/ }).click();
    await ben.page.getByLabel('Your name').fill(`${markup}\u202e`);
    await ada.page.locator(`#people .avatar[title="${markup.replaceAll('"', '\\"')}"]`).waitFor();
    await ada.page.getByRole('button', { name: /^Who is here/ }).click();
    await ada.page.getByTestId('people').getByText(markup, { exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');
    await sharesAs(ada, 'can write', `\u202e${markup}\u2066`);
    const labels = ada.page.getByTestId('links').locator('.link-label');
    await labels.getByText(markup, { exact: true }).waitFor();
    expect(await labels.allTextContents()).toEqual([
      'Link without a name',
      `"><script>${markup}`,
      'javascript:alert(1)',
      markup,
    ]);
    expect(await ada.page.locator('.panel img, .panel script, .people img, [href^=javascript]').count()).toBe(
      0,
    );
    for (const hash of [
      '#javascript:alert(1)',
      `#${encodeURIComponent(markup)}`,
      '#%E0%A4%A',
      '#__proto__',
    ]) {
      await ada.page.goto('about:blank');
      await ada.opens(`${page}${hash}`);
    }
    expect(await ada.page.title()).toBe(title);
  });

  test('[PAGE27] is forgotten with a second click', async () => {
    const ada = await pages.somebody();
    const { page, link } = await newDocument();
    await readsAt(ada, `${page}#${(await link('viewer')).token}`);
    await ada.page.waitForURL(page);
    await ada.page.goto(pages.server.url);
    const row = ada.page.getByTestId('documents').getByRole('listitem');
    await row.getByText('can read').waitFor();
    await row.getByRole('button', { name: 'Forget' }).click();
    await row.getByRole('button', { name: 'Forget it?' }).click();
    await row.waitFor({ state: 'hidden' });
    await ada.page.getByRole('heading', { name: 'A clean desk' }).waitFor();
  });
});
