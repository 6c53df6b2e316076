import { suggestion } from '../../tools/command-line/nearest.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command } from '../command.js';
import type { LoadAll } from '../command-list.js';
import type { Vocabulary } from '../completion/words.js';

const SHELLS: Readonly<Record<string, () => Promise<(words: Vocabulary) => string>>> = {
  bash: async () => (await import('../completion/bash.js')).bashCompletion,
  zsh: async () => (await import('../completion/zsh.js')).zshCompletion,
  fish: async () => (await import('../completion/fish.js')).fishCompletion,
};

export function completion(loadAll: LoadAll): Command {
  return {
    name: 'completion',
    summary: 'Print what makes a shell complete commands, options and files.',
    synopsis: 'bash | zsh | fish',
    description: `Prints a script for one's shell, made of the same table as this help. The shell then completes commands, options, the values of options that have only a few, and names of files.`,
    options: [],
    examples: [
      {
        line: `echo 'eval "$(coscribe completion bash)"' >> ~/.bashrc`,
        does: 'bash, from the next shell on',
      },
      { line: `echo 'eval "$(coscribe completion zsh)"' >> ~/.zshrc`, does: 'zsh; after compinit' },
      { line: 'coscribe completion fish > ~/.config/fish/completions/coscribe.fish', does: 'fish' },
    ],
    exitCodes: {},
    async run(argv, io) {
      const { operands } = readArguments([], argv, { name: 'The shell (bash, zsh or fish)', min: 1, max: 1 });
      const [shell = ''] = operands;
      const load = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (load === undefined)
        throw new UsageError(
          `There is completion for bash, zsh and fish, not for "${shell}"${suggestion(shell, Object.keys(SHELLS)) || '.'}`,
        );
      const [script, listed] = await Promise.all([load(), loadAll()]);
      const commands = listed.map(({ command }) => command);
      const bare = commands.find(({ name }) => name === 'start');
      if (bare === undefined) throw new Error('there is no command "start"');
      io.stdout.write(`${script({ commands, bare })}\n`);
      return 0;
    },
  };
}
