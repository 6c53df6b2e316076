import { readCount } from '../../tools/command-line/quantities.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command, OptionHelp } from '../command.js';
import { STORE_OPTION, storeOf } from '../store-option.js';

const OPTIONS = [
  STORE_OPTION,
  {
    name: 'to',
    value: 'FILE',
    help: 'The backup: a SQLite file that is a store itself. It must not be there yet.',
  },
  {
    name: 'keep',
    value: 'N',
    help: 'Put the time into the name of FILE, and remove all but the N newest backups of that name.',
  },
  { name: 'no-verify', help: 'Do not check the backup after it is written.' },
  { name: 'json', help: 'Write one JSON object with what was done.' },
] as const satisfies readonly OptionHelp[];

export const backup: Command = {
  name: 'backup',
  summary: 'Make a backup of a store, while servers use it.',
  synopsis: '[--store STORE] --to FILE [options]',
  description: `Writes everything that a store keeps into one file, as it is at one moment: every edit that was confirmed before the command began is in it. Nobody's edit waits for that. Documents, deleted ones too, who wrote what, links, and what tokens were voided: all of it.

The file is a store: to look into a backup, or to go on with it, start a server with it. To restore into PostgreSQL, or to bring single documents back, use coscribe migrate.

It is checked like coscribe verify does it, and gets its name when all of it is on disk. What is interrupted leaves nothing.`,
  options: OPTIONS,
  examples: [
    { line: 'coscribe backup --to backups/coscribe.db --keep 7', does: 'every night, for a week' },
    {
      line: 'coscribe backup --store postgres://coscribe@db/coscribe --to coscribe.db',
      does: 'a database as one file',
    },
    { line: 'coscribe start --store sqlite:coscribe.db --port 9000', does: 'looks into a backup' },
  ],
  exitCodes: {
    1: 'the backup was made, but something in the store is damaged: the output says what',
    130: 'interrupted; nothing was written',
  },
  async run(argv, io) {
    const { values } = readArguments(OPTIONS, argv);
    if (values.to === undefined || values.to === '') throw new UsageError('Say where to: --to FILE.');
    const keep = values.keep === undefined ? undefined : readCount('--keep', values.keep, 1, 10_000);
    const store = storeOf(values.store, io.env);
    const { runBackup } = await import('../stores/run-backup.js');
    return await runBackup(
      { store, to: values.to, keep, verify: !values['no-verify'], json: values.json },
      io,
    );
  },
};
