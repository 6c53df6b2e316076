import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CoscribeProvider } from '../../client/provider.js';
import { PythonClient } from '../support/python-client.js';
import { between, seededRandom } from '../support/random.js';
import { TestServer } from '../support/server-process.js';
import { until } from '../support/until.js';

const DOCUMENT = 'acme/notes';
/** Two of them need two units of UTF-16. */
const WORDS = ['a', 'word', 'größer', '漢字', '😀', 'line\n', '👩‍🚀'];

let server: TestServer;
let provider: CoscribeProvider;
let pythons: PythonClient[];

beforeEach(async () => {
  server = new TestServer();
  await server.start();
  provider = new CoscribeProvider({ url: server.url, document: DOCUMENT });
  pythons = [new PythonClient(server.url, DOCUMENT), new PythonClient(server.url, DOCUMENT)];
});

afterEach(async () => {
  for (const python of pythons) python.kill();
  provider.destroy();
  await server.remove();
});

function ownText(): string {
  return provider.doc.getText('text').toString();
}

/** All have saved everything, and show the same. */
async function agreed(): Promise<void> {
  const isAgreed = (): boolean =>
    provider.synced &&
    provider.unsavedChanges === 0 &&
    pythons.every(({ shown }) => shown.unsaved === 0 && shown.text === ownText());
  try {
    await until(isAgreed, 'all to agree');
  } catch (cause) {
    const found = {
      own: ownText(),
      pythons: pythons.map(({ shown, complaints }) => ({ shown, complaints })),
    };
    throw new Error(`they don't agree: ${JSON.stringify(found)}`, { cause });
  }
}

describe('a client in Python', () => {
  test('[LANG1] two of them and our provider type at once, and all show the same', async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    const random = seededRandom(seed);
    const word = (): string => WORDS[between(random, 0, WORDS.length - 1)] ?? '';
    try {
      for (let round = 0; round < 8; round++) {
        // Nobody waits for anybody: places in a text that has changed meanwhile are places all the same.
        for (let edit = 0; edit < 6; edit++) {
          for (const python of pythons) python.insert(between(random, 0, 3), word());
          const text = provider.doc.getText('text');
          text.insert(between(random, 0, Math.min(2, text.length)), word());
        }
        await agreed();
        // At the end, where no pair of units is torn: half of one is another character for everybody else.
        pythons[0]?.insert(ownText().length, 'end');
        await agreed();
        pythons[1]?.delete(ownText().length - 3, 2);
        await agreed();
      }
    } catch (cause) {
      const again = `SEED=${seed} npx jest tests/conformance/python-client.test.ts`;
      throw new Error(`seed ${seed} fails; again with: ${again}`, { cause });
    }
    expect(pythons.map(({ complaints }) => complaints)).toEqual(['', '']);
  });

  test('[LANG2] after kill -9 of the server it comes back and delivers what was typed meanwhile', async () => {
    const [python] = pythons;
    python?.insert(0, 'before ');
    await until(() => python?.shown.unsaved === 0 && python.shown.text === 'before ', 'the first words');
    await server.kill();
    python?.insert(7, 'while it was away');
    await until(() => python?.shown.unsaved === 1, 'an unsaved change');
    await server.start();
    await agreed();
    expect(ownText()).toBe('before while it was away');
  });
});
