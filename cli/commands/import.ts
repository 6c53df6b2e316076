import type { ImportResult } from '../../server/http/archive/import-workspace.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { checkWorkspace, HOME_OPTIONS, openHome } from '../archive/home-options.js';
import type { Command, CommandIo, OptionHelp } from '../command.js';
import { unlessAborted } from '../unless-aborted.js';

const OPTIONS = [
  ...HOME_OPTIONS,
  {
    name: 'existing',
    value: 'CHOICE',
    choices: ['skip', 'fail'],
    help: 'What to do with documents that are there already: leave them alone (default), or then import nothing at all.',
  },
  {
    name: 'links',
    help: 'With --store: make a link for the owner of each document, as a server with --auth links does.',
  },
  { name: 'json', help: 'Print what became of each document as JSON.' },
] as const satisfies readonly OptionHelp[];

export const importing: Command = {
  name: 'import',
  summary: 'Bring a workspace: make documents of a zip archive.',
  synopsis: '(--url URL | --store STORE) [options] WORKSPACE FILE',
  description: `Makes documents of an archive that coscribe export has written, or another program. - stands for standard input. It never changes a document that is there, and may be repeated: what was made the first time is skipped.

Where documents are opened by links, each new one is printed with a link for its owner; it is shown this once.`,
  options: OPTIONS,
  examples: [
    {
      line: 'coscribe import --url http://localhost:8080 copy acme.zip',
      does: 'the same documents, in another workspace',
    },
    {
      line: 'COSCRIBE_TOKEN=$(coscribe token --user ann -a editor) coscribe import --url … acme acme.zip',
      does: 'as somebody',
    },
  ],
  exitCodes: { 1: 'some documents could not be made; the others are there', 130: 'interrupted' },
  async run(argv, io) {
    const { values, operands } = readArguments(OPTIONS, argv, { name: 'WORKSPACE and FILE', min: 2, max: 2 });
    const [first = '', file = ''] = operands;
    const workspace = checkWorkspace(first);
    const { ArchiveFile } = await import('../archive/archive-file.js');
    const archive = await ArchiveFile.open(file, io.stdin);
    let results: readonly ImportResult[];
    try {
      const home = await openHome(values, { links: values.links, mayCreate: true }, io);
      try {
        const existing = values.existing === 'fail' ? 'fail' : 'skip';
        results = await unlessAborted(io.signal, home.import(workspace, archive, existing));
      } finally {
        await home.close();
      }
    } finally {
      await archive.close();
    }
    if (values.json) io.stdout.write(`${JSON.stringify({ documents: results }, null, 2)}\n`);
    else tell(results, workspace, values.url ?? '', io);
    return results.some(({ result }) => result === 'failed') ? 1 : 0;
  },
};

function tell(
  results: readonly ImportResult[],
  workspace: string,
  url: string,
  { stdout, stderr }: Pick<CommandIo, 'stdout' | 'stderr'>,
): void {
  for (const { name, result, detail, link } of results) {
    if (result === 'failed') stderr.write(`${workspace}/${name} could not be made: ${detail}\n`);
    if (link !== undefined) stdout.write(`${workspace}/${name}  ${url.replace(/\/$/, '')}${link.path}\n`);
  }
  const count = (wanted: string): number => results.filter(({ result }) => result === wanted).length;
  stdout.write(
    `${workspace}: ${count('created')} created, ${count('skipped')} skipped, ${count('failed')} failed\n`,
  );
}
