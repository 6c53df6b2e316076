import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EDITORS } from '../support/example-editors.js';
import { settled, Writer } from '../support/example-writer.js';
import { useExamples } from '../support/examples.js';
import { ROOT } from '../support/project-files.js';

const examples = useExamples();

describe.each(Object.entries(EDITORS))('%s', (name, editor) => {
  test('[EX1] [EX2] [EX3] [EX4] two people write at once, see each other, undo their own, and one is offline meanwhile', async () => {
    const document = `test/${name}`;
    const server = examples.follow(document);
    const [ada, grace] = await Promise.all(
      ['Ada', 'Grace'].map(
        async (who) => new Writer(await examples.open(name, { document, name: who }), editor),
      ),
    );
    if (ada === undefined || grace === undefined) throw new Error('nobody came');
    const all = (text: string): Promise<void> => settled([ada, grace], server, editor, text);

    await grace.standsAt('End');
    await grace.types('Hello world');
    await all('Hello world');
    await ada.standsAt('Home');
    await Promise.all([ada.types('one '), grace.types(' two')]);
    await all('one Hello world two');
    await ada.seesFlagOf('Grace');
    await grace.seesFlagOf('Ada');

    await ada.pressesOften('Control+z');
    await all('Hello world two');
    await ada.pressesOften('Control+Shift+Z');
    await all('one Hello world two');

    await ada.goesOffline(true);
    await ada.standsAt('Home');
    await Promise.all([ada.types('alone '), grace.types(' together')]);
    await ada.sees('Offline, ');
    await grace.sees('Saved');
    await ada.goesOffline(false);
    await all('alone one Hello world two together');
    await ada.sees('Saved');
  });
});

test('[EX5] the gallery leads to every example', async () => {
  const page = await examples.visit('');
  const links = await page
    .locator('.gallery a')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href')));
  expect(links).toEqual(expect.arrayContaining(Object.keys(EDITORS).map((name) => `./${name}/`)));
});

test('[EX6] the examples pass the type checker', () => {
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(compiler, ['-p', 'examples'], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
