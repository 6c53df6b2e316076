import { readStoreAddress } from '../../server/storage/store-address.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command, OptionHelp } from '../command.js';

const OPTIONS = [
  {
    name: 'from',
    value: 'SOURCE',
    help: 'sqlite:FILE, postgres://…, leveldb:DIR (of y-websocket or y-socket.io), hocuspocus-sqlite:FILE, or file:PATH of a file with that in it.',
  },
  {
    name: 'to',
    value: 'STORE',
    help: 'sqlite:FILE or postgres://…, made if it is not there; or file:PATH of a file with that in it.',
  },
  {
    name: 'merge',
    help: 'The target may have documents: those that it has stay as they are, and are named.',
  },
  {
    name: 'document',
    value: 'ID',
    help: 'Only this document, to bring it back from a backup: workspace/name.',
  },
  {
    name: 'workspace',
    value: 'NAME',
    help: "The workspace for another server's documents. Default: default.",
  },
  {
    name: 'refused',
    value: 'DIR',
    help: "The folder for another server's documents that are refused, as Yjs updates. Default: ./coscribe-refused.",
  },
  { name: 'dry-run', help: 'Say what would be done, and write nothing.' },
  { name: 'json', help: 'Write one JSON object with what became of each document.' },
] as const satisfies readonly OptionHelp[];

export const migrate: Command = {
  name: 'migrate',
  summary: 'Take documents into another store, or over from another server.',
  synopsis: '--from SOURCE --to STORE [options]',
  description: `Between SQLite and PostgreSQL everything comes along: logs, snapshots, who wrote what, links, earlier names, deleted documents. Pages that are open go on with the new store as if nothing had happened; stop the servers first: a store that is in use is refused, because edits that are made meanwhile would stay behind. A backup is restored like that, too.

From the LevelDB of y-websocket and from Hocuspocus' SQLite each document comes as one state, through the same checks as every edit. What is refused is named, and written to a folder. Names that Coscribe's do not allow are written in another way, and listed.

Each document comes whole or not at all. What was interrupted goes on when the same command is given again; until it is done, no server starts with the target.

A password is best in a file (file:PATH), or in PGPASSWORD: what stands on the line can be seen by others.`,
  options: OPTIONS,
  examples: [
    {
      line: 'coscribe migrate --from sqlite:data/coscribe.db --to postgres://coscribe@db/coscribe',
      does: 'from one node to several',
    },
    {
      line: 'coscribe migrate --from leveldb:./yjs-data --to sqlite:data/coscribe.db --dry-run',
      does: 'what would come from y-websocket',
    },
    {
      line: 'coscribe migrate --from sqlite:backup.db --to sqlite:data/coscribe.db --merge --document acme/notes',
      does: 'brings one document back that was set aside, or erased',
    },
  ],
  exitCodes: { 1: 'some documents were not taken along: the output says which', 130: 'interrupted' },
  async run(argv, io) {
    const { values } = readArguments(OPTIONS, argv);
    if (values.from === undefined) throw new UsageError('Say where from: --from SOURCE.');
    if (values.to === undefined) throw new UsageError('Say where to: --to STORE.');
    const from = readStoreAddress(values.from);
    const to = readStoreAddress(values.to);
    if (from === to) throw new UsageError('--from and --to are the same store.');
    if (values.document !== undefined && !values.merge) throw new UsageError('--document goes with --merge.');
    const { runMigrate } = await import('../stores/run-migrate.js');
    return await runMigrate({ ...values, from, to, dryRun: values['dry-run'] }, io);
  },
};
