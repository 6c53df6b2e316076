import { describe, expect, test } from '@jest/globals';
import { linkedDocument } from '../support/linked-document.js';
import { usePages } from '../support/pages.js';

const pages = usePages({ args: ['--auth', 'links', '--max-sessions-per-document', '6'] });

let made = 0;
const newDocument = () => linkedDocument(pages.server.url, `team/ending-${++made}`);

describe('a document that is open no longer', () => {
  test('[PAGE24] [PAGE23] [PAGE26] a link is revoked with a second click, and its text leaves the pages that came with it', async () => {
    const [ada, ben] = [await pages.somebody(), await pages.somebody()];
    const { page, owner, link } = await newDocument();
    await ada.opens(`${page}#${owner}`);
    await ada.types('secret');
    await ada.sees('Saved');
    await ben.opens(`${page}#${(await link('editor', { label: 'Ben' })).token}`);
    await ben.reads('secret');
    await ada.page.getByRole('button', { name: 'Share' }).click();
    const row = ada.page.getByTestId('links').getByRole('listitem').filter({ hasText: 'Ben' });
    await row.getByRole('button', { name: 'Revoke' }).dblclick();
    await row.getByRole('button', { name: 'Revoke it?' }).waitFor();
    await ben.sees('Saved');
    await row.getByRole('button', { name: 'Revoke it?' }).click();
    await ada.page.getByText('Revoked: it opens nothing').waitFor();
    await row.waitFor({ state: 'hidden' });
    await ben.page.getByRole('alert').getByText('Your access has ended').waitFor();
    await ben.reads('');
    expect(await ben.page.getByTestId('counts').textContent()).toBe('');
    expect(await ben.page.getByTestId('refused').isVisible()).toBe(false);
    expect(
      await ben.page.evaluate(() => Object.keys(localStorage).filter((key) => /access/.test(key))),
    ).toEqual([]);
    await ben.page.reload();
    await ben.page.getByRole('alert').getByText('You can’t open this document').waitFor();
  });

  test('[PAGE25] [PAGE26] is deleted with a second click, and restored; others are told', async () => {
    const [ada, ben] = [await pages.somebody(), await pages.somebody()];
    const { page, owner, link } = await newDocument();
    await ada.opens(`${page}#${owner}`);
    await ada.types('kept');
    await ada.sees('Saved');
    await ben.opens(`${page}#${(await link('editor')).token}`);
    const deletes = async () => {
      await ada.page.getByRole('button', { name: 'Share' }).click();
      await ada.page.getByRole('button', { name: 'Delete document…' }).click();
      await ada.page.getByRole('button', { name: 'Delete it for everybody?' }).click();
      await ada.page.getByRole('alert').getByText('This document was deleted').waitFor();
      await ada.reads('');
    };
    await deletes();
    await ben.page.getByRole('alert').getByText('For some time its owners can restore it').waitFor();
    await ben.reads('');
    expect(await ben.page.getByRole('button', { name: 'Restore' }).count()).toBe(0);
    await ada.page.getByRole('button', { name: 'Restore' }).click();
    await ada.page.getByTestId('toast').getByText('Restored').waitFor();
    await ada.reads('kept');
    await ada.sees('Saved');
    await ben.page.getByRole('button', { name: 'Open the document again' }).click();
    await ben.reads('kept');

    await deletes();
    await ada.page.getByRole('link', { name: 'All documents' }).click();
    await ada.page.getByRole('link', { name: /deleted/ }).click();
    await ada.page.getByRole('button', { name: 'Restore' }).click();
    await ada.reads('kept');
    await ada.types('!');
    await ada.sees('Saved');
  });

  test('[PAGE22] what was written while access ended is shown, copied, and not left by mistake', async () => {
    const ben = await pages.somebody();
    const { page, link, revoke } = await newDocument();
    const { id, token } = await link('editor');
    await ben.opens(`${page}#${token}`);
    await ben.page.context().setOffline(true);
    await ben.types('Offline');
    await ben.sees('Offline – 7 unsaved changes');
    await revoke(id);
    await ben.page.context().setOffline(false);
    const refused = ben.page.getByTestId('refused');
    await refused.getByText('7 changes could not be saved').waitFor();
    await ben.reads('');
    expect(await refused.getByLabel('What you had written').inputValue()).toBe('Offline');
    const leaving = ben.page.waitForEvent('dialog');
    await ben.page.evaluate(() => void setTimeout(() => location.reload(), 0));
    const dialog = await leaving;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await refused.getByRole('button', { name: 'Done' }).click();
    await refused.getByRole('button', { name: 'Discard what you wrote?' }).waitFor();
    await refused.getByRole('button', { name: 'Copy what I wrote' }).click();
    await ben.page.getByTestId('toast').getByText('Copied').waitFor();
    expect(await ben.page.evaluate(() => navigator.clipboard.readText())).toBe('Offline');
    const [download] = await Promise.all([
      ben.page.waitForEvent('download'),
      refused.getByRole('button', { name: 'Download it' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^ending-\d+-not-saved\.txt$/);
    await refused.getByRole('button', { name: /^(Done|Discard)/ }).click();
    await refused.waitFor({ state: 'hidden' });
  });

  test('[PAGE23] that is full lets people wait, and in as soon as there is room', async () => {
    const { page, owner } = await newDocument();
    const people = await Promise.all(Array.from({ length: 7 }, () => pages.somebody()));
    const last = people.pop();
    for (const person of people) await person.opens(`${page}#${owner}`);
    if (last === undefined) throw new Error('nobody is left');
    await last.page.goto(`${page}#${owner}`);
    await last.page.getByRole('alert').getByText('This document is full').waitFor();
    await people[0]?.leave();
    await last.page.getByTestId('status').getByText('Saved').waitFor();
    expect(await last.page.getByRole('alert').textContent()).toBe('');
  });
});
