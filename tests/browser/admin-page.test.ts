import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AdminDocument, AdminOverview } from '../../shared/admin.js';
import { overview, report } from '../support/admin-overview.js';
import { isTooWide, LOOKS, looksAt, violations } from '../support/page-looks.js';
import type { PagePerson } from '../support/page-person.js';
import { usePeople } from '../support/pages.js';
import { type ScriptedAdmin, scriptedAdmin } from '../support/scripted-admin.js';
import { withServer } from '../support/server-process.js';
import { until } from '../support/until.js';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202Eorn & \u0000';
const LONG = `${'very-long-'.repeat(6)}name`;
const AT = new Date(2026, 10, 22, 9, 0, 0).getTime();

const people = usePeople();
let admin: ScriptedAdmin;
beforeAll(async () => {
  admin = await scriptedAdmin();
});
afterEach(() => {
  Object.assign(admin.state, { token: undefined, refusal: undefined, document: undefined, asked: [] });
});
afterAll(() => admin.close());

/** A cluster that has a bit of everything. */
function full(second = 0): AdminOverview {
  const at = AT + second * 1000;
  const store = { description: `PostgreSQL at ${LONG}.internal:5432`, saving: true };
  const busiest = [1, 2].map((number) => ({
    ...{ id: `${LONG}/document-${number}`, sessions: 12_345, editsPerSecond: 4_321.5, bytesPerSecond: 1e6 },
  }));
  return overview(
    [
      report('node-1', { at, sessions: 1_200_000, editsPerSecond: 1_000 + second, store, busiest }),
      report('node-2', { at, state: 'draining', cpu: 1.8, ackMs: { p50: 2, p99: 14 }, bus: 'ok', store }),
      report(LONG, { at, refused: { 'update-refused': 7, '<b>code</b>': 1 }, store }),
    ],
    {
      at,
      errors: [
        { node: 'node-2', at, level: 'error', message: HOSTILE, code: HOSTILE, document: HOSTILE },
        { node: LONG, at: at - 1, level: 'warn', message: LONG.repeat(6), document: 'team/notes' },
      ],
    },
  );
}

function facts(more: Partial<AdminDocument> = {}): AdminDocument {
  const session = { node: LONG, role: 'editor', protocol: 'coscribe', address: '2001:db8::1', since: AT };
  return {
    ...{ id: 'team/notes', generation: LONG, head: 1_234_567, createdAt: AT, updatedAt: AT, snapshotSeq: 1 },
    ...{ snapshotBytes: 9, firstRow: 2, tailRows: 3, moreSessions: 12, openAt: [LONG, 'node-2'], silent: [] },
    sessions: [
      { ...session, id: `${LONG}.1`, user: HOSTILE },
      { ...session, id: 'node-2.7', user: 'Ann', node: 'node-2' },
    ],
    ...more,
  };
}

/** Somebody who is shown these figures. */
async function operator(said: AdminOverview = full(), hash = ''): Promise<PagePerson> {
  const person = await people.somebody();
  await shows(person, said, hash);
  return person;
}

async function shows({ page }: PagePerson, said: AdminOverview, hash = ''): Promise<void> {
  const { opened } = admin.state;
  await page.goto(admin.url + hash);
  await until(() => admin.state.opened > opened, 'the page listens');
  await tells(page, said);
}

async function tells(page: PagePerson['page'], said: AdminOverview): Promise<void> {
  admin.tell(said);
  const time = new Date(said.at).toLocaleTimeString('en-GB');
  await page.getByTestId('status-time').getByText(time).waitFor();
}

/** Both colours and both widths, without every pair of them: axe takes its time. */
const SOME_LOOKS = LOOKS.filter(({ colors, width }) => (colors === 'light') === width > 1_000);

describe.each(SOME_LOOKS)('in $colors colours, $width pixels wide', (look) => {
  test('[ADMPAGE13] nothing is wrong for axe or too wide: figures, questions, facts, and the form to sign in', async () => {
    const person = await people.somebody();
    const { page } = person;
    await looksAt(person, look);
    const fits = async () => expect([await violations(person), await isTooWide(person)]).toEqual([[], false]);
    await shows(person, full());
    await tells(page, full(1));
    await fits();
    await page.getByRole('button', { name: 'Drain node-1…' }).click();
    await page.getByRole('dialog', { name: 'Drain this node?' }).waitFor();
    await fits();
    await page.keyboard.press('Escape');
    admin.state.document = facts();
    await page.goto(`${admin.url}#/documents/team/notes`);
    await page.getByRole('button', { name: 'End session node-2.7 of Ann…' }).waitFor();
    await fits();
    admin.state.token = 'only-operators-know-it';
    await page.reload();
    await page.getByLabel('Token').fill('not a token');
    await page.getByLabel('Token').press('Enter');
    await page.getByText('A token is made of letters').waitFor();
    await fits();
  });
});

test('[ADMPAGE8] [ADMPAGE9] what others have written is text, and stays within its line', async () => {
  const { page } = await operator();
  const errors = page.getByTestId('errors');
  expect(await errors.locator('img, b').count()).toBe(0);
  expect(await errors.locator('bdi.error-text').first().textContent()).toBe(
    HOSTILE.replace('\u0000', '\u0000'),
  );
  expect(await errors.getByRole('link').allTextContents()).toEqual(['team/notes']);
  await page.getByTestId('refusals').getByText('<b>code</b>').waitFor();
  await page.getByLabel('Severity').selectOption('warn');
  expect(await errors.locator('li').count()).toBe(1);
  admin.state.document = facts();
  await errors.getByRole('link').click();
  const sessions = page.getByTestId('sessions');
  await sessions.getByText('<img', { exact: false }).waitFor();
  expect(await page.locator('main img').count()).toBe(0);
  await sessions.getByRole('button', { name: /^End session .* of <img/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
  await until(() => admin.state.asked.some((line) => line.startsWith('DELETE')), 'it was asked for');
  expect(admin.state.asked.find((line) => line.startsWith('DELETE'))).toBe(
    `DELETE /api/admin/sessions/${LONG}.1`,
  );
});

test('[ADMPAGE6] a node is drained after a question, takes work again at once, and a node that vanishes is told', async () => {
  const person = await operator();
  const { page } = person;
  await page.getByRole('button', { name: 'Drain node-1…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Drain this node?' });
  await dialog.getByText('node-1 sends its 1,200,000 clients to the other nodes', { exact: false }).waitFor();
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Drain node-1…');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Drain it' }).click();
  await page.getByTestId('toast').getByText('node-1 sends its clients away.').waitFor();
  await page.getByRole('button', { name: 'Let node-2 take work again' }).click();
  await page.getByTestId('toast').getByText('node-2 takes work again.').waitFor();
  expect(admin.state.asked).toEqual([
    'POST /api/admin/nodes/node-1/drain',
    'DELETE /api/admin/nodes/node-2/drain',
  ]);

  await tells(page, { ...full(5), nodes: full(5).nodes.slice(1) });
  await person.sees('node-1 has not been heard of since 09:00:00.');
  await page.getByTestId('nodes').getByText('silent since 09:00:00').waitFor();
});

test('[ADMPAGE1] a token is asked for where one is needed, kept in the tab, and let go of', async () => {
  const token = 'the-operators-own-secret';
  await withServer({ args: ['--operator-token', token] }, async (server) => {
    const person = await people.somebody();
    const { page } = person;
    await page.goto(`${server.url}/admin`);
    const field = page.getByLabel('Token');
    await field.waitFor();
    expect(await page.getByTestId('nodes').isVisible()).toBe(false);
    await field.fill('somebody-elses-secret');
    await field.press('Enter');
    await page.locator('#token-problem:not(:empty)').waitFor();
    await field.fill(token);
    await field.press('Enter');
    await person.sees('All is well');
    expect(await field.inputValue()).toBe('');
    await page.reload();
    await person.sees('All is well');
    expect(page.url()).toBe(`${server.url}/admin`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    await person.sees('Only operators');
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(token);
  });
});

test('[ADMPAGE12] nothing is read while nobody looks, and it goes on, with a gap, when somebody does', async () => {
  const { page } = await operator();
  const look = (hidden: boolean) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await look(true);
  await until(() => admin.watchers() === 0, 'nobody listens');
  await look(false);
  await until(() => admin.watchers() === 1, 'the page listens again');
  await tells(page, full(120));
});

test('[ADMPAGE2] figures change in place: nothing moves, and neither focus nor what is pointed at goes away', async () => {
  const { page } = await operator();
  await tells(page, full(1));
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: false });
  });
  const link = page.getByTestId('documents').getByRole('link').nth(1);
  await link.focus();
  for (let second = 2; second < 8; second++) {
    const said = full(second);
    const [first, ...rest] = said.nodes;
    // The other document has the most traffic now, and all figures have other lengths.
    const nodes =
      first === undefined ? [] : [{ ...first, busiest: [...first.busiest].reverse(), sessions: 9 }, ...rest];
    await tells(page, { ...said, nodes });
  }
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(`${LONG}/document-2`);
  expect(await page.getByTestId('documents').getByRole('link').last().textContent()).toBe(
    `${LONG}/document-2`,
  );
  expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual([]);
});

test('[ADMPAGE13] the keyboard reaches everything in the order of reading, and only what is news is spoken', async () => {
  const { page } = await operator();
  await page.getByRole('link', { name: 'Skip to the figures' }).focus();
  const reached: (string | null)[] = [];
  for (let presses = 0; presses < 13; presses++) {
    await page.keyboard.press('Tab');
    reached.push(
      await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? null,
      ),
    );
  }
  expect(reached.slice(0, 6)).toEqual([
    ...['Coscribe operations', 'Switch to dark colours', 'range-5'],
    ...['Drain node-1…', 'Let node-2 take work again', `Drain ${LONG}…`],
  ]);
  expect(reached.slice(6, 7)).toEqual(['search']);
  await page.evaluate(() => {
    const spoken: string[] = [];
    Object.assign(globalThis, { spoken });
    for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live]'))
      new MutationObserver(() => spoken.push(region.id)).observe(region, {
        ...{ childList: true, characterData: true, subtree: true },
      });
  });
  for (let second = 1; second < 4; second++) await tells(page, full(second));
  expect(await page.evaluate(() => (globalThis as unknown as { spoken: string[] }).spoken)).toEqual([]);
});

test('[ADMPAGE4] the charts show five or fifteen minutes, the values under the pointer, and follow the colours', async () => {
  const { page } = await operator(full(0));
  for (let second = 1; second <= 3; second++) await tells(page, full(second * 60));
  const chart = page.getByRole('img', { name: /^Edits per second: Edits 1,180, at most 1,180/ });
  await chart.waitFor();
  const drawn = () => chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const light = await drawn();
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await page.waitForFunction(
    (before) => document.querySelector<HTMLCanvasElement>('canvas')?.toDataURL() !== before,
    light,
  );
  const dark = await drawn();
  await page.getByLabel('15 min').check();
  expect(await drawn()).not.toBe(dark);
  await page.reload();
  expect(await page.getByLabel('15 min').isChecked()).toBe(true);
});
