import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CDPSession, Page } from 'playwright-core';
import type { Random } from '../../shared/time.js';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { PATIENCE_MS } from '../support/patience.js';
import { between, seededRandom } from '../support/seeds.js';
import { TestServer } from '../support/server-process.js';

/** `SESSIONS=50` for a long run; `SEED=…` for the one with that seed. */
const SESSIONS = process.env.SEED === undefined ? Number(process.env.SESSIONS ?? 2) : 1;
const STEPS = 45;

const WORDS = ['one ', 'two ', 'Zoë ', '😀', '👩‍👩‍👧 ', 'x', 'aa'];
const COMPOSITIONS = [
  ['n', 'ni', '你'],
  ['k', 'か', '蚊'],
  ['ㅎ', '하', '한'],
  ['´', '´', 'é'],
];
const KEYS = [
  ...['Enter', 'Backspace', 'Backspace', 'Delete', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'Home', 'End'],
  ...[
    'Shift+ArrowLeft',
    'Shift+ArrowRight',
    'Shift+Home',
    'Shift+ArrowUp',
    'Control+Backspace',
    'Control+End',
  ],
  ...['Control+z', 'Control+z', 'Control+Shift+z', 'Control+x', 'Control+c', 'Control+v'],
];

const server = new TestServer();
let browser: TestBrowser;
let people: readonly Person[];

beforeAll(async () => {
  await server.start();
  browser = await launchChromium();
  people = [await Person.arrive(), await Person.arrive()];
});
afterAll(async () => {
  await browser?.close();
  await server.remove();
});

/** Somebody whose page has nothing but a field with the attribute, and the script of the server. */
class Person {
  readonly complaints: string[] = [];

  static async arrive(): Promise<Person> {
    const context = await browser.newPerson();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return new Person(page, await context.newCDPSession(page));
  }

  private constructor(
    readonly page: Page,
    private readonly devtools: CDPSession,
  ) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async opens(document: string): Promise<void> {
    const field = `<textarea rows="6" cols="40" data-coscribe="${document}"></textarea>`;
    await this.page.route('**/session', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<body>${field}<script src="/coscribe.js"></script>` }),
    );
    await this.page.goto(`${server.url}/session`);
    await this.isSaved();
    await this.page.focus('textarea');
  }

  async isSaved(): Promise<void> {
    await this.page.waitForSelector('[data-coscribe-status="saved"]');
  }

  /** One thing that people do. @returns what it was */
  async act(random: Random): Promise<string> {
    const pick = <T>(from: readonly T[]): T => from[between(random, 0, from.length - 1)] as T;
    const { page } = this;
    const dice = random();
    if (dice < 0.35) {
      const word = pick(WORDS);
      await page.keyboard.type(word);
      return `types ${word}`;
    }
    if (dice < 0.5) return this.compose(pick(COMPOSITIONS), random() < 0.8, random() < 0.2);
    if (dice < 0.56) return this.drag(random);
    if (dice < 0.6) {
      const away = random() < 0.5;
      await this.connected(!away);
      return away ? 'goes offline' : 'is online';
    }
    if (dice < 0.64) {
      const pasted = pick(['pasted words ', 'first\nsecond\r\nthird\n', 'ab'.repeat(3_000)]);
      await page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
      await page.keyboard.press('Control+v');
      return `pastes ${pasted.length}`;
    }
    const key = pick(KEYS);
    await page.keyboard.press(key);
    return key;
  }

  /** Also what it finds by `undo` and does not want stays written. @returns how much of others was shown, before and after */
  async undoesAll(): Promise<readonly [number, number]> {
    const others = () =>
      this.page.evaluate((own) => {
        const field = document.querySelector('textarea') as Element;
        const text = window.Coscribe.coscribeFor(field)?.text;
        let shown = 0;
        for (let item = text?._start ?? null; item !== null; item = item.right) {
          if (!item.deleted && !own.includes(item.id.client)) shown += item.length;
        }
        return shown;
      }, this.#clientIds);
    await this.rememberClientId();
    const before = await others();
    await this.page.focus('textarea');
    for (let step = 0; step < 30; step++) await this.page.keyboard.press('Control+z');
    const after = await others();
    return [before, after];
  }

  /** A clientID that somebody else uses is replaced; what was written under it stays one's own. */
  async rememberClientId(): Promise<void> {
    const id = await this.page.evaluate(
      () => window.Coscribe.coscribeFor(document.querySelector('textarea') as Element)?.provider.doc.clientID,
    );
    if (id !== undefined) this.#clientIds.push(id);
  }

  readonly #clientIds: number[] = [];

  async connected(isOnline: boolean): Promise<void> {
    await this.page.evaluate((online) => {
      const provider = window.Coscribe.coscribeFor(document.querySelector('textarea') as Element)?.provider;
      if (online) provider?.connect();
      else provider?.disconnect();
    }, isOnline);
  }

  /** What the field shows once a frame has been drawn, and what the document is. */
  async reads(): Promise<readonly [string, string]> {
    return this.page.evaluate(async () => {
      const field = document.querySelector('textarea') as HTMLTextAreaElement;
      const text = () => `${window.Coscribe.coscribeFor(field)?.text}`;
      const shown = () => text().replace(/\r\n?/g, '\n');
      for (let frame = 0; frame < 100 && field.value !== shown(); frame++)
        await new Promise(requestAnimationFrame);
      return [field.value, shown()] as const;
    });
  }

  private async compose(
    [first = '', second = '', result = '']: readonly string[],
    commits: boolean,
    isLeft: boolean,
  ): Promise<string> {
    for (const text of [first, second]) {
      const end = text.length;
      await this.devtools.send('Input.imeSetComposition', { text, selectionStart: end, selectionEnd: end });
    }
    if (isLeft) {
      await this.page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await this.page.focus('textarea');
    } else await this.devtools.send('Input.insertText', { text: commits ? result : '' });
    return `composes ${result}${isLeft ? ' and leaves' : commits ? '' : ' and gives up'}`;
  }

  /** Drags the word under one point to another one. */
  private async drag(random: Random): Promise<string> {
    const box = await this.page.locator('textarea').boundingBox();
    if (box === null) throw new Error('the field is out of view');
    const somewhere = () => [box.x + 5 + random() * 120, box.y + 5 + random() * 60] as const;
    const [from, to] = [somewhere(), somewhere()];
    const { mouse } = this.page;
    await mouse.dblclick(...from);
    await mouse.down();
    await mouse.move(from[0] + 4, from[1]);
    await mouse.move(...to, { steps: 3 });
    await mouse.up();
    return 'drags a word';
  }
}

async function session(seed: number): Promise<void> {
  const document = `sessions/of-${seed}`;
  await Promise.all(people.map((person) => person.opens(document)));
  await Promise.all(people.map((person) => person.rememberClientId()));
  const logs = await Promise.all(
    people.map(async (person, number) => {
      const random = seededRandom(seed + number);
      const log: string[] = [];
      for (let step = 0; step < STEPS; step++) log.push(await person.act(random));
      await person.connected(true);
      return log;
    }),
  );
  const problems: string[] = [];
  for (const person of people) {
    await settled();
    const [before, after] = await person.undoesAll();
    if (after < before) problems.push(`undo took ${before - after} units of the other one`);
  }
  await settled();
  const read = (await Promise.all(people.map((person) => person.reads()))).flat();
  if (new Set(read).size > 1) problems.push(JSON.stringify(read));
  problems.push(...people.flatMap(({ complaints }) => complaints.splice(0)));
  if (problems.length === 0) return;
  const told = logs.map((log, number) => `person ${number + 1}: ${log.join(', ')}`).join('\n');
  throw new Error(`${problems.join('\n')}\n${told}`);
}

/** Both have everything, and everything is saved. */
async function settled(): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    await Promise.all(people.map((person) => person.isSaved()));
    const texts = await Promise.all(people.map(async (person) => (await person.reads())[1]));
    if (texts[0] === texts[1] || Date.now() > deadline) return;
  }
}

test(
  '[BIND24] two people with real pages and a real server who type, compose, paste, drag, undo and lose the connection read the same in the end, and undo takes nothing of the other',
  async () => {
    const first = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
    for (let seed = first; seed < first + 2 * SESSIONS; seed += 2) {
      try {
        await session(seed);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new Error(
          `seed ${seed} fails; again with: SEED=${seed} npx jest tests/browser/binding-sessions\n${message}`,
          { cause },
        );
      }
    }
    expect(people).toHaveLength(2);
  },
  Math.max(120_000, SESSIONS * 20_000),
);

declare global {
  interface Window {
    Coscribe: typeof import('../../client/index.js');
  }
}
