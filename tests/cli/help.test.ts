import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Command } from '../../cli/command.js';
import { COMMANDS, loadAll } from '../../cli/commands.js';
import { GROUPS } from '../../cli/groups.js';
import { written } from '../../cli/help.js';
import { OPTIONS } from '../../server/config/options.js';
import { type CommandInput, runInProcess } from '../support/command-run.js';

const ESCAPE = '\u001b[';

async function helpOf(argv: readonly string[], input: CommandInput = {}): Promise<string> {
  const { code, stdout, stderr } = await runInProcess(argv, input);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

async function eachCommand(check: (command: Command) => void | Promise<void>): Promise<void> {
  for (const { command } of await loadAll()) await check(command);
}

describe('coscribe --help', () => {
  test('[CLI2] every command has its line, in groups, with first uses', async () => {
    const text = await helpOf(['--help'], { columns: 200 });
    const groups = Object.values(GROUPS).map((title) => text.indexOf(title));
    expect(groups.filter((at) => at >= 0)).toEqual([...groups].filter((at) => at >= 0).sort((a, b) => a - b));
    await eachCommand(({ name, summary }) => {
      expect(text).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(text.replace(/\s+/g, ' ')).toContain(`${name} ${summary}`);
      expect(summary).toMatch(/^[A-Z].*\.$/);
    });
    expect(text.match(/^ {2}coscribe/gm)).toHaveLength(3);
    expect(await helpOf(['help'], { columns: 200 })).toBe(text);
    expect(await helpOf(['-h'], { columns: 200 })).toBe(text);
  });

  test('[CLI2] the table of commands calls each what it calls itself', async () => {
    const loaded = await loadAll();
    expect(loaded.map(({ command }) => command.name)).toEqual(COMMANDS.map(({ name }) => name));
  });

  test('[CLI2] each command tells what it does, its options, its exit codes and examples', async () => {
    await eachCommand(async (command) => {
      const text = await helpOf([command.name, '--help']);
      expect(text).toContain(`Usage: coscribe ${command.name}`);
      for (const option of command.options) expect(text).toContain(`  ${written(option)}`);
      for (const code of [0, ...Object.keys(command.exitCodes), 2])
        expect(text).toMatch(new RegExp(`^  ${code} `, 'm'));
      for (const { line } of command.examples) expect(text).toContain(`  ${line}`);
      expect(await helpOf(['help', command.name])).toBe(text);
    });
  });

  test('[CLI2] start has all options of the server, with their variables and defaults', async () => {
    const text = (await helpOf(['--port', '1', '--help'])).replace(/\s+/g, ' ');
    for (const { flag, placeholder, sentence, env } of Object.values(OPTIONS))
      expect(text).toContain(`--${flag} ${placeholder} ${sentence} ${env}, `);
  });

  test.each([40, 80, 120])(
    '[CLI2] on a terminal of %d columns no line is longer, but for what cannot be broken',
    async (columns) => {
      await eachCommand(async ({ name, examples }) => {
        const whole = new Set(examples.map(({ line }) => `  ${line}`));
        const text = stripVTControlCharacters(await helpOf([name, '--help'], { columns }));
        const long = text.split('\n').filter((line) => line.length > columns && !whole.has(line));
        // A single word, such as an address, stands alone.
        expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
      });
    },
  );

  test('[CLI5] colours are for terminals, and not where NO_COLOR is set', async () => {
    expect(await helpOf(['--help'], { columns: 80 })).toContain(ESCAPE);
    expect(await helpOf(['--help'])).not.toContain(ESCAPE);
    expect(await helpOf(['--help'], { columns: 80, env: { NO_COLOR: '1' } })).not.toContain(ESCAPE);
    expect(await helpOf(['--help'], { columns: 80, env: { TERM: 'dumb' } })).not.toContain(ESCAPE);
  });
});

describe('the table that help, completion and parser go by', () => {
  test('[CLI4] every option has a name of its own and a sentence', async () => {
    await eachCommand(({ name: command, options }) => {
      const names = options.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [short])]);
      expect([command, new Set(names).size]).toEqual([command, names.length]);
      for (const { name, help } of options) {
        expect(name).toMatch(/^[a-z][a-z0-9-]+$/);
        expect([command, name, help]).toEqual([command, name, expect.stringMatching(/^\S[\s\S]*[.)]$/)]);
      }
    });
  });

  test('[CLI4] examples use options that there are', async () => {
    const names = new Set(COMMANDS.map(({ name }) => name));
    const all = new Map((await loadAll()).map(({ command }) => [command.name, command]));
    await eachCommand(({ examples }) => {
      for (const { line } of examples) {
        for (const [, word = '', rest = ''] of line.matchAll(/\bcoscribe(?: +([a-z]+))?((?: [^|;)]*)?)/g)) {
          const command = names.has(word) ? all.get(word) : all.get('start');
          const flags = [...rest.matchAll(/(?<= )--([a-z][a-z-]*)/g)].map(([, flag]) => flag);
          const known = [...(command?.options ?? []).map(({ name }) => name), 'help', 'version'];
          expect([line, flags.filter((flag) => !known.includes(flag ?? ''))]).toEqual([line, []]);
        }
      }
    });
  });
});
