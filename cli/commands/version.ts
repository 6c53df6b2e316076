import { findInstallation } from '../../server/config/installation.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import type { Command } from '../command.js';

export const version: Command = {
  name: 'version',
  summary: 'Print the version.',
  synopsis: '',
  description: 'Prints the version of Coscribe; so does coscribe --version.',
  options: [],
  examples: [],
  exitCodes: {},
  async run(argv, { stdout }) {
    readArguments([], argv);
    stdout.write(`${findInstallation().version}\n`);
    return 0;
  },
};
