import { describe, expect, test } from '@jest/globals';
import { linkedDocument } from '../support/linked-document.js';
import { isTooWide, LOOKS, looksAt, violations } from '../support/page-looks.js';
import { usePages } from '../support/pages.js';

const pages = usePages({ args: ['--auth', 'links'] });

/** A document with a link to read and one to write. */
async function newDocument(name: string) {
  const made = await linkedDocument(pages.server.url, `team/${name}`);
  const label = `Everybody ${'who-reads-along'.repeat(5)}`;
  return {
    ...made,
    viewer: await made.link('viewer', { label, expiresIn: 86_400 }),
    editor: await made.link('editor', { label: 'Grace' }),
  };
}

describe.each(LOOKS)('in $colors colours, $width pixels wide', (look) => {
  const name = `looks-${look.colors}-${look.width}`;

  test('[PAGE13] [PAGE14] what owners share has no violations and fits, as does their list', async () => {
    const ada = await pages.somebody();
    await looksAt(ada, look);
    const { page, owner } = await newDocument(name);
    await ada.opens(`${page}#${owner}`);
    await ada.page.getByRole('button', { name: 'Share' }).click();
    await ada.page.getByTestId('links').getByText('Grace').waitFor();
    await ada.page.getByRole('radio', { name: 'is an owner' }).check();
    await ada.page.getByRole('button', { name: 'Make a link and copy it' }).click();
    await ada.page.getByLabel('The new link').waitFor();
    await ada.page.getByRole('button', { name: 'Revoke' }).first().click();
    await ada.page.getByRole('button', { name: 'Delete document…' }).click();
    expect(await violations(ada)).toEqual([]);
    expect(await isTooWide(ada)).toBe(false);
    await ada.page.goto(pages.server.url);
    await ada.page.getByRole('link', { name: /yours · edited/ }).waitFor();
    expect(await violations(ada)).toEqual([]);
    expect(await isTooWide(ada)).toBe(false);
  });

  test('[PAGE13] [PAGE14] nor has what readers see, nor what is left when access ends', async () => {
    const [ben, cleo, eve] = [await pages.somebody(), await pages.somebody(), await pages.somebody()];
    for (const person of [ben, cleo, eve]) await looksAt(person, look);
    const { page, viewer, editor, revoke } = await newDocument(`${name}-b`);
    await ben.page.goto(`${page}#${viewer.token}`);
    await ben.sees('Read-only');
    expect(await violations(ben)).toEqual([]);
    await ben.page.getByRole('button', { name: /^Who is here/ }).click();
    await ben.page.getByLabel('Let others see me').uncheck();
    await ben.page.getByTestId('people').getByText('hidden').waitFor();
    expect(await violations(ben)).toEqual([]);
    await ben.page.keyboard.press('Escape');
    await ben.page.getByRole('button', { name: 'Share' }).click();
    expect(await violations(ben)).toEqual([]);
    expect(await isTooWide(ben)).toBe(false);

    await cleo.opens(`${page}#${editor.token}`);
    await cleo.page.context().setOffline(true);
    await cleo.types(`too ${'late'.repeat(50)}`);
    await revoke(editor.id);
    await cleo.page.context().setOffline(false);
    await cleo.page.getByTestId('refused').getByText('204 changes could not be saved').waitFor();
    expect(await violations(cleo)).toEqual([]);
    expect(await isTooWide(cleo)).toBe(false);

    await eve.page.goto(page);
    await eve.page.getByRole('alert').getByText('You can’t open this document').waitFor();
    expect(await violations(eve)).toEqual([]);
    expect(await isTooWide(eve)).toBe(false);
  });
});

test('[PAGE15] [PAGE24] a link is made and revoked with the keyboard alone', async () => {
  const { page: address, owner } = await newDocument('keys');
  const ada = await pages.somebody();
  const { page } = ada;
  await ada.opens(`${address}#${owner}`);
  const focused = () => page.evaluate(() => document.activeElement?.id);
  await page.getByRole('button', { name: 'Share' }).focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('links').getByText('Grace').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowLeft');
  expect(await page.getByRole('radio', { name: 'can read' }).isChecked()).toBe(true);
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('share-expiry');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('share-label');
  await page.keyboard.type('Keyboard');
  await page.keyboard.press('Enter');
  const row = page.getByTestId('links').getByRole('listitem').filter({ hasText: 'Keyboard' });
  await row.getByText('can read · ends in 1 day · made just now').waitFor();
  await row.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await row.waitFor({ state: 'hidden' });
  expect(await focused()).toBe('share-links-title');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Share this document' }).waitFor({ state: 'hidden' });
  expect(await focused()).toBe('share');
});
