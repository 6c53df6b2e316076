import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { useExamples } from '../support/examples.js';

const examples = useExamples();

/** What a page shows of something, once it fits. */
async function shows(page: Page, selector: string, fits: RegExp): Promise<void> {
  await page.waitForFunction(
    ([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ''),
    [selector, fits.source] as const,
  );
}

describe('examples of more than text', () => {
  test('[EX51] scoreboard: two people count at once, and no point is lost', async () => {
    const document = 'test/scoreboard';
    const [ada, bob] = await Promise.all([
      examples.open('scoreboard', { document, name: 'Ada' }),
      examples.open('scoreboard', { document, name: 'Bob' }),
    ]);
    await ada.getByLabel('New player').fill('Reds');
    await ada.getByRole('button', { name: 'Add' }).click();
    const count = (page: Page, words: string) => page.getByRole('button', { name: `${words} Reds` });
    await count(bob, 'A point for').waitFor();
    const click = async (page: Page): Promise<void> => {
      for (let n = 0; n < 10; n++) await count(page, 'A point for').click();
    };
    await Promise.all([click(ada), click(bob)]);
    await count(ada, 'A point less for').click();
    for (const page of [ada, bob]) await shows(page, '.score', /^19$/);
  });

  test('[EX52] chat: messages arrive in one order everywhere, also those written offline; typing is shown and not kept', async () => {
    const document = 'test/chat';
    const [ada, bob] = await Promise.all([
      examples.open('chat', { document, name: 'Ada' }),
      examples.open('chat', { document, name: 'Bob' }),
    ]);
    await ada.getByPlaceholder('Say something…').pressSequentially('Hel');
    await shows(bob, '#typing', /^Ada is typing…$/);
    await ada.getByPlaceholder('Say something…').pressSequentially('lo');
    await ada.keyboard.press('Enter');
    await shows(bob, '#messages', /Ada.*Hello/);
    await shows(bob, '#typing', /^$/);
    await bob.context().setOffline(true);
    await bob.getByPlaceholder('Say something…').fill('From the train');
    await bob.keyboard.press('Enter');
    await ada.getByPlaceholder('Say something…').fill('<b>Are you there?</b>');
    await ada.keyboard.press('Enter');
    await bob.context().setOffline(false);
    for (const page of [ada, bob]) {
      await shows(page, '#messages', /From the train/);
      await shows(page, '#messages', /<b>Are you there\?<\/b>/);
    }
    const order = (page: Page) => page.locator('#messages p').allTextContents();
    expect(await order(ada)).toEqual(await order(bob));
  });

  test('[EX53] ticker: what the server writes is shown by every page, the same in the end', async () => {
    const [ada, bob] = await Promise.all([
      examples.open('ticker', { document: 'examples/ticker', name: 'Ada' }),
      examples.open('ticker', { document: 'examples/ticker', name: 'Bob' }),
    ]);
    for (const page of [ada, bob]) await page.locator('#prices tr').nth(4).waitFor();
    const prices = async (page: Page): Promise<string> =>
      (await page.locator('#prices td:nth-child(2)').allTextContents()).join(' ');
    const before = await prices(ada);
    await ada.waitForFunction((then) => {
      const cells = [...document.querySelectorAll('#prices td:nth-child(2)')];
      return cells.map((cell) => cell.textContent).join(' ') !== then;
    }, before);
    const follower = examples.follow('examples/ticker');
    await follower.whenSynced();
    expect([...follower.doc.getMap('prices').keys()].sort()).toEqual([
      'ACME',
      'Globex',
      'Hooli',
      'Initech',
      'Umbrella',
    ]);
  });

  test('[EX54] vehicles: somebody sends a van, the server drives it there, and the other sees it come', async () => {
    const [ada, bob] = await Promise.all([
      examples.open('vehicles', { document: 'examples/vehicles', name: 'Ada' }),
      examples.open('vehicles', { document: 'examples/vehicles', name: 'Bob' }),
    ]);
    const van = (page: Page) => page.getByRole('button', { name: /^Van 2/ });
    await van(ada).click();
    await ada.keyboard.press('ArrowRight');
    await shows(bob, '#fleet', /Van 2 goes to 600, 300 for Ada/);
    await shows(bob, '#fleet', /Van 2 waits/);
    const place = await bob
      .locator('.van')
      .nth(1)
      .evaluate((shape: SVGGElement) => shape.style.transform);
    expect(place).toContain('translate(600px, 300px)');
  });

  test('[EX55] monitor: the curve goes on and stays short, and who takes on an alarm is shown to all', async () => {
    const document = 'examples/monitor';
    const [ada, bob] = await Promise.all([
      examples.open('monitor', { document, name: 'Ada' }),
      examples.open('monitor', { document, name: 'Bob' }),
    ]);
    await shows(bob, '#vitals', /Pulse\d+ \/ min.*Oxygen\d+ %/);
    const follower = examples.follow(document);
    await follower.whenSynced();
    const curve = follower.doc.getArray<number>('curve');
    await new Promise<void>((resolve) => {
      curve.observe(() => resolve());
    });
    expect(curve.length).toBeLessThanOrEqual(400);
    const drawn = await ada.locator('#curve').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      return data.some((value) => value > 0);
    });
    expect(drawn).toBe(true);
    follower.doc.getMap('alarms').set('1', { words: 'The test has begun', at: 1 });
    await ada.getByRole('button', { name: 'I’m on it' }).first().waitFor();
    await ada.getByText('The test has begun').getByRole('button').click();
    await shows(bob, '#alarms', /The test has begun Ada is on it/);
  });

  test('[EX56] pages that only follow show what is written, without Yjs', async () => {
    const scoreboard = 'test/followed-scores';
    const look = (example: string, query = '') => examples.visit(`${example}/follow.html${query}`);
    const ada = await examples.open('scoreboard', { document: scoreboard, name: 'Ada' });
    await ada.getByLabel('New player').fill('Reds');
    await ada.getByRole('button', { name: 'Add' }).click();
    await shows(ada, '.score', /^0$/);
    const [scores, prices, vans, patient] = await Promise.all([
      look('scoreboard', `?document=${scoreboard}`),
      look('ticker'),
      look('vehicles'),
      look('monitor'),
    ]);
    await shows(scores, '#players', /Reds0/);
    for (let n = 0; n < 3; n++) await ada.getByRole('button', { name: 'A point for Reds' }).click();
    await shows(scores, '#players', /Reds3/);
    await shows(vans, '#fleet', /Van 1\d+, \d+/);
    await shows(patient, '#vitals', /Pulse\d+ \/ minOxygen\d+ %/);
    await shows(prices, '#prices', /ACME\d+\.\d\d/);
    const before = await prices.locator('#prices').textContent();
    await prices.waitForFunction((then) => document.querySelector('#prices')?.textContent !== then, before);
    await shows(prices, '.status', /^Live$/);
  });
});
