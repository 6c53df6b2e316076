import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Authenticator, Identity } from '../../server/auth/access.js';
import { CoscribeError } from '../../shared/errors.js';
import type { Role } from '../../shared/protocol.js';
import { type AccessServer, startAccessServer } from '../support/access-server.js';
import { violations } from '../support/page-looks.js';
import type { PagePerson } from '../support/page-person.js';
import { usePeople } from '../support/pages.js';

const pages = usePeople();

/** What users may do in all documents; their tokens are `{user}-signed-in`. */
const roles = new Map<string, Role>();
const GIVEN: Readonly<Record<string, Identity>> = {
  ada: { user: 'ada', name: 'Ada <b>Lovelace</b>', color: '#123456' },
};
const users: Authenticator = {
  authenticate({ token }) {
    const user = /^(\w+)-signed-in$/.exec(token ?? '')?.[1];
    if (user === undefined) throw new CoscribeError('unauthenticated');
    return GIVEN[user] ?? { user };
  },
  authorize: ({ user = '' }) => roles.get(user) ?? 'none',
};

let server: AccessServer;

beforeAll(async () => {
  server = await startAccessServer({ authenticator: users });
});
afterAll(async () => {
  await server.stop();
});

/** Somebody new with a role. */
async function user(name: string, role: Role): Promise<PagePerson> {
  roles.set(name, role);
  return pages.somebody();
}

async function mayNow(name: string, role: Role | undefined, document: string): Promise<void> {
  if (role === undefined) roles.delete(name);
  else roles.set(name, role);
  await server.accessChanged(document);
}

const isReadOnly = ({ editor }: PagePerson) =>
  editor.evaluate((field: HTMLTextAreaElement) => field.readOnly);

describe('a role that changes while the document is open', () => {
  test('[PAGE21] takes effect at once, both ways, with caret and scroll position where they were', async () => {
    const document = 'team/changing';
    const ben = await user('ben', 'editor');
    await ben.opens(`${server.url}/d/${document}#ben-signed-in`);
    await ben.editor.fill(Array.from({ length: 200 }, (_, line) => `line ${line}`).join('\n'));
    await ben.sees('Saved');
    await ben.standsAt(700);
    await ben.editor.evaluate((field: HTMLTextAreaElement) => field.scrollTo(0, 300));
    const place = () =>
      ben.editor.evaluate((field: HTMLTextAreaElement) => [field.selectionStart, field.scrollTop]);
    const before = await place();
    const text = await ben.editor.inputValue();

    await mayNow('ben', 'viewer', document);
    await ben.sees('Read-only – you can read along, but not write');
    await ben.page.getByTestId('toast').getByText('You can only read now').waitFor();
    expect(await isReadOnly(ben)).toBe(true);
    expect(await place()).toEqual(before);
    // Keys that scroll where nothing can be typed are left out.
    await ben.page.keyboard.type('not');
    await ben.page.keyboard.press('Control+z');
    await ben.page.getByRole('button', { name: 'Undo' }).click({ force: true });
    await ben.reads(text);

    const asReader = await place();
    await mayNow('ben', 'editor', document);
    await ben.page.getByTestId('toast').getByText('You can write now').waitFor();
    await ben.sees('Saved');
    expect(await place()).toEqual(asReader);
    await ben.page.keyboard.type('but this');
    await ben.reads(`${text.slice(0, 700)}but this${text.slice(700)}`);
    await ben.sees('Saved');
    expect(await ben.page.getByTestId('refused').isVisible()).toBe(false);

    await mayNow('ben', 'owner', document);
    await ben.page.getByTestId('toast').getByText('You are an owner now').waitFor();
    await ben.page.getByRole('button', { name: 'Share' }).click();
    await ben.page.getByRole('button', { name: 'Make a link and copy it' }).waitFor();
  });

  test('[PAGE22] hands back what was on its way, and goes on with what the document holds', async () => {
    const document = 'team/refusing';
    const cleo = await user('cleo', 'editor');
    let held: (string | Buffer)[] | undefined;
    let toServer: (message: string | Buffer) => void = () => {};
    await cleo.page.routeWebSocket(/socket\.io/, (page) => {
      const real = page.connectToServer();
      toServer = (message) => real.send(message);
      page.onMessage((message) => (held === undefined ? real.send(message) : held.push(message)));
      real.onMessage((message) => page.send(message));
    });
    await cleo.opens(`${server.url}/d/${document}#cleo-signed-in`);
    await cleo.types('saved | ');
    await cleo.sees('Saved');
    held = [];
    await cleo.types('never saved');
    await cleo.sees('Saving');
    await mayNow('cleo', 'viewer', document);
    await cleo.page.getByTestId('toast').getByText('You can only read now').waitFor();
    await cleo.reads('saved | never saved');
    for (const message of held) toServer(message);
    held = undefined;

    const refused = cleo.page.getByTestId('refused');
    await refused.getByText('11 changes could not be saved').waitFor();
    expect(await refused.getByLabel('What you had written').inputValue()).toBe('never saved');
    await refused.getByText('You may only read this document now.').waitFor();
    await cleo.reads('saved | ');
    await cleo.sees('Read-only');
    await refused.getByRole('button', { name: 'Copy what I wrote' }).click();
    await cleo.page.getByTestId('toast').getByText('Copied').waitFor();

    await mayNow('cleo', 'editor', document);
    await cleo.sees('Saved');
    await cleo.standsAt(8);
    await cleo.page.keyboard.press('Control+v');
    await cleo.reads('saved | never saved');
    await cleo.sees('Saved');
    await refused.getByRole('button', { name: 'Done' }).click();
    await refused.waitFor({ state: 'hidden' });
  });

  test('[PAGE23] that is taken away takes the text with it, until it is given back', async () => {
    const document = 'team/ending';
    const dan = await user('dan', 'editor');
    await dan.opens(`${server.url}/d/${document}#dan-signed-in`);
    await dan.types('for a while');
    await dan.sees('Saved');
    await mayNow('dan', undefined, document);
    await dan.page.getByRole('alert').getByText('Your access has ended').waitFor();
    await dan.reads('');
    await mayNow('dan', 'viewer', document);
    // By hand: the address that was given away is not in the browser any more.
    await dan.page.evaluate(() => location.assign('#dan-signed-in'));
    await dan.reads('for a while');
    await dan.sees('Read-only');
    expect(await dan.page.getByRole('alert').textContent()).toBe('');
  });
});

describe('with people who sign in elsewhere', () => {
  test('[PAGE28] the list shows what the token of the tab may read; strangers are told how to get in', async () => {
    const eve = await user('eve', 'editor');
    await eve.page.goto(server.url);
    await eve.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await eve.page.evaluate(() => location.assign('#eve-signed-in'));
    await eve.page.getByRole('heading', { name: 'You are not signed in' }).waitFor({ state: 'hidden' });
    await eve.page.waitForURL(`${server.url}/`);
    await eve.page.getByLabel('Open a document, or start a new one').fill('team/of-eve');
    await eve.page.keyboard.press('Enter');
    await eve.sees('Saved');
    await eve.page.getByRole('link', { name: 'All documents' }).click();
    await eve.page.getByRole('link', { name: /team\/of-eve ?edited/ }).waitFor();
    await eve.page.reload();
    await eve.page.getByRole('link', { name: /team\/of-eve ?edited/ }).waitFor();

    const stranger = await pages.somebody();
    await stranger.page.goto(`${server.url}/d/team/of-eve`);
    await stranger.page.getByRole('alert').getByText('You are not signed in').waitFor();
    await stranger.page.goto(`${server.url}/#nobody-at-all`);
    await stranger.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(await stranger.page.getByTestId('documents').getByRole('listitem').count()).toBe(0);
    expect(await violations(stranger)).toEqual([]);
  });

  test('[PAGE30] [PAGE31] a name and a colour that the server gives are fixed, and shown as text', async () => {
    const [ada, fred] = [await user('ada', 'editor'), await user('fred', 'editor')];
    await ada.opens(`${server.url}/d/team/given#ada-signed-in`);
    await fred.opens(`${server.url}/d/team/given#fred-signed-in`);
    await fred.page.getByRole('button', { name: /, Ada <b>Lovelace<\/b>$/ }).waitFor();
    await ada.page.getByRole('button', { name: /^Who is here: you \(Ada <b>Lovelace<\/b>\)/ }).click();
    const field = ada.page.getByLabel('Your name');
    expect(await field.inputValue()).toBe('Ada <b>Lovelace</b>');
    expect(await field.evaluate((input: HTMLInputElement) => input.readOnly)).toBe(true);
    expect(await ada.page.getByRole('radio').count()).toBe(0);
    await ada.page.getByText('Your name and colour come from where you signed in.').waitFor();
    expect(await violations(ada)).toEqual([]);
    await fred.page.getByRole('button', { name: /^Who is here/ }).click();
    expect(
      await fred.page.getByLabel('Your name').evaluate((input: HTMLInputElement) => input.readOnly),
    ).toBe(false);
    await fred.page.locator('#people .avatar[title="Ada <b>Lovelace</b>"]').waitFor();
  });
});
