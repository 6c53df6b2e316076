import { describe, expect, test } from '@jest/globals';
import { isTooWide, LOOKS, looksAt, violations } from '../support/page-looks.js';
import type { PagePerson } from '../support/page-person.js';
import { usePages } from '../support/pages.js';

const pages = usePages();

describe.each(LOOKS)('in $colors colours, $width pixels wide', (look) => {
  async function visitor(): Promise<PagePerson> {
    const person = await pages.somebody();
    await looksAt(person, look);
    return person;
  }

  test('[PAGE13] [PAGE14] the list has no violations and fits, also with a name refused', async () => {
    const person = await visitor();
    const long = `${'long-workspace-name-'.repeat(3)}x/${'a'.repeat(64)}`;
    await person.opens(`${pages.server.url}/d/${long}`);
    await person.page.goto(pages.server.url);
    await person.page.getByTestId('documents').getByText('a'.repeat(64)).waitFor();
    await person.page.getByLabel('Open a document, or start a new one').fill('not good');
    await person.page.keyboard.press('Enter');
    await person.page.getByRole('button', { name: 'Use “not-good”' }).waitFor();
    expect(await violations(person)).toEqual([]);
    expect(await isTooWide(person)).toBe(false);
  });

  test('[PAGE13] [PAGE14] the editor has no violations and fits, with somebody else in it and the panel open', async () => {
    const [person, other] = [await visitor(), await pages.somebody()];
    await person.opens(`${pages.server.url}/d/team/access`);
    await other.opens(`${pages.server.url}/d/team/access`);
    await other.types('x');
    await person.page.locator('#people .avatar').nth(1).waitFor();
    expect(await violations(person)).toEqual([]);
    await person.page.getByRole('button', { name: /^Who is here/ }).click();
    await person.page.getByRole('dialog', { name: 'Who is here' }).waitFor();
    expect(await violations(person)).toEqual([]);
    expect(await isTooWide(person)).toBe(false);
  });

  test('[PAGE13] [PAGE14] the page of an error has no violations and fits', async () => {
    const person = await visitor();
    await person.page.goto(`${pages.server.url}/d/${'a'.repeat(200)}`);
    await person.page.getByRole('heading', { name: /That name doesn’t work/ }).waitFor();
    expect(await violations(person)).toEqual([]);
    expect(await isTooWide(person)).toBe(false);
  });
});

describe('with the keyboard alone', () => {
  test('[PAGE15] everything of the editor is reached in the order of reading, and its focus is seen', async () => {
    const person = await pages.somebody();
    const { page } = person;
    await person.opens(`${pages.server.url}/d/team/keys`);
    await page.getByRole('link', { name: 'Skip to the text' }).focus();
    const reached: string[] = [];
    for (let presses = 0; presses < 9; presses++) {
      const [name, seen] = await page.evaluate(() => {
        const { activeElement } = document;
        if (!(activeElement instanceof HTMLElement)) return ['', false];
        const { outlineStyle, boxShadow } = getComputedStyle(activeElement);
        const sheet = activeElement.closest('.sheet');
        const marked = outlineStyle !== 'none' || boxShadow !== 'none';
        return [
          activeElement.id || activeElement.className,
          marked || sheet?.matches(':focus-within') === true,
        ];
      });
      reached.push(String(name));
      expect([name, seen]).toEqual([name, true]);
      await page.keyboard.press('Tab');
    }
    expect(reached).toEqual([
      'skip',
      'bar-home',
      'people',
      'download',
      'theme',
      'share',
      'editor',
      'undo',
      'redo',
    ]);
  });

  test('[PAGE15] the panel opens, is left with Escape, and gives the focus back', async () => {
    const person = await pages.somebody();
    const { page } = person;
    await person.opens(`${pages.server.url}/d/team/keys`);
    await page.getByRole('button', { name: /^Who is here/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Who is here' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('seen');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('my-name');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Who is here' }).waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('people');
  });

  test('[PAGE15] the keys for saving say what is true', async () => {
    const person = await pages.somebody();
    await person.opens(`${pages.server.url}/d/team/keys`);
    await person.editor.press('Control+s');
    await person.page.getByTestId('toast').getByText('Already saved').waitFor();
  });
});

test('[PAGE15] the status is announced, but not for every key', async () => {
  const person = await pages.somebody();
  await person.opens(`${pages.server.url}/d/team/spoken`);
  expect(await person.status.getAttribute('role')).toBe('status');
  expect(await person.status.getAttribute('aria-live')).toBe('polite');
  await person.types('typing');
  await person.sees('Saved');
  expect(await person.status.getAttribute('aria-busy')).toBe('true');
  await person.page.waitForFunction(
    () => document.querySelector('[data-testid=status]')?.getAttribute('aria-busy') === 'false',
  );
});

test('[PAGE15] nothing moves for those who asked for that', async () => {
  const { page } = await pages.somebody();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${pages.server.url}/d/team/calm`);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => !/^0s(, 0s)*$/.test(getComputedStyle(element).transitionDuration))
      .map((element) => element.className),
  );
  expect(moving).toEqual([]);
});
