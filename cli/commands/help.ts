import { suggestion } from '../../tools/command-line/nearest.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command } from '../command.js';
import type { LoadAll } from '../command-list.js';
import { commandHelp, overview } from '../help.js';
import { pageFor } from '../page.js';

export function help(loadAll: LoadAll): Command {
  return {
    name: 'help',
    summary: 'Tell about all commands, or about one.',
    synopsis: '[COMMAND]',
    description: 'Prints what coscribe --help prints, or coscribe COMMAND --help.',
    options: [],
    examples: [{ line: 'coscribe help token', does: 'tells how to make tokens' }],
    exitCodes: {},
    async run(argv, io) {
      const { operands } = readArguments([], argv, { name: 'COMMAND', max: 1 });
      const [name] = operands;
      const all = await loadAll();
      io.stdout.write(`${name === undefined ? overview(all, pageFor(io)) : about(name, all)}\n`);
      return 0;

      function about(wanted: string, listed: typeof all): string {
        const found = listed.find(({ command }) => command.name === wanted);
        if (found !== undefined) return commandHelp(found.command, pageFor(io));
        const names = listed.map(({ command }) => command.name);
        throw new UsageError(
          `"${wanted}" is no command${suggestion(wanted, names) || '.'} coscribe --help lists them.`,
        );
      }
    },
  };
}
