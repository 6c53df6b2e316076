import { readStoreAddress } from '../../server/storage/store-address.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command, OptionHelp } from '../command.js';
import { STORE_OPTION, storeOf } from '../store-option.js';

const OPTIONS = [
  STORE_OPTION,
  { name: 'document', value: 'ID', help: 'Look only at this document: workspace/name.' },
  {
    name: 'repair',
    help: 'Write everything that is whole, or can be made whole without losing an edit, into a new store; keep the damaged one beside it. No server may use the store meanwhile.',
  },
  {
    name: 'to',
    value: 'STORE',
    help: 'With --repair: the empty store to write to, or file:PATH of a file with its address in it. Needed for PostgreSQL; for a file, the new one takes its place by default.',
  },
  {
    name: 'quarantine',
    value: 'DIR',
    help: 'With --repair: the folder for what cannot be made whole. Default: beside the file, with the time in its name.',
  },
  {
    name: 'forget',
    value: 'ID',
    help: 'Free the name of a document that was set aside and is not wanted back; "all" of all such. No server may use a SQLite file meanwhile.',
  },
  {
    name: 'scratch',
    value: 'DIR',
    help: 'Where a SQLite file is copied to, to be looked at. Default: the folder of temporary files.',
  },
  { name: 'json', help: 'Write one JSON object with everything that was found.' },
] as const satisfies readonly OptionHelp[];

export const verify: Command = {
  name: 'verify',
  summary: 'Check every document in a store, and repair what can be.',
  synopsis: '[--store STORE] [options]',
  description: `Looks at everything that a store keeps: that each log is whole and without gaps, that every row, snapshot, link and receipt has the checksum that it was written with, that each snapshot loads, has the right index, and is what the log makes, that nothing is missing and nothing belongs to nobody. Of a SQLite file also the pages and tables.

Without --repair and --forget it changes nothing, and works while servers use the store: a SQLite file is copied first (that needs as much room), a PostgreSQL database is read in one transaction.

Each finding says what is wrong, what follows from it, and what to do. A document that --repair has set aside is told of until it is brought back or forgotten.`,
  options: OPTIONS,
  examples: [
    { line: 'coscribe verify', does: 'checks ./data/coscribe.db' },
    { line: 'coscribe verify --store postgres://coscribe@db/coscribe --json', does: 'for a nightly job' },
    {
      line: 'coscribe verify --store sqlite:data/coscribe.db --repair',
      does: 'after the server was stopped',
    },
  ],
  exitCodes: {
    1: 'damage was found, or documents are set aside; after --repair: something could not be taken along',
    130: 'interrupted',
  },
  async run(argv, io) {
    const { values } = readArguments(OPTIONS, argv);
    if (!values.repair && (values.to ?? values.quarantine) !== undefined)
      throw new UsageError('--to and --quarantine go with --repair.');
    if (values.repair && values.document !== undefined)
      throw new UsageError('--repair is for the whole store: leave --document out.');
    if (values.forget !== undefined && (values.repair || values.document !== undefined))
      throw new UsageError('--forget goes without --repair and --document.');
    const store = storeOf(values.store, io.env);
    const { runVerify } = await import('../stores/run-verify.js');
    const to = values.to === undefined ? undefined : readStoreAddress(values.to);
    return await runVerify({ ...values, store, to }, io);
  },
};
